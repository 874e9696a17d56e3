// The shards as reads see them, by slot.
using System.Collections.Immutable;
using ClusterClient.Configuration;
using ClusterClient.Connections;

namespace ClusterClient.Routing;

/// <summary>Part of a routing table while anybody reads from replicas. Immutable.</summary>
internal sealed class ReadGroups
{
    private readonly TopologySnapshot _snapshot;
    private readonly ReadGroup?[] _byOwner;
    private readonly ulong[]? _moving;
    private readonly HashSet<NodeConnection>? _near;

    /// <param name="snapshot">Who owns what.</param>
    /// <param name="connections">For each node of the snapshot, in its order, the connection; null for nodes that are not dialled.</param>
    /// <param name="settings">What is to be known of zones and stale replicas.</param>
    /// <param name="before">The groups of the snapshot before, which know who was near: a new snapshot makes nobody nearer.</param>
    internal ReadGroups(TopologySnapshot snapshot, NodeConnection?[] connections, ClientSettings settings, ReadGroups? before)
    {
        _snapshot = snapshot;
        _near = before?.FindNear();
        _near?.IntersectWith(connections!);
        _byOwner = new ReadGroup?[snapshot.Nodes.Length];
        for (int i = 0; i < _byOwner.Length; i++)
        {
            TopologyNode node = snapshot.Nodes[i];
            if (!node.IsMaster) continue;
            List<NodeConnection> replicas = [];
            List<string?> zones = [ZoneOf(node, settings)];
            foreach (TopologyNode replica in snapshot.ReplicasOf(node))
            {
                if (connections[snapshot.IndexOf(replica)] is not { } connection) continue;
                replicas.Add(connection);
                zones.Add(ZoneOf(replica, settings));
            }

            _byOwner[i] = new ReadGroup(connections[i], [.. replicas], [.. zones], settings.AllowStaleReplicas, _near);
        }

        if (snapshot.MovingSlots.IsDefaultOrEmpty) return;
        _moving = new ulong[HashSlot.Count / 64];
        foreach (int slot in snapshot.MovingSlots) _moving[slot >> 6] |= 1UL << (slot & 63);
    }

    /// <summary>The nodes that hold a slot; null when nobody owns it, and while it moves: then only the masters know what is where.</summary>
    /// <param name="slot">The slot; negative outside a cluster, where there is but one group.</param>
    internal ReadGroup? Find(int slot)
    {
        if (slot < 0) return _snapshot.Kind is TopologyKind.Cluster or TopologyKind.Standalone ? null : OfSlot(0);
        if (_moving is { } moving && (moving[slot >> 6] & (1UL << (slot & 63))) != 0) return null;
        return OfSlot(slot);
    }

    /// <summary>The nodes that hold what a master holds; null when it is none.</summary>
    internal ReadGroup? OfMaster(NodeEndpoint master) => Array.Find(_byOwner, group => group?.Master?.Endpoint == master);

    /// <summary>Who is near in any group, and who was in those that nobody has read from since; null when nobody ever looked.</summary>
    private HashSet<NodeConnection>? FindNear()
    {
        HashSet<NodeConnection>? near = _near is null ? null : [.. _near];
        foreach (ReadGroup? group in _byOwner) group?.TellNear(ref near);
        return near;
    }

    private ReadGroup? OfSlot(int slot)
    {
        int owner = _snapshot.OwnerIndexOf(slot);
        return owner == TopologySnapshot.NoOwner ? null : _byOwner[owner];
    }

    private static string? ZoneOf(TopologyNode node, ClientSettings settings) => settings.ZoneOf?.Invoke(node.Endpoint) ?? node.AvailabilityZone;
}
