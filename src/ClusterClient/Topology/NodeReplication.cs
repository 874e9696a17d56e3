// What a node of a replicated deployment says of its replication.
namespace ClusterClient;

/// <summary>
/// A node's replication when it was last asked. Two are equal when they tell the same of links and roles, whatever their offsets, which move all the time:
/// for fresh ones ask with <c>RefreshTopologyAsync</c>.
/// </summary>
public sealed record NodeReplication
{
    /// <summary>The node it copies from: the master, or another replica; null for a master.</summary>
    public NodeEndpoint? Follows { get; init; }

    /// <summary>Whether its link to that node is up (<c>master_link_status</c>); true for a master.</summary>
    public bool IsLinkUp { get; init; } = true;

    /// <summary>Whether it calls itself a master although another one lives, which the client stays with. It is neither written to nor read from, and nor is what copies it.</summary>
    public bool ClaimsToBeMaster { get; init; }

    /// <summary>How far its data goes, in bytes of the replication stream.</summary>
    public long Offset { get; init; }

    /// <summary>How long ago the node it follows heard from it, in whole seconds; null where that node did not tell.</summary>
    public TimeSpan? Lag { get; init; }

    /// <inheritdoc/>
    public bool Equals(NodeReplication? other)
        => other is not null && Follows == other.Follows && IsLinkUp == other.IsLinkUp && ClaimsToBeMaster == other.ClaimsToBeMaster;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Follows, IsLinkUp, ClaimsToBeMaster);
}
