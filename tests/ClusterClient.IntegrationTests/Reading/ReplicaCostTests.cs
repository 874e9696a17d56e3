// What a read costs the client when a policy sends it to a replica, beside one that goes to the master.
using System.Diagnostics;
using System.Globalization;
using ClusterClient.IntegrationTests.Connecting;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

/// <summary>One master and two replicas. Measured over the whole process, so nothing else may run beside it.</summary>
[Trait("Suite", "Reading")]
[Collection(nameof(HotPathGateTests))]
public sealed class ReplicaCostTests(ReplicatedShardFixture fixture, ITestOutputHelper output) : IClassFixture<ReplicatedShardFixture>
{
    private const double MaxRatio = 1.05;
    private const int Callers = 64;
    private const int Commands = 500;
    private const int Pairs = 15;

    [Fact]
    public async Task Two_replicas_share_the_load_of_many_callers()
    {
        if (fixture.LacksCounts) return;
        await using RedisClient redis = await RedisClient.ConnectAsync(fixture.Topology.ConnectionString);
        Load replicas = new(redis.WithReadFrom(ReadFrom.Replica).WithTimeout(TimeSpan.FromSeconds(20)), 2 * Callers), master = new(redis.WithReadFrom(ReadFrom.Master), Callers);
        await WarmUpAsync(master, replicas);
        ServedCounts served = await ServedCounts.StartAsync(fixture.Nodes);
        (double cost, double ofMaster, double ofReplicas) = await CompareAsync(master, replicas);
        long[] gets = [await served.OfAsync(fixture.Replicas[0], "get"), await served.OfAsync(fixture.Replicas[1], "get")];

        // Three servers and a client on two processors: what the scheduler makes of that is in these figures, and is not judged here.
        Print($"{2 * Callers} callers read from two replicas, {Callers} from the master: {cost:F2} of the client's CPU for each GET ({ofReplicas:F2} and {ofMaster:F2} µs); the replicas served {gets[0]} and {gets[1]}");
        Assert.Equal((long)Pairs * replicas.Callers * Commands, gets.Sum());
        ServedCounts.AssertEven(gets, within: 0.10, "replica");
    }

    [Fact]
    public async Task A_read_from_a_replica_costs_the_processor_what_one_from_the_master_does()
    {
        if (fixture.LacksCounts) return;

        // One replica, so that both go through one socket: what differs is what the policy costs, and nothing else.
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(replicas: 1);
        await using RedisClient redis = await RedisClient.ConnectAsync(servers.ConnectionString);
        await redis.StringSetAsync(ShardFixture.Key, ShardFixture.Key);
        await ShardFixture.HasAsync(servers.Nodes[1], ShardFixture.Key);
        Load replica = new(redis.WithReadFrom(ReadFrom.Replica).WithTimeout(TimeSpan.FromSeconds(20)), Callers), master = new(redis.WithReadFrom(ReadFrom.Master), Callers);
        await WarmUpAsync(master, replica);
        double cost = double.MaxValue;
        for (int attempt = 0; attempt < 12 && cost > MaxRatio; attempt++)
        {
            (cost, double ofMaster, double ofReplica) = await CompareAsync(master, replica);
            Print($"a GET from a replica costs {cost:F3} of one from the master ({ofReplica:F2} and {ofMaster:F2} µs of the client's CPU, {Callers} callers, {Pairs} pairs of rounds)");
        }

        Assert.InRange(cost, 0, MaxRatio);
    }

    [Fact]
    public async Task A_lone_caller_waits_for_a_replica_as_long_as_for_the_master()
    {
        if (fixture.LacksCounts) return;
        await using RedisClient redis = await RedisClient.ConnectAsync(fixture.Topology.ConnectionString);
        Load replicas = new(redis.WithReadFrom(ReadFrom.Replica).WithTimeout(TimeSpan.FromSeconds(20)), 1), master = new(redis.WithReadFrom(ReadFrom.Master), 1);
        await WarmUpAsync(master, replicas);

        // In turn, so that both meet the same machine; a busy one can still favour either, but not the same one every time.
        const int Turns = 5_000;
        double[] ofMaster = new double[Turns], ofReplicas = new double[Turns];
        double ratio = double.MaxValue;
        for (int attempt = 0; attempt < 8 && ratio > MaxRatio; attempt++)
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

    /// <summary>Connections, compiled code, filled pools.</summary>
    private static async Task WarmUpAsync(Load master, Load replicas)
    {
        for (int i = 0; i < 20; i++)
        {
            await RunAsync(master);
            await RunAsync(replicas);
        }
    }

    /// <summary>Neighbours in time share whatever else the machine does; which of the two is first changes from pair to pair.</summary>
    private static async Task<(double Ratio, double Master, double Replicas)> CompareAsync(Load master, Load replicas)
    {
        List<double> ofMaster = [], ofReplicas = [], ratios = [];
        for (int pair = 0; pair < Pairs; pair++)
        {
            bool isMasterFirst = pair % 2 == 0;
            double first = await CpuAsync(isMasterFirst ? master : replicas), second = await CpuAsync(isMasterFirst ? replicas : master);
            ofMaster.Add(isMasterFirst ? first : second);
            ofReplicas.Add(isMasterFirst ? second : first);
            ratios.Add(ofReplicas[^1] / ofMaster[^1]);
        }

        return (Median(ratios), Median(ofMaster), Median(ofReplicas));
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
    private static async Task<double> CpuAsync(Load load)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        await RunAsync(load);
        return (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / (load.Callers * Commands);
    }

    private static Task RunAsync(Load load) => ReadLoad.RunAsync(load.View, load.Callers, Commands, ShardFixture.Key);

    private void Print(FormattableString figure) => Figure.Print(output, fixture.Topology, figure.ToString(CultureInfo.InvariantCulture));

    private readonly record struct Load(IRedisView View, int Callers);
}
