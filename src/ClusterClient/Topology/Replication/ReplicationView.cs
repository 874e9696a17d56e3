// What one server of a replicated deployment answered when it was asked once.
using System.Collections.Immutable;

namespace ClusterClient.Topology.Replication;

/// <summary>A replica as the node it follows sees it.</summary>
/// <param name="Announced">The address it announces.</param>
/// <param name="Offset">The offset it acknowledged last.</param>
/// <param name="Lag">How long ago it did.</param>
internal readonly record struct FollowerLine(NodeEndpoint Announced, long Offset, TimeSpan? Lag);

/// <summary>One server's word on itself, its master and its replicas.</summary>
/// <param name="Source">The server, as it was dialed.</param>
/// <param name="IsMaster">Whether it calls itself a master.</param>
internal sealed record ReplicationView(NodeEndpoint Source, bool IsMaster)
{
    /// <summary>The id of its process, which tells two addresses of one server from two servers; null when it is not permitted to ask.</summary>
    public string? RunId { get; init; }

    /// <summary>The address its master was given to it by (REPLICAOF); null for a master, and where only HELLO is permitted.</summary>
    public NodeEndpoint? Master { get; init; }

    public bool IsLinkUp { get; init; } = true;

    public long Offset { get; init; }

    /// <summary>The name of its replication history; null when not told.</summary>
    public string? ReplicationId { get; init; }

    /// <summary>The history it had before it was promoted.</summary>
    public string? PreviousReplicationId { get; init; }

    public ImmutableArray<FollowerLine> Followers { get; init; } = [];

    public string? AvailabilityZone { get; init; }
}
