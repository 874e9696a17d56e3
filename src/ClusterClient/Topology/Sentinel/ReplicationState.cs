// What a data node says of its own place in replication (INFO replication).
using System.Collections.Immutable;
using System.Globalization;

namespace ClusterClient.Topology.Sentinel;

/// <param name="IsMaster">Whether it calls itself a master. That alone proves nothing: after a planned failover the old master says so for seconds.</param>
/// <param name="ReplicationId">The history of data it continues (master_replid); empty when not said.</param>
/// <param name="PreviousId">The history it continued before it was promoted (master_replid2); empty when there is none.</param>
/// <param name="IsLinkUp">For a replica, whether its link to its master is up.</param>
/// <param name="Follows">For a replica, its master as it was told to find it; else null.</param>
internal sealed record ReplicationState(bool IsMaster, string ReplicationId, string PreviousId, bool IsLinkUp, NodeEndpoint? Follows = null)
{
    private const string NoId = "0000000000000000000000000000000000000000";

    /// <summary>Reads INFO; null when it says nothing of replication.</summary>
    public static ReplicationState? From(ImmutableDictionary<string, string> info)
        => info.GetValueOrDefault("role") is { } role
            ? new(role is "master", IdIn(info, "master_replid"), IdIn(info, "master_replid2"), info.GetValueOrDefault("master_link_status") is "up", MasterIn(info))
            : null;

    private static NodeEndpoint? MasterIn(ImmutableDictionary<string, string> info)
        => info.GetValueOrDefault("master_host") is { Length: > 0 } host && ushort.TryParse(info.GetValueOrDefault("master_port"), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
            ? new NodeEndpoint(host, port)
            : null;

    private static string IdIn(ImmutableDictionary<string, string> info, string field)
        => info.GetValueOrDefault(field) is { } id and not NoId ? id : string.Empty;
}
