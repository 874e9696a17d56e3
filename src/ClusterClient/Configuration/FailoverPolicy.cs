// When to write to a master that a Sentinel failover has made.
namespace ClusterClient;

/// <summary>When to write to a master that a Sentinel failover has made.</summary>
public enum FailoverPolicy
{
    /// <summary>
    /// As soon as the replica that the Sentinels chose says that it is master and continues the old master's data: about a second before the Sentinels have
    /// agreed on it. If the Sentinel that leads the failover dies in that second, another replica may be chosen in the end, and what was written to the first
    /// one meanwhile is lost; the client tells. Without confirmation for 2 s it stops writing and waits.
    /// </summary>
    Eager,

    /// <summary>
    /// Only once a Sentinel names the new master with its new configuration epoch: about a second later. The old master is left as soon as its successor is
    /// seen to be promoted; writes wait meanwhile.
    /// </summary>
    Confirmed,
}
