// Saved cursors: another client goes on, and what is not one is refused.
using ClusterClient.Scanning;
using ClusterClient.UnitTests.Fakes;
using static ClusterClient.UnitTests.Scanning.ScanHarness;

namespace ClusterClient.UnitTests.Scanning;

public class ScanCursorTests
{
    [Theory]
    [InlineData(50)]
    [InlineData(150)]
    [InlineData(400)]
    public async Task Another_client_goes_on_with_a_saved_cursor_and_repeats_a_page_at_the_most(int stopAfter)
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 3);
        HashSet<string> keys = Fill(cluster, 450);
        (List<string> first, string saved) = await BeginAsync(cluster, stopAfter);
        await using RedisClient second = await cluster.ConnectAsync(seed: 2);
        List<string> rest = await RunAsync(second.ScanAsync(count: 20, cursor: ScanCursor.Parse(saved)));
        AssertAll(keys, [.. first, .. rest]);

        // Nodes that were walked, but not confirmed before the cursor was saved, are walked again.
        int walkedAgain = cluster.Nodes.Sum(static node => node.Server.Of("SCAN").Count(static command => command[1] == "0")) - 3;
        Assert.InRange(first.Count + rest.Count - keys.Count, 0, 20 + (walkedAgain * 200));
        Assert.InRange(saved.Length, 1, 300);
    }

    [Fact]
    public async Task A_saved_cursor_survives_resharding_failover_and_restart_in_between()
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 3, replicasPerMaster: 1);
        HashSet<string> keys = Fill(cluster, 600);
        (List<string> seen, string saved) = await BeginAsync(cluster, 300);
        ScanTests.MoveMany(cluster, 2, 0, 2000);
        FailOver(cluster, cluster[0]);
        cluster[1].Server.Restart();
        await using RedisClient second = await cluster.ConnectAsync(seed: 2);
        AssertAll(keys, [.. seen, .. await RunAsync(second.ScanAsync(count: 20, cursor: ScanCursor.Parse(saved)))]);
    }

    [Fact]
    public async Task A_finished_cursor_gives_nothing_more()
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 2);
        Fill(cluster, 10);
        await using RedisClient redis = await cluster.ConnectAsync();
        KeyScan scan = redis.ScanAsync();
        await RunAsync(scan);
        Assert.Empty(await RunAsync(redis.ScanAsync(cursor: ScanCursor.Parse(scan.Cursor.ToString()))));
        Assert.Equal(10, (await RunAsync(scan)).Count);
    }

    [Fact]
    public async Task A_cursor_of_another_scan_is_refused_and_so_are_bad_arguments()
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 2);
        Fill(cluster, 10);
        await using RedisClient redis = await cluster.ConnectAsync();
        KeyScan scan = redis.ScanAsync("a*");
        await RunAsync(scan);
        Assert.Throws<ArgumentException>(() => redis.ScanAsync("b*", cursor: scan.Cursor));
        Assert.Throws<ArgumentException>(() => redis.ScanAsync("a*", RedisType.Hash, cursor: scan.Cursor));
        Assert.Throws<ArgumentOutOfRangeException>(() => redis.ScanAsync(count: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => redis.ScanAsync(type: RedisType.Unknown));
    }

    [Fact]
    public void A_cursor_is_text_and_back_and_every_damage_is_noticed()
    {
        SlotSet scattered = SlotSet.Of([new(0, 0), new(7, 99), new(16383, 16383)]);
        ScanState state = new(77, scattered, new("member", "process", "12", SlotSet.Of([new(100, 5000)]), ulong.MaxValue));
        string text = new ScanCursor(state).ToString();
        ScanCursor read = ScanCursor.Parse(text);
        Assert.Equal(text, read.ToString());
        Assert.Equal(state.Pass! with { Slots = read.State!.Pass!.Slots }, read.State.Pass);
        Assert.Equal(scattered.Slots(), read.State.Covered.Slots());
        Assert.Equal(new ScanCursor(state), read);
        for (int i = 0; i < text.Length; i++)
        {
            Assert.False(ScanCursor.TryParse(text[..i] + (text[i] == 'A' ? 'B' : 'A') + text[(i + 1)..], out _), $"character {i}");
            if (i > 0) Assert.False(ScanCursor.TryParse(text[..i], out _), $"the first {i}");
        }

        Assert.Throws<FormatException>(() => ScanCursor.Parse("no cursor"));
        Assert.Equal(ScanCursor.Start, ScanCursor.Parse(""));
        Assert.False(ScanCursor.Start.IsFinished);
        Assert.True(new ScanCursor(new(1, SlotSet.All, null)).IsFinished);
    }

    [Theory]
    [InlineData("{user:1}:*", "{user:1}")]
    [InlineData("cart:{7}?", "{7}")]
    [InlineData("plain", "plain")]
    [InlineData("*{user}", null)]
    [InlineData("a{b*}", null)]
    [InlineData("{}{a}*", null)]
    [InlineData("a?", null)]
    [InlineData(null, null)]
    public void A_pattern_that_names_its_hash_tag_is_of_one_slot(string? pattern, string? key)
        => Assert.Equal(key is null ? null : HashSlot.Of(key), ScanPattern.SlotOf(pattern is null ? [] : System.Text.Encoding.UTF8.GetBytes(pattern)));

    private static async Task<(List<string> Seen, string Cursor)> BeginAsync(FakeCluster cluster, int stopAfter)
    {
        await using RedisClient first = await cluster.ConnectAsync();
        KeyScan scan = first.ScanAsync(count: 20);
        List<string> seen = [];
        await foreach (RedisKey key in scan)
        {
            seen.Add(key.ToString());
            if (seen.Count == stopAfter) break;
        }

        return (seen, scan.Cursor.ToString());
    }
}
