// The clock of an open loop: tells on a thread of its own what has fallen due.
using System.Diagnostics;

namespace ClusterClient.Bench.Load;

internal static class Pacer
{
    // Commands fall due in ticks: finer ones would cost more CPU in waking up than the commands themselves.
    private static readonly long _tick = Stopwatch.Frequency / 10_000;

    /// <summary>Runs until the window is over. A tick that comes late is not skipped; its commands are due since then.</summary>
    /// <param name="rate">Commands per second.</param>
    /// <param name="window">The measurement.</param>
    /// <param name="startDue">Gets the number of the first command that is due, how many are, and since when.</param>
    public static Task RunAsync(int rate, RunWindow window, Action<long, int, long> startDue)
    {
        // A thread of the pool would be one that the client lacks.
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                Pace(rate, window, startDue);
                ended.SetResult();
            }
            catch (Exception failure)
            {
                ended.SetException(failure);
            }
        });
        thread.IsBackground = true;
        thread.Start();
        return ended.Task;
    }

    private static void Pace(int rate, RunWindow window, Action<long, int, long> startDue)
    {
        PreciseSleep.PrepareThread();
        long begin = RunWindow.Now;
        long started = 0;
        for (long tick = 1; !window.Stopped; tick++)
        {
            long due = begin + (tick * _tick);
            PreciseSleep.Until(due);
            long wanted = (long)((double)tick * _tick * rate / Stopwatch.Frequency);
            if (wanted == started) continue;
            startDue(started, (int)(wanted - started), due);
            started = wanted;
        }
    }
}
