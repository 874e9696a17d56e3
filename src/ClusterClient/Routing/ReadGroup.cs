// The nodes that hold the same keys, one master with its replicas, and the choice among them.
using ClusterClient.Connections;

namespace ClusterClient.Routing;

/// <summary>One shard as reads see it. Made with each routing table; choosing allocates nothing.</summary>
/// <param name="master">Its master; null when none is known.</param>
/// <param name="replicas">Its replicas.</param>
/// <param name="zones">The zones of master and replicas where the topology or the user tells them, the master's first.</param>
/// <param name="allowsStale">Whether replicas that are cut off from a living master will do.</param>
/// <param name="nearBefore">Of all nodes, those that were near when they were last looked at; null when nobody looked.</param>
internal sealed class ReadGroup(NodeConnection? master, NodeConnection[] replicas, string?[] zones, bool allowsStale, HashSet<NodeConnection>? nearBefore)
{
    private readonly NodeConnection[] _all = master is null ? replicas : [master, .. replicas];
    private NearNodes? _near;

    internal NodeConnection? Master => master;

    internal ReadOnlySpan<NodeConnection> Replicas => replicas;

    /// <summary>Master and replicas, the master first.</summary>
    internal ReadOnlySpan<NodeConnection> All => _all;

    /// <summary>Whether replicas that are cut off may be asked when none is in step: their master itself is gone, and then they all are.</summary>
    internal bool IsMasterGone => master is null || master.Reads.IsGone;

    /// <summary>Whether a node may be asked for this read.</summary>
    /// <param name="node">One of <see cref="All"/>.</param>
    /// <param name="avoided">The marks of nodes that must not be asked.</param>
    /// <param name="isLastResort">Whether a replica will do that is cut off from its master; only while <see cref="IsMasterGone"/>, and when none is in step.</param>
    internal bool IsFit(NodeConnection node, ulong avoided, bool isLastResort)
        => (node.Reads.Mark & avoided) == 0
        && (ReferenceEquals(node, master) ? node.Reads.IsFitMaster : node.Reads.IsFitReplica(allowsStale || isLastResort));

    /// <summary>The master, if it may be asked.</summary>
    internal NodeConnection? FitMaster(ulong avoided) => master is not null && IsFit(master, avoided, isLastResort: false) ? master : null;

    /// <summary>The zone of a node of <see cref="All"/>: the user's word first, then the topology's, then the node's own.</summary>
    internal string? ZoneOf(NodeConnection node)
    {
        int place = ReferenceEquals(node, master) ? 0 : Array.IndexOf(replicas, node) + 1;
        return zones[place] ?? node.Reads.Zone;
    }

    /// <summary>One of the nodes that may be asked, or null: the one whose turn it is, unless it has clearly more to do than another.</summary>
    internal NodeConnection? Pick(ReadOnlySpan<NodeConnection> nodes, ulong avoided)
        => PickOf(nodes, avoided, isLastResort: false) ?? (IsMasterGone ? PickOf(nodes, avoided, isLastResort: true) : null);

    /// <summary>One of those that are about as near as the nearest; where none of them may be asked, the nearest that may; or null.</summary>
    internal NodeConnection? PickNear(ulong avoided)
    {
        ReadOnlySpan<NodeConnection> near = (_near ??= new NearNodes(_all, node => IsFit(node, avoided: 0, isLastResort: false), nearBefore)).Present;
        return PickNear(near, avoided, isLastResort: false) ?? (IsMasterGone ? PickNear(near, avoided, isLastResort: true) : null);
    }

    /// <summary>Puts in order, in a set of nodes that were near, those of this group, if anybody has looked at them.</summary>
    internal void TellNear(ref HashSet<NodeConnection>? near)
    {
        if (_near is not { } looked) return;
        near ??= [];
        near.ExceptWith(_all);
        foreach (NodeConnection node in looked.Present) near.Add(node);
    }

    /// <summary>One of the replicas in a zone that may be asked, or null.</summary>
    internal NodeConnection? PickInZone(string? zone, ulong avoided)
    {
        NodeConnection? best = null;
        uint turn = ReadTurn.Next();
        for (int i = 0; i < replicas.Length; i++)
        {
            NodeConnection node = replicas[(turn + (uint)i) % (uint)replicas.Length];
            if (!string.Equals(ZoneOf(node), zone, StringComparison.Ordinal) || !IsFit(node, avoided, isLastResort: false)) continue;
            if (best is null || IsBusier(best.InFlight, node.InFlight)) best = node;
        }

        return best;
    }

    /// <summary>
    /// Whether one node has clearly more to do than another. By the bare number the one that answered a batch first would be given all of the next,
    /// and equal nodes would not share evenly: with 16 callers 1 to 4 was seen, and 2 to 3 with a margin of 4.
    /// </summary>
    private static bool IsBusier(long one, long other) => one > (2 * other) + 16;

    private NodeConnection? PickNear(ReadOnlySpan<NodeConnection> near, ulong avoided, bool isLastResort)
    {
        if (PickOf(near, avoided, isLastResort) is { } one) return one;
        NodeConnection? best = null;
        TimeSpan least = TimeSpan.MaxValue;
        foreach (NodeConnection node in _all)
        {
            if (!IsFit(node, avoided, isLastResort)) continue;

            // Not measured yet is farther than all that are.
            TimeSpan latency = node.Reads.Latency is { Ticks: > 0 } measured ? measured : TimeSpan.MaxValue;
            if (best is null || latency < least) (best, least) = (node, latency);
        }

        return best;
    }

    private NodeConnection? PickOf(ReadOnlySpan<NodeConnection> nodes, ulong avoided, bool isLastResort)
    {
        if (nodes.Length == 0) return null;
        if (nodes.Length == 1) return IsFit(nodes[0], avoided, isLastResort) ? nodes[0] : null;

        // Any two different places, in any order.
        uint turn = ReadTurn.Next();
        int first = (int)(turn % (uint)nodes.Length);
        int second = (int)(turn / (uint)nodes.Length % (uint)(nodes.Length - 1));
        if (second >= first) second++;
        NodeConnection one = nodes[first], other = nodes[second];
        bool isFit = IsFit(one, avoided, isLastResort);
        if (IsFit(other, avoided, isLastResort)) return isFit && !IsBusier(one.InFlight, other.InFlight) ? one : other;
        if (isFit) return one;
        for (int i = 0; i < nodes.Length; i++)
        {
            NodeConnection node = nodes[(first + i) % nodes.Length];
            if (IsFit(node, avoided, isLastResort)) return node;
        }

        return null;
    }
}
