// Makes a snapshot of what was decided about a master that Sentinels watch.
using System.Collections.Immutable;
using ClusterClient.Connections;

namespace ClusterClient.Topology.Sentinel;

internal static class SentinelSnapshot
{
    /// <summary>One master that owns every slot, and its replicas; the current snapshot itself when it says the same.</summary>
    /// <param name="current">What is believed now.</param>
    /// <param name="verdict">What was decided; its master is known.</param>
    /// <param name="views">What the Sentinels that answered say of the nodes' health.</param>
    /// <param name="states">What the nodes say of themselves.</param>
    /// <param name="map">From announced to dialed addresses.</param>
    public static TopologySnapshot Build(
        TopologySnapshot current, SentinelVerdict verdict, IReadOnlyList<SentinelView> views,
        ImmutableDictionary<NodeEndpoint, ReplicationInfo> states, Func<NodeEndpoint, NodeEndpoint> map)
    {
        NodeEndpoint master = verdict.Master!.Value;
        SentinelView view = verdict.Memory.View!;
        ClusterNodeFlags health = views.Where(one => one.Master == master).Aggregate(ClusterNodeFlags.None, static (flags, one) => flags | one.Flags);
        List<TopologyNode> nodes = [Node(master, NodeRole.Master) with { Flags = health, ConfigEpoch = Math.Max(0, verdict.Memory.Epoch), IsHeld = verdict.IsHeld }];
        IEnumerable<SentinelReplica> replicas = view.Master == master ? view.Replicas
            : view.Replicas.Where(replica => replica.Announced != master).Append(Demoted(view, master, states));
        foreach (SentinelReplica replica in replicas.OrderBy(static replica => replica.Announced.ToString(), StringComparer.Ordinal))
        {
            bool isLinkUp = states.TryGetValue(replica.Announced, out ReplicationInfo state) ? state is { IsMaster: false, IsLinkUp: true } : replica.IsLinkUp;
            nodes.Add(Node(replica.Announced, NodeRole.Replica) with { Flags = HealthOf(replica, views), IsLinkUp = isLinkUp, MasterId = IdOf(master) });
        }

        TopologySnapshot next = TopologySnapshot.Create(current.Version + 1, TopologyKind.Sentinel, [.. nodes.DistinctBy(static node => node.Endpoint)], new ushort[HashSlot.Count]);
        return next.SaysTheSameAs(current) ? current : next;

        TopologyNode Node(NodeEndpoint announced, NodeRole role) => new(map(announced), role) { Id = IdOf(announced), Announced = announced };
    }

    /// <summary>
    /// The master that the Sentinels still name. It is counted as failed, for nobody may ask it, unless it says itself that it follows its successor: then it is as good a
    /// replica as any (after FAILOVER TO, of which Sentinels learn only when it has been a replica for as long as they would wait for a dead master, and 20 s more).
    /// </summary>
    private static SentinelReplica Demoted(SentinelView view, NodeEndpoint successor, ImmutableDictionary<NodeEndpoint, ReplicationInfo> states)
    {
        bool follows = states.TryGetValue(view.Master, out ReplicationInfo state) && state is { IsMaster: false, IsLinkUp: true } && state.Follows == successor;
        return new(view.Master, follows ? view.Flags : view.Flags | ClusterNodeFlags.Failed, IsLinkUp: false);
    }

    /// <summary>Down for whoever says so, but failed only when at least half of the Sentinels that know it agree: their opinions differ for seconds.</summary>
    private static ClusterNodeFlags HealthOf(SentinelReplica replica, IReadOnlyList<SentinelView> views)
    {
        ClusterNodeFlags[] told = [.. views.SelectMany(static view => view.Replicas).Where(other => other.Announced == replica.Announced).Select(static other => other.Flags)];
        if (told.Length == 0) return replica.Flags;
        ClusterNodeFlags any = told.Aggregate(static (all, one) => all | one);
        return told.Count(static flags => flags.HasFlag(ClusterNodeFlags.Failed)) * 2 >= told.Length ? any : any & ~ClusterNodeFlags.Failed;
    }

    /// <summary>Outside a cluster a node is who it is by its address: the run id that Sentinel knows changes with every restart.</summary>
    private static string IdOf(NodeEndpoint announced) => announced.ToString();
}
