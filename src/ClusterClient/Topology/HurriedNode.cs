// Has the one node that others wait for dialled at every look, for the first seconds.
namespace ClusterClient.Topology;

/// <summary>
/// A server that is only restarted is back within a second or two, and nobody should wait for a back-off then. One that stays away is gone, and is dialled at the pace
/// that the user set.
/// </summary>
internal sealed class HurriedNode(TimeProvider time)
{
    internal static TimeSpan For { get; } = TimeSpan.FromSeconds(5);

    private NodeEndpoint? _node;
    private long _since;

    /// <summary>Has a node dialled now, unless that has been wanted for too long without a <see cref="Rest"/>.</summary>
    public void Hurry(NodeEndpoint node, INodeQuery query)
    {
        if (_node != node) (_node, _since) = (node, time.GetTimestamp());
        if (time.GetElapsedTime(_since) < For) query.Hurry(node);
    }

    /// <summary>Nobody waits for it any more.</summary>
    public void Rest() => _node = null;
}
