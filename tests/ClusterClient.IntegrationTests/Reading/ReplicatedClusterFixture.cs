// A shard of three nodes that the tests of a class share, because they leave it as they found it.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Reading;

public sealed class ReplicatedClusterFixture : IAsyncLifetime
{
    public const string Key = "key";

    public LocalCluster Cluster { get; private set; } = null!;

    public LocalNode Master { get; private set; } = null!;

    public IReadOnlyList<LocalNode> Replicas { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 2);
        Master = (await Cluster.GetMastersAsync())[0];
        Replicas = await Cluster.GetReplicasAsync();
        await using RedisClient redis = await RedisClient.ConnectAsync(Cluster.ConnectionString);
        await redis.StringSetAsync(Key, Key);
        foreach (LocalNode replica in Replicas) await HasAsync(replica, Key);
    }

    public async Task DisposeAsync() => await Cluster.DisposeAsync();

    /// <summary>Returns when a replica has a key.</summary>
    public static Task HasAsync(LocalNode replica, string key)
        => Testing.Eventually.TrueAsync(async () => (await replica.ExecuteAllAsync([["READONLY"], ["EXISTS", key]]))[1].Number == 1, $"{replica} has {key}");
}
