// The node that a MOVED or ASK names.
using ClusterClient.Topology.Cluster;

namespace ClusterClient.Topology;

/// <summary>Resolves the <c>host:port</c> of a redirect, which follows the same rules as the hosts of CLUSTER SLOTS.</summary>
internal static class RedirectTarget
{
    /// <summary>The address to dial, or null when the server does not know it (<c>?</c>) and the map does not tell: refresh then.</summary>
    /// <param name="snapshot">To recognise a node under any of its names.</param>
    /// <param name="host">As the server wrote it, without brackets: empty means the node that answered.</param>
    /// <param name="port">As the server wrote it.</param>
    /// <param name="answeredBy">The node that answered, as it was dialed.</param>
    /// <param name="endpointMap">From announced to dialed addresses, or null.</param>
    public static NodeEndpoint? Resolve(TopologySnapshot snapshot, string host, int port, NodeEndpoint answeredBy, Func<NodeEndpoint, NodeEndpoint>? endpointMap)
    {
        if (string.Equals(host, HostRules.UnknownHost, StringComparison.Ordinal))
        {
            // A redirect carries no id; a port that only one node has names it as well.
            TopologyNode[] candidates = [.. snapshot.Nodes.Where(node => (node.Announced ?? node.Endpoint).Port == port).Take(2)];
            return candidates.Length == 1 ? candidates[0].Endpoint : null;
        }

        var announced = new NodeEndpoint(HostRules.Resolve(host, null, null, answeredBy)!, port);
        if (snapshot.NodeAt(announced) is { } known) return known.Endpoint;
        return endpointMap is null ? announced : endpointMap(announced);
    }
}
