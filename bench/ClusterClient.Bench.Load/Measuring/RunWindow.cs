// The time in which callers run and the part of it that counts: warm-up, measurement, stop.
using System.Diagnostics;

namespace ClusterClient.Bench.Load;

/// <summary>Shared by all callers of one measurement. They loop until <see cref="Stopped"/>; only what ends inside the window counts.</summary>
/// <param name="timeEvery">One command in so many is timed.</param>
internal sealed class RunWindow(int timeEvery)
{
    private readonly List<CallerRecorder> _recorders = [];
    private volatile bool _stopped;
    private volatile bool _measuring;

    public LatencyHistogram Latency { get; } = new();

    public bool Stopped => _stopped;

    public bool Measuring => _measuring;

    /// <summary>All commands completed so far, warm-up included; a difference of two readings is what a window completed.</summary>
    public long Completed
    {
        get
        {
            long sum = 0;
            lock (_recorders)
            {
                foreach (CallerRecorder recorder in _recorders) sum += recorder.Completed;
            }

            return sum;
        }
    }

    public static long Now => Stopwatch.GetTimestamp();

    public CallerRecorder AddRecorder()
    {
        lock (_recorders)
        {
            // Callers take turns at being timed; else a whole batch would be timed at once and the next ones not at all.
            var recorder = new CallerRecorder(this, timeEvery, untilTimed: _recorders.Count % timeEvery);
            _recorders.Add(recorder);
            return recorder;
        }
    }

    public void BeginMeasuring()
    {
        Latency.Clear();
        _measuring = true;
    }

    public void EndMeasuring() => _measuring = false;

    public void Stop() => _stopped = true;
}
