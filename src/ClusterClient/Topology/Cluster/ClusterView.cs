// What one node of a cluster answered when it was asked once.
using System.Collections.Immutable;

namespace ClusterClient.Topology.Cluster;

/// <summary>One node's picture of the cluster.</summary>
/// <param name="Source">The node that answered, as it was dialed.</param>
/// <param name="AskedAt">The refresher's logical time just before the question was sent.</param>
/// <param name="Slots">Its CLUSTER SLOTS.</param>
/// <param name="Nodes">Its CLUSTER NODES, asked behind CLUSTER SLOTS on one connection, so that epochs are never older than the slots they back; empty when it is not permitted.</param>
internal sealed record ClusterView(NodeEndpoint Source, long AskedAt, ImmutableArray<ClusterSlotsEntry> Slots, ImmutableArray<ClusterNodesEntry> Nodes)
{
    /// <summary>How many slots have an owner in it; slots named twice count twice.</summary>
    public int CoveredSlots => Slots.Sum(static entry => entry.Slots.Count);
}
