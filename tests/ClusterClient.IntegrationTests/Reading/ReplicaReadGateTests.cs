// The gate of the hot path, for reads that a policy sends to replicas.
using ClusterClient.IntegrationTests.Connecting;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
[Collection(nameof(HotPathGateTests))]
public sealed class ReplicaReadGateTests
{
    [Theory]
    [InlineData("replica")]
    [InlineData("any")]
    [InlineData("nearest")]
    [InlineData("azAffinity")]
    public async Task Choosing_a_node_allocates_nothing(string policy)
    {
        const int Callers = 32;
        const int Commands = 8_000;
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 2);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?readFrom={policy}&availabilityZone=here");
        await ShardFixture.WriteAsync(redis, "number", await cluster.GetReplicasAsync(), 123456);
        await HotPathGateTests.AssertFreeAsync($"GET from {policy}", Callers, Commands, async () =>
        {
            for (int i = 0; i < Commands; i++)
            {
                if (await redis.StringGetAsync<long>("number") != 123456) throw new InvalidOperationException("Wrong value.");
            }
        });
    }

    [Fact]
    public async Task A_read_within_a_bound_allocates_nothing()
    {
        const int Callers = 32;
        const int Commands = 8_000;
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 2);
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?readFrom=replica&maxStaleness=10s");
        await redis.StringSetAsync("number", 123456);
        foreach (LocalNode replica in await cluster.GetReplicasAsync()) await ShardFixture.HasAsync(replica, "number");
        ServedCounts served = await ServedCounts.StartAsync(cluster.Nodes);
        LocalNode master = (await cluster.GetMastersAsync())[0];
        await HotPathGateTests.AssertFreeAsync("GET within a bound", Callers, Commands, async () =>
        {
            for (int i = 0; i < Commands; i++)
            {
                if (await redis.StringGetAsync<long>("number") != 123456) throw new InvalidOperationException("Wrong value.");
            }
        });
        Assert.InRange(await served.OfAsync(master, "get"), 0, (await served.OfAllAsync("get")).Sum() / 2);
    }
}
