// What one caller has done: its count of commands, and every nth of them timed.
using System.Runtime.InteropServices;

namespace ClusterClient.Bench.Load;

/// <summary>Written by one caller only; read by the measurement.</summary>
internal sealed class CallerRecorder(RunWindow window, int timeEvery, int untilTimed)
{
    private PaddedCount _completed;
    private int _untilTimed = untilTimed;

    public long Completed => Volatile.Read(ref _completed.Value);

    public bool Stopped => window.Stopped;

    /// <summary>The time now if the next command is one to be timed, else 0.</summary>
    public long Start()
    {
        if (_untilTimed-- > 0) return 0;
        _untilTimed = timeEvery - 1;
        return RunWindow.Now;
    }

    /// <summary>A command has completed that began at <paramref name="start"/>, or was not timed (0).</summary>
    public void Complete(long start)
    {
        _completed.Value++;
        if (start != 0 && window.Measuring) window.Latency.Add(RunWindow.Now - start);
    }

    /// <summary>A hand-made batch has completed; each of its commands took as long as the batch.</summary>
    public void CompleteBatch(long start, int commands)
    {
        _completed.Value += commands;
        if (window.Measuring) window.Latency.Add(RunWindow.Now - start, commands);
    }

    /// <summary>A count on a cache line of its own: callers on different cores must not slow each other down.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct PaddedCount
    {
        [FieldOffset(64)]
        public long Value;
    }
}
