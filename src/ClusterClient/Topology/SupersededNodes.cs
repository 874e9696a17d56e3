// Masters that a higher epoch has taken all slots from: not gone to again on the word of a lone MOVED.
using System.Collections.Immutable;

namespace ClusterClient.Topology;

/// <summary>
/// A node that has not heard of a failover yet sends clients back to the old master, which, frozen or cut off, may still believe in itself and take writes
/// that are lost when it hears the truth. Until a view names it as owner with a higher epoch than its successor's, it is not gone to. Immutable.
/// </summary>
internal sealed class SupersededNodes
{
    private readonly ImmutableDictionary<NodeEndpoint, string> _nodes;

    private SupersededNodes(ImmutableDictionary<NodeEndpoint, string> nodes) => _nodes = nodes;

    public static SupersededNodes None { get; } = new(ImmutableDictionary<NodeEndpoint, string>.Empty);

    /// <summary>Whether a MOVED to the address is not to be believed.</summary>
    public bool Bars(NodeEndpoint address, TopologySnapshot current)
    {
        if (_nodes.IsEmpty || !_nodes.TryGetValue(address, out string? id)) return false;

        // An address that changed hands is another node's.
        return current.NodeAt(address) is not { } node || (string.Equals(node.Id, id, StringComparison.Ordinal) && !current.OwnsSlots(address));
    }

    /// <summary>What is known after views led from one snapshot to the next.</summary>
    public SupersededNodes After(TopologySnapshot before, TopologySnapshot after)
    {
        if (before.Kind != TopologyKind.Cluster || after.Kind != TopologyKind.Cluster) return None;
        ImmutableDictionary<NodeEndpoint, string>.Builder next = _nodes.ToBuilder();
        foreach (NodeEndpoint address in _nodes.Keys)
        {
            // Owner again, by the word of views, or gone: either way the matter is closed.
            if (after.NodeAt(address) is null || after.OwnsSlots(address)) next.Remove(address);
        }

        // One that was emptied on purpose is barred too: its first slot to come back costs a look, and no more.
        foreach (OwnedSlots owned in before.SlotRanges)
        {
            TopologyNode old = owned.Master;
            if (old.Id is null || next.ContainsKey(old.Endpoint) || after.OwnsSlots(old.Endpoint)) continue;
            if (after.MasterOf(owned.Slots.First) is { } heir && heir.ConfigEpoch > old.ConfigEpoch) next[old.Endpoint] = old.Id;
        }

        return new(next.ToImmutable());
    }
}
