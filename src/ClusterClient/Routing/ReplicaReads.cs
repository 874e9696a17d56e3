// What changes for reads when the nodes they may go to change.
using ClusterClient.Connections;

namespace ClusterClient.Routing;

internal static class ReplicaReads
{
    /// <summary>A connection could not be made: reads that wait for it look elsewhere, if it is the second to its node; where the first is gone the node is not fit.</summary>
    internal static void LeaveSecond(NodeConnection node)
    {
        if (node.IsWaitedFor) node.Reroute(static operation => operation.IsBulk && operation.Reader is not null);
    }

    /// <summary>A node has become fit, or unfit: reads that wait for a node look again.</summary>
    internal static void Wake(Router router)
    {
        router.Waiting.Wake(static operation => operation.IsSteered && operation.Target is null);
        foreach (NodeConnection node in router.Nodes.All)
        {
            if (!node.IsConnected) node.Reroute(static operation => operation.Reader is not null);
        }
    }
}
