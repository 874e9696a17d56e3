// What a session may believe of a master: what a sample covers, and when something it has seen may be gone.
using ClusterClient.Connections;
using ClusterClient.Routing.Freshness;
using ClusterClient.UnitTests.Connections;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing.Freshness;

public class SessionShardTests
{
    private static readonly NodeEndpoint s_master = new("127.0.0.1", 7000);

    private static ReplicationInfo Master(string id, long offset, string second = "", long secondOffset = -1)
        => new(IsMaster: true, IsLinkUp: true) { Id = id, Offset = offset, SecondId = second, SecondOffset = secondOffset };

    private static ReplicationInfo Replica(string id, long offset, bool isLinkUp = true) => new(IsMaster: false, isLinkUp) { Id = id, Offset = offset };

    [Fact]
    public void A_replica_has_reached_a_point_only_in_the_same_history_and_with_its_link_up()
    {
        FreshPoint point = new("h", 100);
        Assert.True(point.IsReachedBy(Replica("h", 100)));
        Assert.False(point.IsReachedBy(Replica("h", 99)));
        Assert.False(point.IsReachedBy(Replica("g", 1000)));
        Assert.False(point.IsReachedBy(Replica("h", 100, isLinkUp: false)));
        Assert.False(point.IsReachedBy(Master("h", 100)));
        Assert.False(new FreshPoint(string.Empty, 0).IsReachedBy(Replica(string.Empty, 5)));
    }

    [Theory]
    [InlineData(99, true)]
    [InlineData(100, false)]
    public void A_promoted_master_holds_what_came_before_the_place_where_it_went_on(long offset, bool holds)
        => Assert.Equal(holds, Master("new", 500, "old", 100).Holds("old", offset));

    [Fact]
    public async Task A_sample_counts_only_if_nothing_has_happened_since_it_was_asked_for()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        Connection on = node.Node.Current!;
        SessionShard shard = new(s_master, null);
        Assert.True(shard.IsSampled);
        shard.Begin();
        Assert.False(shard.IsSampled);
        shard.End();
        shard.Answered(on);
        Assert.False(shard.IsSampled);
        long asked = shard.Generation;
        shard.Begin();
        shard.Sampled(Master("h", 10), on, asked);
        Assert.False(shard.IsSampled);
        shard.End();
        shard.Sampled(Master("h", 10), on, shard.Generation);
        Assert.True(shard.IsSampled);
        Assert.Equal(new FreshPoint("h", 10), shard.Point);
    }

    [Fact]
    public async Task What_was_sampled_may_be_missing_from_another_history()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        await using NodeHarness again = await new NodeHarness(server).ConnectedAsync();
        (Connection on, Connection other) = (node.Node.Current!, again.Node.Current!);
        SessionShard shard = new(s_master, null);
        shard.Answered(on);
        Assert.False(shard.MayMiss(Master("h", 10), on));
        shard.Sampled(Master("h", 10), on, shard.Generation);
        Assert.False(shard.MayMiss(Master("h", 10), other));
        Assert.True(shard.MayMiss(Master("h", 9), other));
        Assert.True(shard.MayMiss(Master("g", 50), other));
        Assert.False(shard.MayMiss(Master("g", 50, "h", 11), other));
        Assert.True(shard.MayMiss(Master("g", 50, "h", 10), other));

        // A first replica attached: a new history of the same process, which continues none.
        Assert.False(shard.MayMiss(Master("g", 50, new string('0', 40)), on));
        Assert.True(shard.MayMiss(Master("g", 50, new string('0', 40)), other));
    }

    [Fact]
    public async Task What_was_not_sampled_is_safe_only_with_the_process_that_answered_it()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        await using NodeHarness again = await new NodeHarness(server).ConnectedAsync();
        (Connection on, Connection other) = (node.Node.Current!, again.Node.Current!);
        SessionShard shard = new(s_master, "h");
        shard.Answered(on);
        Assert.False(shard.MayMiss(Master("g", 50), on));
        Assert.False(shard.MayMiss(Master("h", 50), other)); // in the same history before and after
        Assert.True(shard.MayMiss(Master("g", 50), other));
        shard.Answered(other);
        Assert.True(shard.MayMiss(Master("g", 50), other)); // the earlier answer came on another connection

        SessionShard heir = new(new("127.0.0.1", 7001), null);
        heir.Inherit(shard);
        heir.Answered(other);
        Assert.True(heir.MayMiss(Master("g", 50, "h", 40), other));
    }

    [Fact]
    public async Task An_heir_that_goes_on_from_behind_the_point_has_all_of_it()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        Connection on = node.Node.Current!;
        SessionShard gone = new(s_master, null);
        gone.Answered(on);
        gone.Sampled(Master("old", 10), on, gone.Generation);
        SessionShard heir = new(new("127.0.0.1", 7001), null);
        heir.Inherit(gone);
        heir.Answered(on);
        Assert.False(heir.MayMiss(Master("new", 50, "old", 40), on));
        Assert.True(heir.MayMiss(Master("new", 50, "old", 10), on));
        Assert.True(heir.MayMiss(Master("new", 50), on));
    }

    [Fact]
    public async Task What_a_replica_showed_must_be_in_the_history_of_the_next_master()
    {
        await using FakeServer server = new();
        server.On("INFO", FakeAnswer.Bulk("role:slave\r\nmaster_link_status:up\r\nmaster_replid:h\r\nslave_repl_offset:70\r\n"));
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        Connection on = node.Node.Current!;
        Assert.Equal(new ReplicationInfo(false, true) { Id = "h", Offset = 70 }, (await Until.EndsAsync(on.Sampler.SampleAsync())).Info);
        SessionShard shard = new(s_master, null);
        Assert.True(shard.IsCovered);
        shard.ReadsOn(on);
        Assert.False(shard.IsCovered); // a token taken now must say how far the replica may have been
        Assert.True(shard.IsSampled);
        Assert.False(shard.MayMiss(Master("h", 80), on));
        Assert.True(shard.MayMiss(Master("g", 80, "h", 60), on));
        SessionShard heir = new(new("127.0.0.1", 7001), null);
        heir.Inherit(shard);
        Assert.True(heir.MayMiss(Master("h", 80), on));
        shard.Sampled(Master("h", 80), on, shard.Generation);
        Assert.True(shard.IsCovered);
        SessionShard next = new(new("127.0.0.1", 7002), null);
        next.Inherit(shard);
        Assert.False(next.MayMiss(Master("g", 90, "h", 81), on));
    }
}
