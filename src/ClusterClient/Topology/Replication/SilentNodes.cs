// The nodes that held a walk up for nothing: the next one does not wait for them.
namespace ClusterClient.Topology.Replication;

/// <summary>
/// A frozen node costs every look the full grace of a round until its heartbeats have made it a suspect, and a promotion is followed that much later. One that
/// has said anything since, be it the late answer itself, was slow and is waited for again: else a node that is far away would never be heard.
/// </summary>
internal sealed class SilentNodes
{
    private readonly Dictionary<NodeEndpoint, long?> _lastHeard = [];

    /// <summary>Whether a node gave the last walk no answer, and has not been heard of since.</summary>
    public bool Contains(NodeEndpoint node, INodeQuery query) => _lastHeard.TryGetValue(node, out long? before) && query.LastHeard(node) == before;

    /// <summary>A walk has ended.</summary>
    /// <param name="silent">Who gave it no answer.</param>
    /// <param name="query">Knows when each was heard of.</param>
    public void Replace(IReadOnlyCollection<NodeEndpoint> silent, INodeQuery query)
    {
        _lastHeard.Clear();
        foreach (NodeEndpoint node in silent) _lastHeard[node] = query.LastHeard(node);
    }
}
