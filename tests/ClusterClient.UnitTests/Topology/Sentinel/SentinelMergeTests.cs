// Who is master, decided from Sentinels that agree, lag, lie or are dead, and from what the nodes say.
using System.Collections.Immutable;
using ClusterClient.Connections;
using ClusterClient.Topology.Sentinel;

namespace ClusterClient.UnitTests.Topology.Sentinel;

public class SentinelMergeTests
{
    private static readonly NodeEndpoint _a = new("10.0.0.1", 6379), _b = new("10.0.0.2", 6379), _c = new("10.0.0.3", 6379);
    private static readonly NodeEndpoint[] _sentinels = [new("10.0.1.1", 26379), new("10.0.1.2", 26379), new("10.0.1.3", 26379)];

    [Fact]
    public void The_highest_epoch_outvotes_a_majority()
    {
        SentinelVerdict verdict = Merge(SentinelMemory.Empty, [View(0, 1, _a), View(1, 1, _a), View(2, 2, _b)], (_a, Master("old")), (_b, Master("new", "old")), (_c, Replica("new")));
        Assert.Equal((_b, 2, false), (verdict.Master, verdict.Memory.Epoch, verdict.IsHeld));
    }

    [Fact]
    public void What_a_lesser_epoch_says_is_old_though_everybody_says_it()
    {
        SentinelVerdict settled = Merge(SentinelMemory.Empty, [View(0, 2, _b)], (_b, Master("new", "old")), (_a, Replica("new")));
        SentinelVerdict verdict = Merge(settled.Memory, [View(0, 1, _a), View(1, 1, _a), View(2, 1, _a)], (_a, Master("old")), (_b, Master("new", "old")));
        Assert.Equal(_b, verdict.Master);
    }

    [Fact]
    public void Sentinels_that_were_set_up_anew_are_believed_once_the_nodes_agree_with_all_of_them()
    {
        SentinelMemory memory = Settled();
        SentinelView[] views = [View(0, 0, _b), View(1, 0, _b), View(2, 0, _b)];
        Assert.Equal(_a, Merge(memory, views, (_a, Master("old")), (_b, Master("new", "old"))).Master);
        Assert.Equal(_a, Merge(memory, views[..2], (_a, Replica("new")), (_b, Master("new", "old"))).Memory.Master);
        Assert.Equal((_b, 0), Merge(memory, views, (_a, Replica("new")), (_b, Master("new", "old"))) is var verdict ? (verdict.Memory.Master, verdict.Memory.Epoch) : default);
    }

    [Theory]
    [InlineData(FailoverPolicy.Eager, false)]
    [InlineData(FailoverPolicy.Confirmed, true)]
    public void A_chosen_replica_that_continues_the_masters_data_takes_its_place_at_once(FailoverPolicy policy, bool isHeld)
    {
        SentinelMemory memory = Settled() with { Candidates = [_b] };
        SentinelVerdict verdict = Merge(memory, [View(0, 1, _a)], policy, 0, (_a, Master("old")), (_b, Master("new", "old")));
        Assert.Equal((_b, isHeld, false), (verdict.Master, verdict.IsHeld, verdict.IsSettled));
        Assert.Null(verdict.Revoked);

        SentinelVerdict confirmed = Merge(verdict.Memory, [View(0, 2, _b), View(1, 1, _a)], policy, 900, (_b, Master("new", "old")));
        Assert.Equal((_b, false, true), (confirmed.Master, confirmed.IsHeld, confirmed.IsSettled));
        Assert.Null(confirmed.Revoked);
    }

    [Fact]
    public void A_master_of_other_data_and_one_that_nobody_chose_are_not_followed()
    {
        SentinelMemory memory = Settled() with { Candidates = [_b] };
        Assert.Equal(_a, Merge(memory, [View(0, 1, _a)], (_b, Master("new", "foreign"))).Master);
        Assert.Equal(_a, Merge(Settled(), [View(0, 1, _a)], (_a, Master("old")), (_b, Master("new", "old"))).Master);

        // Unless something is wrong with the master that is named.
        Assert.Equal(_b, Merge(Settled(), [View(0, 1, _a) with { Flags = ClusterNodeFlags.ObjectivelyDown }], (_b, Master("new", "old"))).Master);
    }

    [Fact]
    public void Without_a_confirmation_for_2_s_nothing_is_written_until_it_comes()
    {
        SentinelMemory memory = Settled() with { Candidates = [_b] };
        SentinelVerdict promoted = Merge(memory, [View(0, 1, _a)], FailoverPolicy.Eager, 1000, (_b, Master("new", "old")));
        Assert.False(Merge(promoted.Memory, [View(0, 1, _a)], FailoverPolicy.Eager, 2999, (_b, Master("new", "old"))).IsHeld);
        SentinelVerdict held = Merge(promoted.Memory, [View(0, 1, _a)], FailoverPolicy.Eager, 3000, (_b, Master("new", "old")));
        Assert.Equal((_b, true, false), (held.Master, held.IsHeld, held.IsSettled));
        Assert.False(Merge(held.Memory, [View(0, 2, _b)], FailoverPolicy.Eager, 9000, (_b, Master("new", "old"))).IsHeld);
    }

