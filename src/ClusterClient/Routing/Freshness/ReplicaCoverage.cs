// How much of what its master had a replica is known to have.
using System.Diagnostics;

namespace ClusterClient.Routing.Freshness;

/// <summary>What a watch has found out on one connection to a replica.</summary>
/// <param name="Master">The master it was compared with.</param>
/// <param name="CoveredAt">The replica has all that the master had at this moment, on the clock of <see cref="Stopwatch"/>: when the master was asked, not when it answered.</param>
/// <param name="Lag">How many bytes of the master's history it lacked when it was compared.</param>
/// <param name="ComparedAt">When that was.</param>
internal sealed record ReplicaCoverage(NodeEndpoint Master, long CoveredAt, long Lag, long ComparedAt)
{
    /// <summary>A comparison of bytes is worth nothing when it is old.</summary>
    internal static readonly TimeSpan LagLife = TimeSpan.FromMilliseconds(250);

    /// <summary>Whether a read that is sent now is within the bounds.</summary>
    internal bool IsWithin(ReadFrom bounds, NodeEndpoint master)
        => Master == master
        && (bounds.MaxStaleness is not { } most || Stopwatch.GetElapsedTime(CoveredAt) <= most)
        && (bounds.MaxLag is not { } bytes || (Lag <= bytes && Stopwatch.GetElapsedTime(ComparedAt) <= LagLife));
}
