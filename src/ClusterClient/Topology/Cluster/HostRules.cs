// How the hosts in CLUSTER SLOTS, CLUSTER NODES and redirects become addresses.
namespace ClusterClient.Topology.Cluster;

/// <summary>
/// Null and the empty host mean the host the question was sent to; "?" means that the server does not know the preferred
/// address: then the metadata's ip, then that of CLUSTER NODES.
/// </summary>
internal static class HostRules
{
    public const string UnknownHost = "?";

    public static bool MeansWhoAnswered(string? host) => string.IsNullOrEmpty(host);

    /// <summary>The host to dial, or null when it cannot be told from one view.</summary>
    public static string? Resolve(string? host, string? metadataIp, string? nodesIp, NodeEndpoint source)
    {
        // Behind a Unix socket there is no host to borrow, but there is one machine.
        if (MeansWhoAnswered(host)) return source.IsUnixSocket ? FirstKnown(metadataIp, nodesIp) ?? "127.0.0.1" : source.Host;
        return string.Equals(host, UnknownHost, StringComparison.Ordinal) ? FirstKnown(metadataIp, nodesIp) : host;
    }

    private static string? FirstKnown(string? first, string? second) => Known(first) ?? Known(second);

    public static string? Known(string? host) => string.IsNullOrEmpty(host) || string.Equals(host, UnknownHost, StringComparison.Ordinal) ? null : host;
}
