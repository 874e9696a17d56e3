// How long to wait before the next try: exponential, with full jitter.
namespace ClusterClient.Connections;

/// <summary>
/// Waits drawn evenly from zero to a bound that doubles with every failure. Full jitter is what keeps ten thousand clients
/// from knocking at a recovering server in step.
/// </summary>
internal static class Backoff
{
    /// <summary>The wait before try number <paramref name="attempt"/> (the first retry is 1).</summary>
    internal static TimeSpan Next(int attempt, TimeSpan minimum, TimeSpan maximum)
    {
        double bound = Math.Min(maximum.TotalMilliseconds, minimum.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 30)));
        return TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * bound);
    }
}
