// The run that measures what fresh reads cost: bounds and sessions against plain reads of replicas, by one client and by a thousand.
using System.Diagnostics;
using Spectre.Console;

namespace ClusterClient.Bench.Load;

internal static class FreshnessRun
{
    private static readonly byte[] _value = new byte[32];

    public static async Task<int> RunAsync(Run run, CancellationToken cancellationToken)
    {
        Target target = await run.Servers.GetAsync(TopologyKind.Replicas, cancellationToken);
        run.WriteHeading([]);
        List<(FreshnessCase Case, List<FreshnessSample> Samples)> rows = [.. FreshnessCase.All.Select(static one => (one, new List<FreshnessSample>()))];
        await using CommandStatistics statistics = await CommandStatistics.ConnectAsync(target, cancellationToken);
        await FillAsync(target, cancellationToken);

        // What is compared is measured within seconds, in an order that turns around; the first round of each load is thrown away.
        foreach (IGrouping<string, (FreshnessCase Case, List<FreshnessSample> Samples)> load in rows.GroupBy(static row => row.Case.Load))
        {
            for (int round = 0; round <= run.Options.Rounds; round++)
            {
                foreach ((FreshnessCase one, List<FreshnessSample> samples) in round % 2 == 0 ? load : load.Reverse())
                {
                    FreshnessSample sample = await MeasureAsync(one, target, statistics, run.Options.Timing, cancellationToken);
                    if (round > 0) samples.Add(sample);
                    run.Console.MarkupLineInterpolated($"{(round == 0 ? "warm-up" : round)}: {one.Load}: {one.Name}: {FreshnessReport.Line(sample)}");
                }
            }
        }

        string report = FreshnessReport.Render(run, [.. rows.Select(static row => (row.Case, FreshnessSample.Median(row.Samples)))]);
        run.Console.WriteLine();
        run.Console.WriteLine(report);
        run.Saved(ReportFiles.Save(run.Options.OutputFolder, report));
        return 0;
    }

    private static async Task FillAsync(Target target, CancellationToken cancellationToken)
    {
        await using RedisClient redis = await RedisClient.ConnectAsync($"redis://{target.Endpoints}", cancellationToken);
        for (int i = 0; i < FreshnessCase.All.Max(static one => one.Callers); i++) await redis.StringSetAsync(FreshnessCase.KeyOf(i), _value, cancellationToken: cancellationToken);
        if (await redis.WaitAsync(target.Replicas.Count, TimeSpan.FromSeconds(10), static write => write.StringSetAsync(FreshnessCase.KeyOf(0), _value)) is false) throw new InvalidOperationException("The replicas do not follow.");
    }

    private static async Task<FreshnessSample> MeasureAsync(FreshnessCase one, Target target, CommandStatistics statistics, Timing timing, CancellationToken cancellationToken)
    {
        List<RedisClient> clients = [];
        try
        {
            foreach (RedisClient[] some in await Task.WhenAll(Enumerable.Range(0, one.Clients).Chunk(50).Select(async chunk =>
            {
                List<RedisClient> made = [];
                foreach (int _ in chunk) made.Add(await RedisClient.ConnectAsync($"redis://{target.Endpoints}?commandTimeout=20s", cancellationToken));
                return made.ToArray();
            }))) clients.AddRange(some);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            var window = new RunWindow(timeEvery: one.Pause > TimeSpan.Zero ? 1 : 8);
            Task callers = Task.WhenAll(Enumerable.Range(0, one.Callers).Select(i => Task.Run(() => one.CallAsync(clients[i % clients.Count], i, _value, window), cancellationToken)));
            try
            {
                await WaitAsync(timing.WarmUp, callers, cancellationToken);
                IReadOnlyList<CommandTotals> before = await statistics.ReadAsync(cancellationToken);
                long allocated = GC.GetTotalAllocatedBytes(precise: true);
                TimeSpan cpu = Environment.CpuUsage.TotalTime;
                (long began, long done) = (Stopwatch.GetTimestamp(), window.Completed);
                window.BeginMeasuring();
                await WaitAsync(timing.Window, callers, cancellationToken);
                window.EndMeasuring();
                double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds, commands = window.Completed - done;
                double cpuMicroseconds = (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds;
                double bytes = GC.GetTotalAllocatedBytes(precise: true) - allocated;
                CommandTotals[] used = [.. (await statistics.ReadAsync(cancellationToken)).Zip(before, static (after, before) => after - before)];
                return new FreshnessSample(
                    commands / seconds, window.Latency.Quantile(0.5) ?? 0, window.Latency.Quantile(0.99) ?? 0, cpuMicroseconds / commands, bytes / commands,
                    used[1..].Sum(static node => node.Gets) / Math.Max(1, used.Sum(static node => node.Gets)),
                    used[0].Infos / seconds, used[1..].Average(static node => node.Infos) / seconds, used.Max(static node => node.InfoMicroseconds) / (seconds * 1_000_000));
            }
            finally
            {
                window.Stop();
                await callers.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
            }
        }
        finally
        {
            await Task.WhenAll(clients.Select(static client => client.DisposeAsync().AsTask()));
        }
    }

    private static async Task WaitAsync(TimeSpan time, Task callers, CancellationToken cancellationToken)
    {
        if (await Task.WhenAny(Task.Delay(time, cancellationToken), callers) == callers) await callers;
        cancellationToken.ThrowIfCancellationRequested();
    }
}
