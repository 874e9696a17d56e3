// What a session may believe of a master: what a sample covers, and when something it has seen may be gone.
using System.Diagnostics;
using ClusterClient.Connections;
using ClusterClient.Routing.Freshness;
using ClusterClient.UnitTests.Connections;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing.Freshness;

public class SessionShardTests
{
    private static readonly NodeEndpoint s_master = new("127.0.0.1", 7000);

    private readonly Histories _none = new();

    private static ReplicationInfo Master(string id, long offset, string second = "", long secondOffset = -1)
        => new(IsMaster: true, IsLinkUp: true) { Id = id, Offset = offset, SecondId = second, SecondOffset = secondOffset };

    /// <summary>What a master says now.</summary>
    private static ReplicationSample Told(ReplicationInfo info) => new(info, Stopwatch.GetTimestamp());

    /// <summary>What a session knows that was answered on a connection, and sampled there since.</summary>
    private SessionShard At(string id, long offset, Connection on)
    {
        SessionShard shard = new(s_master, null, _none);
        shard.Answered(on);
        shard.Sampled(Told(Master(id, offset)), on, shard.Generation);
        return shard;
    }

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
        await using TwoConnections two = await TwoConnections.MakeAsync();
        Connection on = two.One;
        SessionShard shard = new(s_master, null, _none);
        Assert.True(shard.IsSampled);
        shard.Begin();
        Assert.False(shard.IsSampled);
        shard.End();
        shard.Answered(on);
        Assert.False(shard.IsSampled);
        Assert.False(shard.MayMiss(Master("h", 10), on));
        long asked = shard.Generation;
        shard.Begin();
        shard.Sampled(Told(Master("h", 10)), on, asked);
        Assert.False(shard.IsSampled);
        shard.End();
        shard.Sampled(Told(Master("h", 10)), on, shard.Generation);
        Assert.True(shard.IsSampled);
        Assert.Equal(new FreshPoint("h", 10), shard.Point);
    }

    [Fact]
    public async Task What_was_sampled_may_be_missing_from_another_history()
    {
        await using TwoConnections two = await TwoConnections.MakeAsync();
        (Connection on, Connection other) = (two.One, two.Other);
        SessionShard shard = At("h", 10, on);
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
        await using TwoConnections two = await TwoConnections.MakeAsync();
        (Connection on, Connection other) = (two.One, two.Other);
        SessionShard shard = new(s_master, "h", _none);
        shard.Answered(on);
        Assert.False(shard.MayMiss(Master("g", 50), on));
        Assert.False(shard.MayMiss(Master("h", 50), other)); // in the same history before and after
        Assert.True(shard.MayMiss(Master("g", 50), other));
        shard.Answered(other);
        Assert.True(shard.MayMiss(Master("g", 50), other)); // the earlier answer came on another connection

        Assert.Equal(Succession.MayMiss, new Predecessor(shard, IsGone: true).Judge(Master("g", 50, "h", 40), other, _none));
    }

    [Fact]
    public async Task An_heir_that_goes_on_from_behind_the_point_has_all_of_it()
    {
        await using TwoConnections two = await TwoConnections.MakeAsync();
        Connection on = two.One;
        SessionShard gone = At("old", 10, on);
        Predecessor before = new(gone, IsGone: true);
        Assert.Equal(Succession.Holds, before.Judge(Master("new", 50, "old", 40), on, _none));
        Assert.Equal(Succession.MayMiss, before.Judge(Master("new", 50, "old", 10), on, _none));
        Assert.Equal(Succession.MayMiss, before.Judge(Master("new", 50), on, _none));

        // The topology may lag behind a failover; a slot that moved is none.
        Predecessor there = new(gone, IsGone: false);
        Assert.Equal(Succession.MayMiss, there.Judge(Master("new", 50, "old", 10), on, _none));
        Assert.Equal(Succession.Holds, there.Judge(Master("new", 50), on, _none));
    }

    [Fact]
    public async Task What_was_not_sampled_is_vouched_for_by_the_process_that_answered_it()
    {
        await using TwoConnections two = await TwoConnections.MakeAsync();
        (Connection on, Connection other) = (two.One, two.Other);
        ReplicationInfo heir = Master("new", 50, "old", 40);
        SessionShard gone = new(s_master, "old", _none);
        gone.Answered(on);
        Predecessor before = new(gone, IsGone: true);
        Assert.Equal((Succession.Ask, on), (before.Judge(heir, other, _none), gone.Witness));

        // It follows the heir with what it had; or does not know yet that it was replaced; or was given the heir's data, or restarted, and tells nothing.
        Assert.Equal(new FreshPoint("old", 38), Predecessor.Testimony(Replica("new", 60) with { SecondId = "old", SecondOffset = 39 }, "old"));
        Assert.Equal(new FreshPoint("old", 41), Predecessor.Testimony(Master("old", 41), "old"));
        Assert.Null(Predecessor.Testimony(Replica("new", 60), "old"));
        Assert.Null(Predecessor.Testimony(Replica("old", 1, isLinkUp: false), "old"));
        gone.CoverBy(new("old", 41));
        Assert.Equal(Succession.MayMiss, before.Judge(heir, other, _none));
        gone.CoverBy(new("old", 39));
        Assert.Equal(Succession.Holds, before.Judge(heir, other, _none));

        // Answers of two processes: neither can speak for the other.
        gone.Answered(on);
        gone.Answered(other);
        Assert.Equal((Succession.MayMiss, null), (before.Judge(heir, other, _none), gone.Witness));
    }

    [Fact]
    public void A_history_is_followed_through_several_failovers_if_each_was_told_of()
    {
        Histories histories = new();
        ReplicationInfo last = Master("c", 300, "b", 200);
        Assert.False(histories.IsHeldBy(last, "a", 50));
        histories.Note(Master("b", 120, "a", 100));
        histories.Note(Master("x", 120, "a", 60)); // somebody else went on from an earlier place
        Assert.True(histories.IsHeldBy(last, "a", 50));
        Assert.True(histories.IsHeldBy(last, "a", 99));
        Assert.False(histories.IsHeldBy(last, "a", 100));
        Assert.False(histories.IsHeldBy(Master("y", 300, "x", 200), "a", 60));
        Assert.True(histories.IsFollowedBy(last, "a"));
        Assert.False(histories.IsFollowedBy(Master("z", 9), "a"));
        for (int i = 0; i < 1000; i++) histories.Note(Master($"n{i}", 10, $"m{i}", 5));
        Assert.False(histories.IsHeldBy(last, "a", 50)); // what is long ago is forgotten
    }

    [Fact]
    public async Task A_master_met_on_another_connection_is_in_doubt_until_it_is_settled()
    {
        await using TwoConnections two = await TwoConnections.MakeAsync();
        (Connection on, Connection other) = (two.One, two.Other);
        SessionShard shard = new(s_master, null, _none);
        shard.Answered(on);
        shard.Answered(on);
        Assert.False(shard.IsDoubtful);
        shard.Answered(other);
        Assert.True(shard.IsDoubtful);
        shard.Settle(on);
        Assert.True(shard.IsDoubtful); // it was the other that was met last
        shard.Settle(other);
        Assert.False(shard.IsDoubtful);
    }

    [Theory]
    [InlineData("a", 121, false)] // it went on from what it had
    [InlineData("x", 121, true)] // it was given other data
    public async Task A_master_that_was_a_replica_meanwhile_has_said_how_far_it_had_come(string continued, long until, bool mayMiss)
    {
        await using FakeServer server = new();
        server.On("INFO", FakeAnswer.Bulk($"role:slave\r\nmaster_link_status:up\r\nmaster_replid:b\r\nmaster_replid2:{continued}\r\nsecond_repl_offset:{until}\r\nslave_repl_offset:130\r\n"));
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        Connection on = node.Node.Current!;
        Histories histories = new();
        SessionShard shard = new(s_master, "a", histories);
        SessionShard early = new(s_master, "a", histories);
        shard.Answered(on);
        early.Answered(on);
        long beforeThat = Stopwatch.GetTimestamp();
        histories.Note((await Until.EndsAsync(on.Sampler.SampleAsync())).Info);
        shard.Answered(on); // a session that had no answer while the other was master
        Assert.True(shard.IsDoubtful);

        // What it had answered before it was demoted may be looked at only afterwards.
        early.Answered(on, beforeThat);
        Assert.False(early.IsDoubtful);
        Assert.Equal(mayMiss, shard.MayMiss(Master("c", 150, "b", 140), on));
    }

    [Fact]
    public async Task A_sample_taken_at_rest_proves_more_and_asks_no_more_of_replicas()
    {
        await using TwoConnections two = await TwoConnections.MakeAsync();
        Connection on = two.One;
        SessionShard shard = At("h", 10, on);
        shard.ReadsOn(on);
        Assert.True(shard.IsAnchored); // an answer that is not shown commits to nothing
        shard.HasRead();
        Assert.False(shard.IsAnchored);
        shard.Sampled(Told(Master("h", 90)), on, shard.Generation);
        Assert.True(shard.IsAnchored);
        Assert.Equal((new FreshPoint("h", 10), new FreshPoint("h", 90)), (shard.Point!, shard.Anchor!));

        // Asked before a replica showed something: the master may have had less then.
        ReplicationSample earlier = Told(Master("h", 91));
        shard.HasRead();
        shard.Sampled(earlier, on, shard.Generation);
        Assert.Equal((false, false), (shard.IsAnchored, shard.IsCovered));
        shard.Sampled(Told(Master("h", 92)), on, shard.Generation);
        Assert.Equal((true, true), (shard.IsAnchored, shard.IsCovered));
    }

    [Fact]
    public async Task A_call_that_was_not_executed_leaves_what_was_proved_before_it()
    {
        await using TwoConnections two = await TwoConnections.MakeAsync();
        Connection on = two.One;
        SessionShard shard = At("h", 10, on);
        shard.Begin();
        Assert.Equal((false, false), (shard.IsCovered, shard.IsSampled));
        shard.End();
        shard.NeverHappened();
        Assert.Equal((true, true), (shard.IsCovered, shard.IsSampled));

        // Beside another call it proves nothing: that one may have been answered.
        shard.Begin();
        shard.Begin();
        shard.End();
        shard.NeverHappened();
        shard.End();
        Assert.Equal((false, false), (shard.IsCovered, shard.IsSampled));
    }

    [Fact]
    public async Task What_a_replica_showed_must_be_in_the_history_of_the_next_master()
    {
        await using TwoConnections two = await TwoConnections.MakeAsync("role:slave\r\nmaster_link_status:up\r\nmaster_replid:h\r\nslave_repl_offset:70\r\n");
        (Connection on, Connection other) = (two.One, two.Other);
        Assert.Equal(new ReplicationInfo(false, true) { Id = "h", Offset = 70 }, (await Until.EndsAsync(on.Sampler.SampleAsync())).Info);
        SessionShard shard = new(s_master, null, _none);
        Assert.True(shard.IsCovered);
        shard.ReadsOn(on);
        Assert.True(shard.IsCovered);
        shard.HasRead();
        Assert.False(shard.IsCovered); // a token taken now must say how far the replica may have been
        Assert.True(shard.IsSampled);
        Assert.False(shard.MayMiss(Master("h", 80), on));
        Assert.True(shard.MayMiss(Master("g", 80, "h", 60), on));
        Predecessor gone = new(shard, IsGone: true);
        Assert.Equal(Succession.Holds, gone.Judge(Master("g", 90, "h", 60), on, _none)); // the heir is the replica that showed it
        Assert.Equal(Succession.Ask, gone.Judge(Master("g", 90, "h", 81), other, _none));
        shard.Sampled(Told(Master("h", 80)), on, shard.Generation);
        Assert.True(shard.IsCovered);
        Assert.Equal(Succession.Holds, gone.Judge(Master("g", 90, "h", 81), other, _none));
    }

    /// <summary>Two connections to one server.</summary>
    private sealed record TwoConnections(FakeServer Server, NodeHarness First, NodeHarness Second) : IAsyncDisposable
    {
        internal Connection One => First.Node.Current!;

        internal Connection Other => Second.Node.Current!;

        /// <param name="info">What the server answers to INFO; null for what a fake one says by itself.</param>
        internal static async Task<TwoConnections> MakeAsync(string? info = null)
        {
            FakeServer server = new();
            if (info is not null) server.On("INFO", FakeAnswer.Bulk(info));
            return new(server, await new NodeHarness(server).ConnectedAsync(), await new NodeHarness(server).ConnectedAsync());
        }

        public async ValueTask DisposeAsync()
        {
            await First.DisposeAsync();
            await Second.DisposeAsync();
            await Server.DisposeAsync();
        }
    }
}
