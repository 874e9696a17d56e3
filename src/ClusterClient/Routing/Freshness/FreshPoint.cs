// A place in the history of a shard: what a session has seen lies before it.
using ClusterClient.Connections;

namespace ClusterClient.Routing.Freshness;

/// <summary>So many bytes of a history. Never a time: the clocks of servers prove nothing.</summary>
/// <param name="Id">The history (<c>master_replid</c>).</param>
/// <param name="Offset">How far into it.</param>
internal sealed record FreshPoint(string Id, long Offset)
{
    /// <summary>No place in any history: no replica has reached it.</summary>
    internal static FreshPoint None { get; } = new(string.Empty, 0);

    /// <summary>Whether a replica, by what it said on the connection that will carry the read, has all that lies before the point.</summary>
    /// <remarks>Its history must be the very same: one that was promoted may have gone on from an earlier place.</remarks>
    internal bool IsReachedBy(in ReplicationInfo replica)
        => replica is { IsMaster: false, IsLinkUp: true } && Id.Length > 0 && string.Equals(replica.Id, Id, StringComparison.Ordinal) && replica.Offset >= Offset;
}