    [Fact]
    public void A_master_that_follows_its_successor_leaves_no_doubt()
    {
        SentinelMemory memory = Settled();
        SentinelVerdict verdict = Merge(memory, [View(0, 1, _a)], FailoverPolicy.Confirmed, 0, (_a, Replica("new") with { Follows = _b }), (_b, Master("new", "old")));
        Assert.Equal((_b, false), (verdict.Master, verdict.IsHeld));
    }

    [Fact]
    public void A_failover_that_ends_elsewhere_is_told()
    {
        SentinelMemory memory = Settled() with { Candidates = [_b] };
        SentinelVerdict promoted = Merge(memory, [View(0, 1, _a)], (_b, Master("new", "old")));
        SentinelVerdict third = Merge(promoted.Memory, [View(0, 2, _c)], (_b, Master("new", "old")), (_c, Master("other", "old")));
        Assert.Equal((_c, _b), (third.Master, third.Revoked));

        SentinelVerdict back = Merge(promoted.Memory, [View(0, 1, _a)], (_a, Master("old")), (_b, Replica("old")));
        Assert.Equal((_a, _b, false), (back.Master, back.Revoked, back.IsHeld));
    }

    [Fact]
    public void A_master_that_calls_itself_a_replica_gets_no_write()
    {
        SentinelVerdict verdict = Merge(SentinelMemory.Empty, [View(0, 1, _a)], (_a, Replica("new")));
        Assert.Equal((_a, true, false), (verdict.Master, verdict.IsHeld, verdict.IsSettled));
    }

    [Fact]
    public void A_minority_that_names_a_master_beside_another_one_gets_no_write_and_a_majority_does()
    {
        SentinelVerdict alone = Merge(SentinelMemory.Empty, [View(0, 1, _a)], (_a, Master("restarted")), (_b, Master("new", "old")));
        Assert.True(alone.IsHeld);
        SentinelVerdict many = Merge(SentinelMemory.Empty, [View(0, 1, _a), View(1, 1, _a)], (_a, Master("old")), (_b, Master("new", "foreign")));
        Assert.False(many.IsHeld);
    }

    [Fact]
    public void Silence_of_all_sentinels_changes_nothing()
    {
        SentinelVerdict verdict = Merge(Settled(), [], (_a, Master("old")));
        Assert.Equal((_a, false, false), (verdict.Master, verdict.IsHeld, verdict.IsSettled));
    }

    [Fact]
    public void Where_nodes_may_not_be_asked_the_sentinels_word_is_enough()
    {
        SentinelEvidence evidence = new([View(0, 1, _a)], ImmutableDictionary<NodeEndpoint, ReplicationInfo>.Empty, 3, MayAskNodes: false, 0);
        SentinelVerdict verdict = SentinelMerge.Merge(SentinelMemory.Empty, evidence, FailoverPolicy.Eager);
        Assert.Equal((_a, false, true), (verdict.Master, verdict.IsHeld, verdict.IsSettled));
    }

    private static SentinelMemory Settled()
    {
        SentinelVerdict verdict = Merge(SentinelMemory.Empty, [View(0, 1, _a), View(1, 1, _a), View(2, 1, _a)], (_a, Master("old")), (_b, Replica("old")), (_c, Replica("old")));
        Assert.Equal((_a, false, true), (verdict.Master, verdict.IsHeld, verdict.IsSettled));
        return verdict.Memory;
    }

    private static SentinelVerdict Merge(SentinelMemory before, SentinelView[] views, params (NodeEndpoint Node, ReplicationInfo State)[] states) => Merge(before, views, FailoverPolicy.Eager, 0, states);

    private static SentinelVerdict Merge(SentinelMemory before, SentinelView[] views, FailoverPolicy policy, long now, params (NodeEndpoint Node, ReplicationInfo State)[] states)
        => SentinelMerge.Merge(before, new(views, states.ToImmutableDictionary(static one => one.Node, static one => one.State), 3, MayAskNodes: true, now), policy);

    private static SentinelView View(int sentinel, long epoch, NodeEndpoint master) => new(_sentinels[sentinel], epoch, master, ClusterNodeFlags.None, IsFailingOver: false)
    {
        Replicas = [.. ((NodeEndpoint[])[_a, _b, _c]).Where(node => node != master).Select(static node => new SentinelReplica(node, ClusterNodeFlags.None, IsLinkUp: true))],
    };

    private static ReplicationInfo Master(string id, string previous = "") => new(IsMaster: true, IsLinkUp: true) { Id = id, SecondId = previous };

    private static ReplicationInfo Replica(string id) => new(IsMaster: false, IsLinkUp: true) { Id = id };
}
