// What a session knows of several masters: through failovers, moved slots, redirected calls, and from one process to the next.
using System.Diagnostics;
using ClusterClient.Connections;
using ClusterClient.Protocol;
using ClusterClient.Routing;
using ClusterClient.Routing.Freshness;
using ClusterClient.UnitTests.Connections;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing.Freshness;

public class SessionStateTests
{
    private const int Slot = 5;

    [Fact]
    public async Task What_another_process_has_seen_is_missed_after_a_second_failover_too()
    {
        await using Masters masters = await Masters.StartAsync(3);
        SessionState first = new([], masters.Histories);
        masters.Answer(first, 0);
        masters.Sample(first, 0, "a", 100);

        // The next process meets the promoted master, which has all of it, and carries on what it has seen there.
        SessionState second = new(first.Points(), masters.Histories);
        masters.Fail(0);
        Assert.True(masters.Answer(second, 1));
        masters.Judge(second, 1, "b", 150, "a", 120);
        Assert.Null(second.Loss);
        SessionPoint carried = Assert.Single(second.Points());
        Assert.Equal((new FreshPoint("b", 150), false), (carried.Point, carried.IsMasterOnly));

        // The one after that meets a master that went on from before that place.
        SessionState third = new(second.Points(), masters.Histories);
        masters.Fail(1);
        Assert.True(masters.Answer(third, 2));
        masters.Judge(third, 2, "c", 200, "b", 140);
        Assert.NotNull(third.Loss);
    }

    [Fact]
    public async Task Of_a_slot_that_stands_in_a_token_twice_both_must_be_there()
    {
        await using Masters masters = await Masters.StartAsync(1);
        SessionPoint[] resumed = [new(new FreshPoint("a", 100), false, TokenSlots.Of([Slot])), new(new FreshPoint("b", 150), false, TokenSlots.Of([Slot]))];
        masters.Histories.Note(new ReplicationInfo(true, true) { Id = "b", SecondId = "a", SecondOffset = 120 });
        foreach ((long until, bool mayMiss) in new[] { (140, true), (160, false) })
        {
            SessionState state = new(resumed, masters.Histories);
            Assert.True(masters.Answer(state, 0));
            masters.Judge(state, 0, "c", 200, "b", until);
            Assert.Equal(mayMiss, state.Loss is not null);
        }
    }

    [Fact]
    public async Task What_only_masters_may_answer_stays_so_in_the_next_process()
    {
        await using Masters masters = await Masters.StartAsync(1);
        SessionState first = new([], masters.Histories);
        masters.Answer(first, 0);
        masters.Sample(first, 0, "a", 100);
        SessionShard unknown = first.Begin(masters[0]);
        first.End(unknown, Slot, masters[0].Current, CallEnd.Unknown, masters.Table);
        Assert.True(Assert.Single(first.Points()).IsMasterOnly);

        SessionState second = new(first.Points(), masters.Histories);
        Assert.False(second.TryRead(Slot, masters[0], out _));
        masters.Answer(second, 0);
        masters.Judge(second, 0, "a", 300);
        masters.Sample(second, 0, "a", 300);
        Assert.False(second.TryRead(Slot, masters[0], out _));
        Assert.True(Assert.Single(second.Points()).IsMasterOnly);

        // A command whose keys nobody knows may have written to slots that the session never named.
        SessionState anywhere = new([], masters.Histories);
        anywhere.BecomeMasterOnly();
        Assert.False(new SessionState(anywhere.Points(), masters.Histories).TryRead(Slot + 1, masters[0], out _));
        SessionState everywhere = new([], masters.Histories);
        everywhere.DisturbAll();
        Assert.False(new SessionState(everywhere.Points(), masters.Histories).TryRead(Slot + 1, masters[0], out _));
    }

    [Fact]
    public async Task A_part_of_a_call_that_ended_after_a_failover_may_be_lost_with_the_old_master()
    {
        await using Masters masters = await Masters.StartAsync(2);
        SessionState state = new([], masters.Histories);
        masters.Answer(state, 0);
        masters.Sample(state, 0, "a", 100);
        SessionShard begun = state.Begin(masters[0]);
        masters.Fail(0);
        Assert.True(state.EndPart(begun, Slot, masters[1], CallEnd.Answered, masters.Table).IsDoubtful);
        masters.Judge(state, 1, "b", 150, "a", 120); // all that was sampled, but the part was not
        Assert.NotNull(state.Loss);
    }

