// What a cluster's merges remember from one round to the next.
using System.Collections.Immutable;

namespace ClusterClient.Topology.Cluster;

/// <summary>What a cluster's merges remember from one round to the next. Immutable.</summary>
/// <param name="Claims">The claims behind the last merge.</param>
/// <param name="DisputedSince">For each slot that was held against the word of every view: since when, in milliseconds.</param>
internal sealed record ClusterMemory(SlotClaims Claims, ImmutableDictionary<int, long> DisputedSince)
{
    /// <summary>
    /// How long a slot is held against every view: gossip carries a change everywhere within about a second, so who is still contradicted then
    /// has been forgotten or was reassigned by hand without an epoch.
    /// </summary>
    public static TimeSpan DisputeLimit { get; } = TimeSpan.FromSeconds(30);

    public static ClusterMemory Empty { get; } = new(SlotClaims.Empty, ImmutableDictionary<int, long>.Empty);
}
