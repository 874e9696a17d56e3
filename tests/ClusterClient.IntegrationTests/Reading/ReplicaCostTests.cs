// What a read costs the client when a policy sends it to a replica, beside one that goes to the master.
using System.Diagnostics;
using System.Globalization;
using ClusterClient.IntegrationTests.Connecting;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

/// <summary>One master and two replicas. Measured over the whole process, so nothing else may run beside it.</summary>
[Trait("Suite", "Reading")]
[Collection(nameof(HotPathGateTests))]
public sealed class ReplicaCostTests(ReplicatedShardFixture fixture, ITestOutputHelper output) : IClassFixture<ReplicatedShardFixture>
{
    private const double MaxRatio = 1.05;
    private const int CallersPerNode = 64;
    private const int Commands = 500;
    private const int Pairs = 31;

    [Fact]
    public async Task A_read_from_replicas_costs_the_processor_what_one_from_the_master_does_and_they_share_the_load()
    {
        if (fixture.LacksCounts) return;
        await using RedisClient redis = await RedisClient.ConnectAsync(fixture.Topology.ConnectionString);

        // As many callers for each node: a socket costs the same whatever its batches hold, so what is compared must hold as much.
        (IRedisView View, int Callers) master = (redis.WithReadFrom(ReadFrom.Master), CallersPerNode);
        (IRedisView View, int Callers) replicas = (redis.WithReadFrom(ReadFrom.Replica).WithTimeout(TimeSpan.FromSeconds(20)), CallersPerNode * fixture.Replicas.Count);
        for (int i = 0; i < 10; i++) await Task.WhenAll(RunAsync(master), RunAsync(replicas)); // connections, compiled code, filled pools

        // Neighbours in time share whatever else the machine does; which of the two is first changes from pair to pair.
        ServedCounts served = await ServedCounts.StartAsync(fixture.Nodes);
        List<double> ofMaster = [], ofReplicas = [], ratios = [];
        for (int pair = 0; pair < Pairs; pair++)
        {
            double first = await CpuAsync(pair % 2 == 0 ? master : replicas), second = await CpuAsync(pair % 2 == 0 ? replicas : master);
            ofMaster.Add(pair % 2 == 0 ? first : second);
            ofReplicas.Add(pair % 2 == 0 ? second : first);
            ratios.Add(ofReplicas[^1] / ofMaster[^1]);
        }

        long[] gets = [await served.OfAsync(fixture.Replicas[0], "get"), await served.OfAsync(fixture.Replicas[1], "get")];
        double cost = Median(ratios);
        Print($"a GET from replicas costs {cost:F2} of one from the master ({Median(ofReplicas):F2} and {Median(ofMaster):F2} µs of the client's CPU, {CallersPerNode} callers for each node, {Pairs} pairs of rounds); the replicas served {gets[0]} and {gets[1]}");
        Assert.Equal((long)Pairs * replicas.Callers * Commands, gets.Sum());
        ServedCounts.AssertEven(gets, within: 0.10, "replica");
        Assert.InRange(cost, 0, MaxRatio);
    }

    [Fact]
    public async Task A_lone_caller_waits_for_a_replica_as_long_as_for_the_master()
    {
        if (fixture.LacksCounts) return;
        await using RedisClient redis = await RedisClient.ConnectAsync(fixture.Topology.ConnectionString);
        (IRedisView View, int Callers) master = (redis.WithReadFrom(ReadFrom.Master), 1);
        (IRedisView View, int Callers) replicas = (redis.WithReadFrom(ReadFrom.Replica).WithTimeout(TimeSpan.FromSeconds(20)), 1);
        for (int i = 0; i < 20; i++)
        {
            await RunAsync(master);
            await RunAsync(replicas);
        }

        // In turn, so that both meet the same machine; a busy one can still favour either, but not the same one every time.
        const int Turns = 10_000;
        double[] ofMaster = new double[Turns], ofReplicas = new double[Turns];
        double ratio = double.MaxValue;
        for (int attempt = 0; attempt < 4 && ratio > MaxRatio; attempt++)
        {
            for (int i = 0; i < Turns; i++)
            {
                ofMaster[i] = await LatencyAsync(master.View);
                ofReplicas[i] = await LatencyAsync(replicas.View);
            }

            ratio = Median(ofReplicas) / Median(ofMaster);
            Print($"a lone caller's GET from a replica takes {ratio:F3} of one from the master ({Median(ofReplicas):F1} and {Median(ofMaster):F1} µs, medians of {Turns} in turn)");
        }

        Assert.InRange(ratio, 0, MaxRatio);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static async Task<double> LatencyAsync(IRedisView view)
    {
        long began = Stopwatch.GetTimestamp();
        await view.StringGetAsync(ShardFixture.Key);
        return Stopwatch.GetElapsedTime(began).TotalMicroseconds;
    }

    /// <summary>Microseconds of this process' CPU for each command.</summary>
    private static async Task<double> CpuAsync((IRedisView View, int Callers) load)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        await RunAsync(load);
        return (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / (load.Callers * Commands);
    }

    private static Task RunAsync((IRedisView View, int Callers) load) => ReadLoad.RunAsync(load.View, load.Callers, Commands, ShardFixture.Key);

    private void Print(FormattableString figure)
    {
        string line = $"FIGURE {fixture.Topology.Server} {fixture.Topology.ServerVersion}: {figure.ToString(CultureInfo.InvariantCulture)}";
        output.WriteLine(line);
        Console.WriteLine(line);
    }
}
