// What a node is in its deployment.
namespace ClusterClient;

/// <summary>What a node is in its deployment.</summary>
public enum NodeRole
{
    /// <summary>Accepts writes. A cluster's master may own no slots.</summary>
    Master,

    /// <summary>Follows a master, or another replica.</summary>
    Replica,
}