    [Fact]
    public async Task Keys_on_both_ends_of_a_slot_that_moves_are_missed_at_either()
    {
        await using Masters masters = await Masters.StartAsync(3);
        SessionState state = new([], masters.Histories);

        // Written where the slot goes to; then another key of it read where it comes from.
        masters.Answer(state, 1);
        masters.Sample(state, 1, "b", 100);
        masters.Answer(state, 1);
        Assert.True(masters.Answer(state, 0));
        masters.Judge(state, 0, "a", 500);
        Assert.Null(state.Loss);
        masters.Fail(1);
        Assert.True(masters.Answer(state, 2));
        masters.Judge(state, 2, "c", 150, "b", 90);
        Assert.NotNull(state.Loss);
    }

    [Fact]
    public async Task Why_something_may_be_lost_can_be_said_of_masters_that_each_came_after_the_other()
    {
        await using Masters masters = await Masters.StartAsync(2);
        SessionState state = new([], masters.Histories);

        // Two callers of one session, on two keys of a slot that moves: neither answer has been judged when the other comes.
        masters.Answer(state, 0);
        Assert.True(masters.Answer(state, 1));
        Assert.True(masters.Answer(state, 0));
        SessionShard shard = Assert.Single(state.Shards());
        Assert.Null(state.Judge(shard, null, masters[0].Current!, shard.Generation, mayAsk: false));
        Assert.Contains($"after [{masters[1].Endpoint}]", state.Loss, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_that_was_lost_where_it_was_redirected_to_leaves_that_master_alone_to_answer()
    {
        await using Masters masters = await Masters.StartAsync(2);
        SessionState state = new([], masters.Histories);
        SessionShard begun = state.Begin(masters[0]);
        state.End(begun, Slot, masters[1].Current, CallEnd.Unknown, masters.Table);
        masters.Answer(state, 1);
        masters.Sample(state, 1, "b", 100);
        Assert.False(state.TryRead(Slot, masters[1], out _));
        Assert.False(state.TryRead(Slot, masters[0], out _));
    }

    [Fact]
    public async Task Where_no_history_is_known_the_old_master_tells_a_failover_from_a_move()
    {
        await using Masters masters = await Masters.StartAsync(2);
        foreach ((string told, bool mayMiss) in new[] { ("a", true), ("x", false) })
        {
            SessionState state = new([], new Histories());
            masters.Answer(state, 0);
            Assert.True(masters.Answer(state, 1)); // the topology says that both are masters
            Connection on = masters[1].Current!;
            ReplicationSample heir = Masters.Told("b", 150, "a", 120);
            SessionShard shard = state.Shards().Single(shard => shard.Master == masters[1].Endpoint);
            SessionShard asked = Assert.IsType<SessionShard>(state.Judge(shard, heir, on, shard.Generation, mayAsk: true));
            Assert.True(state.TryTestify(asked, new ReplicationInfo(true, true) { Id = told, Offset = 140 }));
            Assert.Null(state.Judge(shard, heir, on, shard.Generation, mayAsk: true));
            Assert.Equal(mayMiss, state.Loss is not null);
        }
    }

    [Fact]
    public async Task A_replicas_answer_is_not_shown_when_another_master_has_answered_for_the_slot_meanwhile()
    {
        await using Masters masters = await Masters.StartAsync(2);
        SessionState state = new([], masters.Histories);
        Assert.True(state.TryRead(Slot, masters[0], out ReadNeed need));
        Assert.True(state.TryBind(need, masters[0].Current!));
        need = need with { Reader = masters[0].Current };
        masters.Answer(state, 1);
        Assert.False(state.TryShow(need, Slot));
        Assert.True(state.TryShow(need, Slot + 1));
        Assert.Equal(2, state.Shards().Length);
    }

    [Fact]
    public async Task An_earlier_answer_of_the_same_process_that_is_looked_at_later_is_no_loss()
    {
        await using Masters masters = await Masters.StartAsync(2);
        SessionState state = new([], masters.Histories);
        masters.Answer(state, 0);
        SessionShard shard = Assert.Single(state.Shards());
        (ReplicationSample earlier, ReplicationSample later) = (Masters.Told("a", 100), Masters.Told("a", 120));
        Assert.True(state.TryCoverBy(shard, later, masters[0].Current!, shard.Generation));
        Assert.False(state.TryCoverBy(shard, earlier, masters[0].Current!, shard.Generation));
        Assert.Null(state.Loss);
        Assert.Equal(new FreshPoint("a", 120), shard.Anchor);

        // The same in a judgement: the slot goes to another master and back, which was sampled again before what it said first is looked at.
        masters.Answer(state, 1);
        masters.Judge(state, 1, "b", 10);
        Assert.True(masters.Answer(state, 0));
        Assert.Null(state.Judge(shard, earlier, masters[0].Current!, shard.Generation, mayAsk: false));
        Assert.Null(state.Loss);
        Assert.Equal(new FreshPoint("a", 120), shard.Anchor);

        // On another connection it may be another process, which never had what was seen.
        Assert.True(state.TryCoverBy(shard, earlier, masters[1].Current!, shard.Generation));
        Assert.NotNull(state.Loss);
    }

    private sealed class Masters : IAsyncDisposable
    {
        private readonly FakeServer[] _servers;
        private readonly NodeHarness[] _nodes;
        private readonly HashSet<int> _failed = [];

        private Masters(FakeServer[] servers, NodeHarness[] nodes) => (_servers, _nodes) = (servers, nodes);

        internal Histories Histories { get; } = new();

        /// <summary>All that have not failed are masters; the slots do not matter here.</summary>
        internal RoutingTable Table => new(
            TopologySnapshot.Create(1, TopologyKind.Cluster, [.. _nodes.Select((node, i) => new TopologyNode(node.Node.Endpoint, _failed.Contains(i) ? NodeRole.Replica : NodeRole.Master))], new ushort[HashSlot.Count]),
            [.. _nodes.Select(static node => node.Node)]);

        internal NodeConnection this[int i] => _nodes[i].Node;

        internal static async Task<Masters> StartAsync(int count)
        {
            FakeServer[] servers = [.. Enumerable.Range(0, count).Select(static _ => new FakeServer())];
            List<NodeHarness> nodes = [];
            foreach (FakeServer server in servers) nodes.Add(await new NodeHarness(server).ConnectedAsync());
            return new(servers, [.. nodes]);
        }

        internal static ReplicationSample Told(string id, long offset, string second = "", long until = -1)
            => new(new ReplicationInfo(true, true) { Id = id, Offset = offset, SecondId = second, SecondOffset = until }, Stopwatch.GetTimestamp());

        /// <summary>A master was replaced.</summary>
        internal void Fail(int i) => _failed.Add(i);

        /// <summary>A call for the slot is answered by a master; whether that one must be judged.</summary>
        internal bool Answer(SessionState state, int i)
            => state.End(state.Begin(this[i]), Slot, this[i].Current, CallEnd.Answered, Table).IsDoubtful;

        internal void Sample(SessionState state, int i, string id, long offset)
        {
            SessionShard shard = ShardOf(state, i);
            Assert.True(state.TryCoverBy(shard, Told(id, offset), this[i].Current!, shard.Generation));
        }

        /// <summary>Judges a master by what it says, with nobody else to ask.</summary>
        internal void Judge(SessionState state, int i, string id, long offset, string second = "", long until = -1)
        {
            SessionShard shard = ShardOf(state, i);
            Assert.Null(state.Judge(shard, Told(id, offset, second, until), this[i].Current!, shard.Generation, mayAsk: false));
        }

        public async ValueTask DisposeAsync()
        {
            foreach (NodeHarness node in _nodes) await node.DisposeAsync();
            foreach (FakeServer server in _servers) await server.DisposeAsync();
        }

        private SessionShard ShardOf(SessionState state, int i) => state.Shards().Single(shard => shard.Master == this[i].Endpoint);
    }
}
