// One moment of the deployment: what a view draws.
using ClusterClient;

namespace ClusterWatch;

/// <summary>A node at one moment.</summary>
/// <param name="Node">The node.</param>
/// <param name="Slots">How many slots it owns.</param>
/// <param name="Rate">Commands a second, over the last second.</param>
/// <param name="Milliseconds">Their mean duration; null when there was none.</param>
/// <param name="Errors">Failed commands since the start.</param>
/// <param name="History">Rates of the last seconds, the oldest first.</param>
internal sealed record NodeLine(TopologyNode Node, int Slots, double Rate, double? Milliseconds, long Errors, IReadOnlyList<double> History);

/// <summary>The whole.</summary>
/// <param name="Topology">The client's snapshot.</param>
/// <param name="Nodes">Masters in the order of their slots, each followed by its replicas; those without a master last.</param>
/// <param name="Elapsed">Since the start.</param>
internal sealed record Frame(TopologySnapshot Topology, IReadOnlyList<NodeLine> Nodes, TimeSpan Elapsed)
{
    internal double Rate => Nodes.Sum(static line => line.Rate);

    internal long Errors => Nodes.Sum(static line => line.Errors);
}
