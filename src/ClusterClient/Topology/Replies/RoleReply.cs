// What a server says of its place in replication in the reply to ROLE.
using System.Collections.Immutable;

namespace ClusterClient;

/// <summary>The reply to <c>ROLE</c>.</summary>
/// <param name="Role">Master or replica; null from a Sentinel.</param>
public sealed record RoleReply(NodeRole? Role)
{
    /// <summary>The replication offset; −1 for a replica that has not synchronised yet.</summary>
    public long Offset { get; init; }

    /// <summary>A master's connected replicas.</summary>
    public ImmutableArray<RoleReplica> Replicas { get; init; } = [];

    /// <summary>A replica's master, as the replica was told to find it; null for a master.</summary>
    public NodeEndpoint? Master { get; init; }

    /// <summary>A replica's link to its master, in the server's words: <c>connected</c>, <c>connect</c>, <c>connecting</c>, <c>handshake</c>, <c>sync</c>; null for a master.</summary>
    public string? Link { get; init; }

    /// <summary>The names of the masters a Sentinel watches.</summary>
    public ImmutableArray<string> WatchedMasters { get; init; } = [];
}

/// <summary>A replica in its master's reply to <c>ROLE</c>.</summary>
/// <param name="Endpoint">Its address as its master sees it.</param>
/// <param name="Offset">The offset it acknowledged last.</param>
public readonly record struct RoleReplica(NodeEndpoint Endpoint, long Offset);
