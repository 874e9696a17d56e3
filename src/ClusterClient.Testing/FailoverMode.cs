// How a replica is made master of its shard.
namespace ClusterClient.Testing;

/// <summary>How a replica is made master of its shard (CLUSTER FAILOVER).</summary>
public enum FailoverMode
{
    /// <summary>With the help of the living master, which pauses its clients until the replica has everything: nothing is lost.</summary>
    Graceful,

    /// <summary>Without the master, but with the votes of the other masters (FORCE).</summary>
    Force,

    /// <summary>Without master and votes (TAKEOVER): for a cluster that has no majority.</summary>
    Takeover,
}
