// Reads with a bound on a real replica whose link to its master is cut and mended all the time.
using System.Diagnostics;
using System.Globalization;
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
public sealed class StalenessTests(ITestOutputHelper output)
{
    private const int Cycles = 6;
    private const long MostBytes = 64 * 1024;
    private static readonly TimeSpan s_bound = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_half = TimeSpan.FromMilliseconds(500);

    /// <summary>A comparison of bytes counts for so long (<see cref="ReadFrom.WithMaxLag"/>).</summary>
    private static readonly TimeSpan s_comparison = TimeSpan.FromMilliseconds(250);

    [Theory]
    [InlineData(TopologyKind.Cluster)]
    [InlineData(TopologyKind.Sentinel)]
    [InlineData(TopologyKind.Replicated)]
    public Task No_read_is_older_than_the_bound_and_replicas_are_used_again_when_they_have_caught_up(TopologyKind kind)
        => RunAsync(kind, ReadFrom.ReplicaPreferred.WithMaxStaleness(s_bound), "MaxStaleness 100 ms", (clock, missing, sent) =>
        {
            // The first write that is missing had ended so long before the read was sent.
            TimeSpan age = Stopwatch.GetElapsedTime(clock.EndedAt(missing), sent);
            return (age.TotalMilliseconds, age <= s_bound);
        }, "ms before the read was sent ended the first write that it lacks");

    [Theory]
    [InlineData(TopologyKind.Cluster)]
    [InlineData(TopologyKind.Sentinel)]
    [InlineData(TopologyKind.Replicated)]
    public Task No_read_lags_more_bytes_than_the_bound_behind_what_its_master_had_at_the_comparison(TopologyKind kind)
        => RunAsync(kind, ReadFrom.ReplicaPreferred.WithMaxLag(MostBytes), "MaxLag 64 KiB", (clock, missing, sent) =>
        {
            // At the time of the oldest comparison that still counts the master had written so far; of that the replica lacks all from the first missing write on.
            long then = clock.LastAt(sent - (long)(s_comparison.TotalSeconds * Stopwatch.Frequency));
            long lag = Math.Max(0, clock.OffsetOf(then) - clock.OffsetOf(missing));
            return (lag, lag <= MostBytes);
        }, "bytes of what the master had 250 ms before were lacking");

    private async Task RunAsync(TopologyKind kind, ReadFrom bounds, string what, Func<ReplicationClock, long, long, (double Figure, bool IsWithin)> judge, string unit)
    {
        await using FreshnessServers? servers = await FreshnessServers.StartAsync(kind, replicas: 1);
        if (servers is null) return;
        LocalNode replica = servers.Replicas[0];
        await using RedisClient redis = await servers.ConnectAsync();
        IRedisView bounded = redis.WithReadFrom(bounds);
        ReplicationClock clock = new(servers.Master);
        ServedCounts served = await ServedCounts.StartAsync(servers.Nodes);
        long reads = 0, beyond = 0;
        double worst = 0;
        Lock gate = new();
        using CancellationTokenSource stop = new();
        Task readers = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                long newest = clock.Last, sent = Stopwatch.GetTimestamp();
                string text = (string?)await bounded.StringGetAsync(ReplicationClock.Key) ?? "0.";
                long read = long.Parse(text.AsSpan(0, text.IndexOf('.', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
                Interlocked.Increment(ref reads);
                if (read >= newest) continue;
                (double figure, bool isWithin) = judge(clock, read + 1, sent);
                lock (gate) worst = Math.Max(worst, figure);
                if (!isWithin) Interlocked.Increment(ref beyond);
            }
        })));
        // Connections to replicas are made when somebody wants to read from them.
        await Eventually.TrueAsync(async () => await served.OfAsync(replica, "get") > 0, "the replica is read from");
        List<(double Used, double Hiccup)> back = [];
        for (int i = 0; i < Cycles; i++)
        {
            await replica.CutReplicaLinkAsync();
            await Task.Delay(s_half);
            Hiccups machine = Hiccups.Start();
            Task<(long CaughtUp, TimeSpan UsedAgain)> watch = ReplicaWatch.CatchUp(replica, servers.Master);
            await replica.MendReplicaLinkAsync();
            TimeSpan used = (await watch).UsedAgain;
            back.Add((used.TotalMilliseconds, (await machine.StopAsync()).TotalMilliseconds));
            await Task.Delay(s_half);
        }

        await stop.CancelAsync();
        await readers;
        long writes = await clock.StopAsync();
        long byReplica = await served.OfAsync(replica, "get");
        Figure.Print(output, servers.Topology, $"{kind}, {what}, the replica's link cut and mended {Cycles} times, half a second each: {writes} writes, {reads} reads, {(double)byReplica / reads:P0} by the replica; {beyond} beyond the bound, at the most {worst:F1} {unit}; "
            + $"used again after {string.Join(", ", back.Select(static one => $"{one.Used:F0}"))} ms (the machine held us up for {string.Join(", ", back.Select(static one => $"{one.Hiccup:F0}"))} ms)");
        Assert.Equal(0, beyond);
        Assert.True(byReplica > 0);
        Assert.All(back, static one => Assert.InRange(one.Used, 0, 200 + one.Hiccup));
    }
}
