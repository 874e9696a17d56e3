// Measures a client inside this process: connects, warms up, and reads clocks and counters at both ends of the window.
using System.Diagnostics;

namespace ClusterClient.Bench.Load;

internal sealed class InProcessContender(
    string name,
    Func<Target, CancellationToken, Task<ILoadClient>> connect,
    Func<Target, Workload, string?>? whyNot = null) : IContender
{
    public string Name => name;

    public string? WhyNot(Target target, Workload workload) => whyNot?.Invoke(target, workload);

    public async Task<Sample> MeasureAsync(
        Target target, Workload workload, DataSet data, Timing timing, CancellationToken cancellationToken)
    {
        await using ServerStatistics statistics = await ServerStatistics.ConnectAsync(target, cancellationToken);
        await using ILoadClient client = await connect(target, cancellationToken);

        // What the one before left behind is not charged to this one.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        var window = new RunWindow(timeEvery: workload.InFlight < 16 ? 1 : 8);
        Task callers = client.RunAsync(workload, data, window);
        try
        {
            await WaitAsync(timing.WarmUp, callers, cancellationToken);
            ServerTotals serverBefore = await statistics.ReadAsync(cancellationToken);
            window.BeginMeasuring();
            Reading before = Reading.Take(window, client);
            await WaitAsync(timing.Window, callers, cancellationToken);
            Reading after = Reading.Take(window, client);
            window.EndMeasuring();
            ServerTotals serverAfter = await statistics.ReadAsync(cancellationToken);
            return ToSample(before, after, serverAfter - serverBefore, window.Latency);
        }
        finally
        {
            window.Stop();
            await callers.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        }
    }

    private static async Task WaitAsync(TimeSpan time, Task callers, CancellationToken cancellationToken)
    {
        // A caller that fails ends the measurement at once, with its own error.
        if (await Task.WhenAny(Task.Delay(time, cancellationToken), callers) == callers) await callers;
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static Sample ToSample(Reading before, Reading after, ServerTotals server, LatencyHistogram latency)
    {
        double seconds = Stopwatch.GetElapsedTime(before.Time, after.Time).TotalSeconds;
        double commands = after.Completed - before.Completed;
        if (commands == 0) throw new InvalidOperationException("Not one command completed within the window; measure longer.");
        return new Sample(
            commands / seconds,
            (after.Cpu - before.Cpu).TotalMicroseconds / commands,
            (after.Allocated - before.Allocated) / commands,
            latency.Quantile(0.5),
            latency.Quantile(0.99),
            latency.Quantile(0.999),
            (after.Calls?.Sends - before.Calls?.Sends) / commands,
            (after.Calls?.Receives - before.Calls?.Receives) / commands,
            server.Reads / commands,
            server.Cpu?.TotalMicroseconds / commands);
    }

    private readonly record struct Reading(long Time, long Completed, TimeSpan Cpu, long Allocated, SocketCalls? Calls)
    {
        public static Reading Take(RunWindow window, ILoadClient client)
        {
            // Precise counting stops all threads for a moment; it comes first so that the stop lies outside of one window's end
            // and inside the other's start only by its own length.
            long allocated = GC.GetTotalAllocatedBytes(precise: true);
            return new Reading(RunWindow.Now, window.Completed, Environment.CpuUsage.TotalTime, allocated, client.SocketCalls);
        }
    }
}
