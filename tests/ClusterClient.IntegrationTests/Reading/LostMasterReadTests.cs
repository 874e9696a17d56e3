// Who answers which policy when the master is gone, and when the replicas are: counted, in every kind of deployment.
using System.Diagnostics;
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
public sealed class LostMasterReadTests(ITestOutputHelper output)
{
    private const string Key = "key";
    private const int Callers = 16;
    private const int ReadsEach = 500;
    private const long All = Callers * ReadsEach;
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(300);

    [Theory]
    [InlineData(TopologyKind.Cluster)]
    [InlineData(TopologyKind.Sentinel)]
    [InlineData(TopologyKind.Replicated)]
    public async Task Without_the_master_its_replicas_answer_under_every_policy_that_allows_them(TopologyKind kind)
    {
        await using FreshnessServers? servers = await StartAsync(kind);
        if (servers is null) return;
        await using RedisClient redis = await ConnectAsync(servers);
        ReadFrom[] policies = [ReadFrom.MasterPreferred, ReadFrom.ReplicaPreferred, ReadFrom.Any, ReadFrom.Nearest, ReadFrom.AzAffinity];
        Assert.Equal((long[])[All, 0, 0], await CountAsync(redis, servers, ReadFrom.MasterPreferred));
        Assert.Equal(0, (await CountAsync(redis, servers, ReadFrom.ReplicaPreferred))[0]);
        ServedCounts.AssertEven(await CountAsync(redis, servers, ReadFrom.Any), within: 0.10, "any");

        await LoseAsync(redis, servers, policies, servers.Master);
        List<string> figures = [];
        foreach (ReadFrom policy in policies)
        {
            long[] counts = await CountAsync(redis, servers, policy);
            figures.Add($"{policy} {string.Join("/", counts)}");
            Assert.Equal((0, All), (counts[0], counts.Sum()));
            if (policy != ReadFrom.Nearest) ServedCounts.AssertEven(counts[1..], within: 0.10, policy.ToString());
        }

        Figure.Print(output, servers.Topology, $"{kind}, without its master, who answered {All} reads: {string.Join(", ", figures)}");

        // The master alone is the one policy that waits for it, which is what sets it apart from masterPreferred.
        await AssertWaitsAsync(redis, servers, ReadFrom.Master);
        Assert.Equal(servers.Master.Port, redis.Topology.MasterOf(Key)!.Endpoint.Port); // Nobody took its place meanwhile.
    }

    [Theory]
    [InlineData(TopologyKind.Cluster)]
    [InlineData(TopologyKind.Sentinel)]
    [InlineData(TopologyKind.Replicated)]
    public async Task Without_replicas_the_master_answers_under_every_policy_that_allows_it(TopologyKind kind)
    {
        await using FreshnessServers? servers = await StartAsync(kind);
        if (servers is null) return;
        await using RedisClient redis = await ConnectAsync(servers);
        ReadFrom[] policies = [ReadFrom.ReplicaPreferred, ReadFrom.AzAffinity, ReadFrom.Any, ReadFrom.Nearest, ReadFrom.MasterPreferred];

        // Nobody is in the client's zone: other replicas come before a master outside it.
        foreach (ReadFrom policy in policies[..2]) Assert.Equal(0, (await CountAsync(redis, servers, policy))[0]);
        await LoseAsync(redis, servers, policies, [.. servers.Replicas]);
        foreach (ReadFrom policy in policies) Assert.Equal((long[])[All, 0, 0], await CountAsync(redis, servers, policy));
        await AssertWaitsAsync(redis, servers, ReadFrom.Replica);
    }

    /// <summary>Servers of which none takes another's place while the test runs, and that answer reads beside a dead master.</summary>
    private static Task<FreshnessServers?> StartAsync(TopologyKind kind)
        => FreshnessServers.StartAsync(kind, options: new() { SentinelDownAfter = TimeSpan.FromMinutes(1), ExtraConfig = { "cluster-allow-reads-when-down yes" } });

    /// <summary>A client that has written the key, and knows of all nodes that they are fit.</summary>
    private static async Task<RedisClient> ConnectAsync(FreshnessServers servers)
    {
        RedisClient redis = await servers.ConnectAsync("&availabilityZone=here");
        await ShardFixture.WriteAsync(redis, Key, servers.Replicas);
        await ReadLoad.UntilAllAreFitAsync(redis, Key, servers.Nodes.Count);
        return redis;
    }

    /// <summary>Kills nodes while there are readers under every policy: none of them fails or waits for long.</summary>
    private async Task LoseAsync(RedisClient redis, FreshnessServers servers, ReadFrom[] policies, params LocalNode[] lost)
    {
        SteadyReads[] callers = [.. policies.Select(policy => new SteadyReads(redis.WithReadFrom(policy), Key, callers: 1))];
        foreach (SteadyReads reads in callers) await reads.WaitForAsync(200);
        foreach (SteadyReads reads in callers) reads.Measure();
        Hiccups machine = Hiccups.Start();
        long killed = Stopwatch.GetTimestamp();
        foreach (LocalNode node in lost) await node.KillAsync();

        // On a busy machine a process may hold its connections, and answer nothing, for some time after the signal.
        TimeSpan dying = Stopwatch.GetElapsedTime(killed);
        foreach (SteadyReads reads in callers) await reads.WaitForAsync(500);
        foreach (SteadyReads reads in callers) await reads.StopAsync();
        TimeSpan hiccup = await machine.StopAsync();
        Figure.Print(output, servers.Topology, $"{redis.Topology.Kind}, {(lost[0] == servers.Master ? "master" : "both replicas")} killed, the longest time without a read: "
            + $"{string.Join(", ", policies.Select((policy, i) => $"{policy} {callers[i].LongestPause.TotalMilliseconds:F0} ms"))}; gone after {dying.TotalMilliseconds:F0} ms; the machine held us up for {hiccup.TotalMilliseconds:F0} ms");
        Assert.All(callers, reads => Assert.Empty(reads.Problems));
        Assert.All(callers, reads => Assert.InRange(reads.LongestPause, TimeSpan.Zero, TimeSpan.FromSeconds(1) + dying + hiccup));
    }

    /// <summary>How many reads each node answered, the master first.</summary>
    private static async Task<long[]> CountAsync(RedisClient redis, FreshnessServers servers, ReadFrom policy)
    {
        ServedCounts served = await ServedCounts.StartAsync(servers.Nodes);
        await ReadLoad.RunAsync(redis.WithReadFrom(policy), Callers, ReadsEach, Key);
        return await served.OfAllAsync("get");
    }

    private static async Task AssertWaitsAsync(RedisClient redis, FreshnessServers servers, ReadFrom policy)
    {
        ServedCounts served = await ServedCounts.StartAsync(servers.Nodes);
        RedisTimeoutException late = await Assert.ThrowsAsync<RedisTimeoutException>(async () => await redis.WithReadFrom(policy).WithTimeout(s_short).StringGetAsync(Key));
        Assert.Equal(Outcome.NotExecuted, late.Outcome);
        Assert.All(await served.OfAllAsync("get"), static count => Assert.Equal(0, count));
    }
}
