// Makes the views whose reads need more than a choice of node.
using ClusterClient.Routing.Freshness;
using ClusterClient.Routing.Hedging;

namespace ClusterClient.Routing;

internal static class ReadViews
{
    /// <summary>A view with bounds, or one that hedges.</summary>
    /// <param name="router">The client's router.</param>
    /// <param name="make">Makes the executor behind it, with or without a policy.</param>
    /// <param name="readFrom">The policy.</param>
    internal static IRedisView Make(Router router, Func<ReadSteering?, RoutedExecutor> make, ReadFrom readFrom)
        => readFrom.IsBounded ? new BoundedReads(router, make(null), readFrom) : new HedgedReads(router, make(ReadSteering.For(router, readFrom)), readFrom);
}
