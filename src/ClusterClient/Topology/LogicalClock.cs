// Orders questions and redirects, where a real clock could show the same time for both.
namespace ClusterClient.Topology;

internal sealed class LogicalClock
{
    private long _now;

    /// <summary>A time later than every time given before.</summary>
    public long Next() => Interlocked.Increment(ref _now);
}
