// The snapshot joined with the connections: from a slot to the node that serves it, in two array reads.
using ClusterClient.Connections;

namespace ClusterClient.Routing;

/// <summary>Immutable; a new one is made for each snapshot.</summary>
internal sealed class RoutingTable
{
    private readonly NodeConnection?[] _connections;
    private readonly NodeConnection[] _masters;
    private int _next;

    /// <param name="snapshot">Who owns what.</param>
    /// <param name="connections">For each node of the snapshot, in its order, the connection; null for nodes that are not dialled.</param>
    /// <param name="reads">The same as reads see it; null while nobody reads from replicas.</param>
    internal RoutingTable(TopologySnapshot snapshot, NodeConnection?[] connections, ReadGroups? reads = null)
    {
        Reads = reads;
        Snapshot = snapshot;
        _connections = connections;
        IsSharded = IsSpread(snapshot);
        _masters = [.. connections.Where((connection, i) => connection is not null && snapshot.Nodes[i] is { IsMaster: true, IsAvailable: true })!];
    }

    /// <summary>A table of the same nodes with other owners of slots.</summary>
    private RoutingTable(TopologySnapshot snapshot, RoutingTable before)
    {
        (Snapshot, _connections, _masters, _next) = (snapshot, before._connections, before._masters, before._next);

        // Not copied: the first slot of a failed master's, or the last, may be the one that moved.
        IsSharded = IsSpread(snapshot);
    }

    internal static RoutingTable Empty { get; } = new(TopologySnapshot.Unknown, []);

    internal TopologySnapshot Snapshot { get; }

    /// <summary>
    /// The table of a snapshot that differs in its slots alone, as after each MOVED; null when it must be made anew. Of 1000 masters and a resharding of all slots
    /// that saves some seconds of CPU.
    /// </summary>
    internal RoutingTable? TryWith(TopologySnapshot snapshot)
        => Reads is null && snapshot.Nodes == Snapshot.Nodes && _masters.Length == snapshot.Masters.Length ? new RoutingTable(snapshot, this) : null;

    /// <summary>Who may answer reads; null while nobody reads from replicas.</summary>
    internal ReadGroups? Reads { get; }

    /// <summary>Whether any node has told what the deployment is.</summary>
    internal bool IsKnown => Snapshot.Kind != TopologyKind.Unknown;

    /// <summary>Whether keys must be hashed: always, unless one server is known to own everything.</summary>
    internal bool NeedsSlots => Snapshot.Kind is TopologyKind.Cluster or TopologyKind.Unknown;

    /// <summary>Whether commands without keys have anywhere to go.</summary>
    internal bool HasMasters => _masters.Length > 0;

    /// <summary>The master where there is but one; null otherwise.</summary>
    internal NodeConnection? OnlyMaster => _masters.Length == 1 ? _masters[0] : null;

    /// <summary>Whether the keys are spread over several masters.</summary>
    internal bool IsSharded { get; }

    /// <summary>The connection to the owner of a slot; null when nobody owns it.</summary>
    internal NodeConnection? OwnerOf(int slot)
    {
        int owner = Snapshot.OwnerIndexOf(slot);
        return owner == TopologySnapshot.NoOwner ? null : _connections[owner];
    }

    /// <summary>Whether more than one master counts; looks no further than the second.</summary>
    private static bool IsSpread(TopologySnapshot snapshot) => snapshot.Kind == TopologyKind.Cluster && snapshot.Masters.Where(snapshot.IsServing).Skip(1).Any();

    /// <summary>Some master, for commands without keys: each in turn, those that are connected and answering first.</summary>
    internal NodeConnection? AnyMaster()
    {
        NodeConnection[] masters = _masters;
        if (masters.Length == 1) return masters[0];
        if (masters.Length == 0) return null;
        uint start = (uint)Interlocked.Increment(ref _next);
        for (uint i = 0; i < masters.Length; i++)
        {
            NodeConnection candidate = masters[(start + i) % masters.Length];
            if (candidate is { IsConnected: true, IsSuspect: false }) return candidate;
        }

        return masters[start % masters.Length];
    }
}
