// How far away a node is, from the times its last few answers took.
namespace ClusterClient.Connections;

/// <summary>
/// The least of the last five times: what a node takes at best is its distance, and everything above it is somebody's queue. A nearer way is seen at once, a
/// longer one when five answers have taken it.
/// </summary>
internal sealed class LatencyWindow
{
    private const int Length = 5;
    private readonly Lock _gate = new();
    private readonly TimeSpan[] _times = new TimeSpan[Length];
    private long _present;
    private int _count;

    /// <summary>The present latency; zero while nothing is measured.</summary>
    internal TimeSpan Present => TimeSpan.FromTicks(Volatile.Read(ref _present));

    /// <summary>How many answers were measured since <see cref="Clear"/>.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>Adds the time an answer took.</summary>
    internal void Add(TimeSpan time)
    {
        lock (_gate)
        {
            _times[_count++ % Length] = time < TimeSpan.FromTicks(1) ? TimeSpan.FromTicks(1) : time;
            long least = long.MaxValue;
            for (int i = 0; i < Math.Min(_count, Length); i++) least = Math.Min(least, _times[i].Ticks);
            Volatile.Write(ref _present, least);
        }
    }

    /// <summary>Forgets what was measured, except the present value: a new connection may lead another way, and has not shown it yet.</summary>
    internal void Clear()
    {
        lock (_gate) _count = 0;
    }
}
