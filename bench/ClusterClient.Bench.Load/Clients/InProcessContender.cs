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

    /// <summary>A client of its own, for those who measure something else than a workload.</summary>
    public Task<ILoadClient> ConnectAsync(Target target, CancellationToken cancellationToken) => connect(target, cancellationToken);

    public async Task<Sample> MeasureAsync(
        Target target, Workload workload, DataSet data, Timing timing, CancellationToken cancellationToken)
    {
        await using ServerStatistics statistics = await ServerStatistics.ConnectAsync(target, cancellationToken);
        await using ILoadClient client = await connect(target, cancellationToken);

        // What the one before left behind is not charged to this one.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        var window = new RunWindow(workload.TimeEvery);
        Task callers = client.RunAsync(workload, data, window);
        try
        {
            await WaitAsync(timing.WarmUp, callers, cancellationToken);
            ServerTotals serverBefore = await statistics.ReadAsync(cancellationToken);
            window.BeginMeasuring();
            Reading before = Reading.Take(window);
            await WaitAsync(timing.Window, callers, cancellationToken);
            Reading after = Reading.Take(window);
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
        return new Sample
        {
            CommandsPerSecond = commands / seconds,
            ClientCpuMicroseconds = (after.Cpu - before.Cpu).TotalMicroseconds / commands,
            AllocatedBytes = (after.Allocated - before.Allocated) / commands,
            P50Microseconds = latency.Quantile(0.5),
            P99Microseconds = latency.Quantile(0.99),
            P999Microseconds = latency.Quantile(0.999),
            MaxMicroseconds = latency.Quantile(1),
            ServerReads = server.Reads / commands,
            ServerWrites = server.Writes / commands,
            ServerCpuMicroseconds = server.Cpu?.TotalMicroseconds / commands,
        };
    }

    private readonly record struct Reading(long Time, long Completed, TimeSpan Cpu, long Allocated)
    {
        public static Reading Take(RunWindow window)
        {
            // Precise counting stops all threads for a moment; it comes first so that the stop lies outside of one window's end
            // and inside the other's start only by its own length.
            long allocated = GC.GetTotalAllocatedBytes(precise: true);
            return new Reading(RunWindow.Now, window.Completed, Environment.CpuUsage.TotalTime, allocated);
        }
    }
}
