// Scans of deployments that do not come to rest: they wait, say why they give up, and go on later.
using System.Globalization;
using ClusterClient.UnitTests.Fakes;
using static ClusterClient.UnitTests.Scanning.ScanHarness;

namespace ClusterClient.UnitTests.Scanning;

public class ScanTroubleTests
{
    [Fact]
    public async Task A_dead_master_without_an_heir_ends_the_scan_with_what_is_missing_and_a_cursor_to_go_on()
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 3);
        HashSet<string> keys = Fill(cluster, 300);
        await using RedisClient redis = await cluster.ConnectAsync(options => options.CommandTimeout = TimeSpan.FromMilliseconds(200));
        cluster[1].Server.GoDown();
        KeyScan scan = redis.ScanAsync();
        scan.Patience = TimeSpan.FromMilliseconds(300);
        List<string> seen = [];
        ScanInterruptedException failure = await Until.FailsAsync<ScanInterruptedException>(CollectAsync(scan, seen));
        Assert.Contains(cluster[1].Server.Name, failure.Message, StringComparison.Ordinal);
        Assert.Contains("5462-10922", failure.Message, StringComparison.Ordinal);
        Assert.Equal(keys.Count(key => cluster.OwnerOf(key) != cluster[1]), seen.Count);
        cluster[1].Server.ListenAgain();
        AssertAll(keys, [.. seen, .. await RunAsync(redis.ScanAsync(cursor: ScanCursor.Parse(failure.Cursor.ToString())))]);
    }

    [Fact]
    public async Task A_topology_that_cannot_be_asked_ends_the_scan_when_its_patience_is_over()
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 2);
        HashSet<string> keys = Fill(cluster, 200);
        await using RedisClient redis = await cluster.ConnectAsync();
        Func<int> refusals = RefuseSlots(cluster, int.MaxValue);
        KeyScan scan = redis.ScanAsync(count: 20);
        scan.Patience = TimeSpan.FromMilliseconds(300);
        List<string> seen = [];
        ScanInterruptedException failure = await Until.FailsAsync<ScanInterruptedException>(CollectAsync(scan, seen));
        Assert.NotNull(failure.InnerException);

        // Every key had come; that each slot had been where it was walked was still to be confirmed. It paused between its questions.
        AssertAll(keys, seen);
        Assert.InRange(refusals(), 2, 300);
        foreach (FakeNode node in cluster.Nodes) node.Server.ClearRules();
        AssertAll(keys, [.. seen, .. await RunAsync(redis.ScanAsync(cursor: ScanCursor.Parse(failure.Cursor.ToString())))]);
    }

    [Fact]
    public async Task A_topology_that_cannot_be_asked_for_a_while_is_waited_for()
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 2);
        HashSet<string> keys = Fill(cluster, 200);
        await using RedisClient redis = await cluster.ConnectAsync();
        Func<int> refusals = RefuseSlots(cluster, 12);
        AssertAll(keys, await RunAsync(redis.ScanAsync(count: 20)));
        Assert.True(refusals() > 12);
    }

    [Fact]
    public async Task A_server_that_refuses_is_heard_at_once()
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 2);
        foreach (FakeNode node in cluster.Nodes) node.Server.On("INFO", FakeAnswer.Error("NOPERM User app has no permissions to run the 'info' command"));
        await using RedisClient redis = await cluster.ConnectAsync();
        RedisServerException refused = await Until.FailsAsync<RedisServerException>(CollectAsync(redis.ScanAsync(), []));
        Assert.Equal("NOPERM", refused.Code);
    }

    [Fact]
    public async Task A_server_that_is_loading_is_waited_for()
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 2);
        HashSet<string> keys = Fill(cluster, 100);
        FakeAnswer loading = FakeAnswer.Error("LOADING Redis is loading the dataset in memory");
        cluster[1].Server.Once("SCAN", loading, loading, loading);
        await using RedisClient redis = await cluster.ConnectAsync();
        Assert.Equal(keys.Order(), (await RunAsync(redis.ScanAsync())).Order());
    }

    [Fact]
    public async Task A_scan_is_cancelled_while_it_waits()
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 2);
        BeginMove(cluster, 5, cluster[1]);
        await using RedisClient redis = await cluster.ConnectAsync();
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Until.EndsAsync(CollectAsync(redis.ScanAsync(), [], stop.Token)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Whatever_happens_every_key_is_seen_and_the_scan_ends(int seed)
    {
        Random random = new(seed);
        await using FakeCluster cluster = FakeCluster.Start(masters: 4, replicasPerMaster: 2);
        HashSet<string> keys = Fill(cluster, 1500);
        List<int> open = [];
        await using RedisClient redis = await cluster.ConnectAsync(options => options.CommandTimeout = TimeSpan.FromSeconds(2));
        List<(int, Action)> events = [];
        for (int after = 20; after < 1400; after += random.Next(20, 120))
        {
            int kind = random.Next(6);
            events.Add((after, () => Disturb(cluster, random, kind, open)));
        }

        // Whatever was begun is ended some time, or nobody could.
        events.Add((1450, () => open.ForEach(slot => EndMove(cluster, slot))));
        List<string> seen = [];
        KeyScan scan = redis.ScanAsync(count: 25);
        seen.AddRange(await RunAsync(scan, [.. events]));
        AssertAll(keys, seen);
    }

    /// <summary>The next so many questions for the slots are refused. Gives how many were asked.</summary>
    private static Func<int> RefuseSlots(FakeCluster cluster, int count)
    {
        int asked = 0;
        foreach (FakeNode node in cluster.Nodes)
        {
            node.Server.On("CLUSTER", command => command.Subcommand == "SLOTS" && Interlocked.Increment(ref asked) <= count
                ? FakeAnswer.Error("LOADING Redis is loading the dataset in memory") : null);
        }

        return () => Volatile.Read(ref asked);
    }

    private static void Disturb(FakeCluster cluster, Random random, int kind, List<int> open)
    {
        FakeNode[] alive = [.. cluster.Masters.Where(static node => !node.IsFailed)];
        FakeNode one = alive[random.Next(alive.Length)], other = alive[random.Next(alive.Length)];
        int first = random.Next(HashSlot.Count - 800);
        switch (kind)
        {
            case 0 or 1:
                cluster.Move([.. Enumerable.Range(first, 400).Where(slot => !cluster.Truth.OwnerOf(slot)!.Migrating.ContainsKey(slot))], one);
                break;
            case 2:
                for (int slot = first; slot < first + 800; slot += 40)
                {
                    if (open.Contains(slot) || cluster.Truth.OwnerOf(slot) == one) continue;
                    BeginMove(cluster, slot, one);
                    open.Add(slot);
                }

                break;
            case 3:
                open.ForEach(slot => EndMove(cluster, slot));
                open.Clear();
                break;
            case 4:
                one.Server.Restart();
                if (other != one) other.Server.CloseAll();
                break;
            default:
                if (!one.Migrating.IsEmpty || !one.Importing.IsEmpty || cluster.Nodes.All(node => node.MasterId != one.Id)) break;
                FailOver(cluster, one);
                break;
        }
    }

    private static async Task CollectAsync(KeyScan scan, List<string> seen, CancellationToken cancellationToken = default)
    {
        await foreach (RedisKey key in scan.WithCancellation(cancellationToken)) seen.Add(string.Create(CultureInfo.InvariantCulture, $"{key}"));
    }
}
