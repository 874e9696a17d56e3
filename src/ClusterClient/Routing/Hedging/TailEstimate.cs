// The time that all but the slowest twentieth of the answers take, as they come.
namespace ClusterClient.Routing.Hedging;

/// <summary>
/// A running 95th percentile in one number: each time that exceeds it lifts it by nineteen steps, each other lowers it by one, so that it rests where one in twenty
/// exceeds it. Updates from several threads may get lost; it is an estimate.
/// </summary>
internal sealed class TailEstimate
{
    private const int FirstTimes = 20;
    private const double Step = 0.05 / 20;
    private double _ticks;
    private int _count;

    /// <summary>The estimate; null before there are enough times for one.</summary>
    internal TimeSpan? Present => Volatile.Read(ref _count) < FirstTimes ? null : TimeSpan.FromTicks((long)Volatile.Read(ref _ticks));

    /// <summary>Adds the time an answer took.</summary>
    internal void Add(TimeSpan time)
    {
        double ticks = Volatile.Read(ref _ticks);
        if (Volatile.Read(ref _count) < FirstTimes)
        {
            Volatile.Write(ref _ticks, Math.Max(ticks, time.Ticks));
            Interlocked.Increment(ref _count);
            return;
        }

        double step = (ticks * Step) + 1;
        Volatile.Write(ref _ticks, time.Ticks > ticks ? ticks + (19 * step) : ticks - step);
    }
}
