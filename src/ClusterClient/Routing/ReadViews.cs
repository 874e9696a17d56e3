// Makes the views whose reads need more than a choice of node.
using ClusterClient.Routing.Freshness;
using ClusterClient.Routing.Hedging;

namespace ClusterClient.Routing;

internal static class ReadViews
{
    /// <summary>A view's policy: the client's bound on age holds for it, unless it has one of its own.</summary>
    /// <exception cref="ArgumentException">It is hedged, and the client has a bound.</exception>
    internal static ReadFrom Inherit(Router router, ReadFrom readFrom)
    {
        ArgumentNullException.ThrowIfNull(readFrom);
        TimeSpan? bound = router.Settings.ReadFrom.MaxStaleness;
        if (bound is not null && readFrom.IsHedged) throw new ArgumentException($"Option 'maxStaleness': reads of this client are bounded to an age of {bound.Value.TotalMilliseconds} ms, and cannot be hedged. Leave maxStaleness out and bound those views that are not hedged.", nameof(readFrom));
        return readFrom.Inherit(bound);
    }

    /// <summary>A view with bounds, or one that hedges.</summary>
    /// <param name="router">The client's router.</param>
    /// <param name="make">Makes the executor behind it, with or without a policy.</param>
    /// <param name="readFrom">The policy.</param>
    /// <param name="isBulk">Whether the executor sends over the second connections.</param>
    internal static IRedisView Make(Router router, Func<ReadSteering?, RoutedExecutor> make, ReadFrom readFrom, bool isBulk = false)
    {
        if (!readFrom.IsBounded) return new HedgedReads(router, make(ReadSteering.For(router, readFrom)), readFrom);
        BoundedReads bounded = new(router, make(null), readFrom);

        // How fresh a replica is, is known of its first connection and would have to be proved on the other: there the masters answer.
        return isBulk ? bounded.WithBulkConnection() : bounded;
    }
}
