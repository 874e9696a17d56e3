// What a snapshot says of the nodes that Sentinels watch while a failover is not over for all of them.
using System.Collections.Immutable;
using ClusterClient.Connections;
using ClusterClient.Topology.Sentinel;

namespace ClusterClient.UnitTests.Topology.Sentinel;

public class SentinelSnapshotTests
{
    private static readonly NodeEndpoint _old = new("10.0.0.1", 6379), _heir = new("10.0.0.2", 6379), _other = new("10.0.0.3", 6379);

    [Fact]
    public void A_demoted_master_that_Sentinels_still_name_is_a_replica_like_any_as_soon_as_it_follows_its_successor()
    {
        ReplicationInfo following = new(IsMaster: false, IsLinkUp: true) { Id = "new", Follows = _heir };
        Assert.Equal((ClusterNodeFlags.None, true), Old(following));
        Assert.Equal((ClusterNodeFlags.Failed, false), Old(following with { IsLinkUp = false }));
        Assert.Equal((ClusterNodeFlags.Failed, true), Old(following with { Follows = _other }));
        Assert.Equal((ClusterNodeFlags.Failed, false), Old(new(IsMaster: true, IsLinkUp: true) { Id = "old" }));
        Assert.Equal((ClusterNodeFlags.Failed, false), Old(null));
    }

    /// <summary>What is said of the old master, a replica having taken its place.</summary>
    private static (ClusterNodeFlags Flags, bool IsLinkUp) Old(ReplicationInfo? old)
    {
        SentinelView view = new(new("10.0.1.1", 26379), Epoch: 1, _old, ClusterNodeFlags.None, IsFailingOver: false)
        {
            Replicas = [new(_heir, ClusterNodeFlags.None, IsLinkUp: true), new(_other, ClusterNodeFlags.None, IsLinkUp: true)],
        };
        SentinelVerdict verdict = new(SentinelMemory.Empty with { Epoch = 1, Master = _old, View = view, Provisional = new(_heir, Since: 0) }, Revoked: null, IsHeld: false, IsSettled: false);
        ImmutableDictionary<NodeEndpoint, ReplicationInfo> states = ImmutableDictionary<NodeEndpoint, ReplicationInfo>.Empty
            .Add(_heir, new(IsMaster: true, IsLinkUp: true) { Id = "new", SecondId = "old" })
            .Add(_other, new(IsMaster: false, IsLinkUp: true) { Id = "new", Follows = _heir });
        if (old is { } told) states = states.Add(_old, told);
        TopologySnapshot snapshot = SentinelSnapshot.Build(TopologySnapshot.Unknown, verdict, [view], states, static announced => announced);
        Assert.Equal((NodeRole.Master, NodeRole.Replica, NodeRole.Replica), (snapshot.NodeAt(_heir)!.Role, snapshot.NodeAt(_old)!.Role, snapshot.NodeAt(_other)!.Role));
        return (snapshot.NodeAt(_old)!.Flags, snapshot.NodeAt(_old)!.IsLinkUp);
    }
}
