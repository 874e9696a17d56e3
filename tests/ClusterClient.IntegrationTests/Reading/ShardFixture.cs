// A master with two replicas that the tests of a class share, because they leave it as they found it.
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Reading;

public abstract class ShardFixture : IAsyncLifetime
{
    public const string Key = "key";

    public LocalTopology Topology { get; private set; } = null!;

    public LocalNode Master { get; private set; } = null!;

    public IReadOnlyList<LocalNode> Replicas { get; private set; } = null!;

    /// <summary>Master and replicas.</summary>
    public IReadOnlyList<LocalNode> Nodes => [Master, .. Replicas];

    /// <summary>Whether there is nothing to count with: Garnet keeps no statistics of commands, and replicates only inside a cluster.</summary>
    public bool LacksCounts => Topology is null;

    /// <summary>The code with which a replica refuses a write.</summary>
    public abstract string RefusalOfReplicas { get; }

    /// <summary>The connection string with further options, and with another address to begin at where that is one of the data nodes.</summary>
    public virtual string ConnectionWith(string options, NodeEndpoint? seed = null) => $"{(seed is { } first ? $"redis://{first}" : Topology.ConnectionString)}?{options}";

    public async Task InitializeAsync()
    {
        if (await LacksAsync()) return;
        (Topology, Master, Replicas) = await StartAsync();
        await using RedisClient redis = await RedisClient.ConnectAsync(Topology.ConnectionString);
        await WriteAsync(redis, Key, Replicas);
    }

    public async Task DisposeAsync() => await (Topology?.DisposeAsync() ?? default);

    /// <summary>Writes a key, by default with its own name for a value, and returns when replicas have it.</summary>
    public static async Task WriteAsync(ICommandExecutor redis, string key, IEnumerable<LocalNode> replicas, RedisValue? value = null)
    {
        Assert.True(await redis.StringSetAsync(key, value ?? key));
        foreach (LocalNode replica in replicas) await HasAsync(replica, key);
    }

    /// <summary>Returns when a replica has a key.</summary>
    public static Task HasAsync(LocalNode replica, string key)
        => Eventually.TrueAsync(async () => (await replica.ExecuteAsync("KEYS", key)).Items.Count == 1, $"{replica} has {key}"); // EXISTS would be redirected.

    /// <summary>Whether such servers cannot be had, or cannot be counted with; then that is what is asserted.</summary>
    protected abstract Task<bool> LacksAsync();

    protected abstract Task<(LocalTopology Topology, LocalNode Master, IReadOnlyList<LocalNode> Replicas)> StartAsync();
}

public sealed class ClusterShardFixture : ShardFixture
{
    public override string RefusalOfReplicas => "MOVED";

    protected override Task<bool> LacksAsync() => ServerLacks.CommandCountsAsync();

    protected override async Task<(LocalTopology Topology, LocalNode Master, IReadOnlyList<LocalNode> Replicas)> StartAsync()
    {
        LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 2);
        return (cluster, (await cluster.GetMastersAsync())[0], await cluster.GetReplicasAsync());
    }
}

public sealed class ReplicatedShardFixture : ShardFixture
{
    public override string RefusalOfReplicas => "READONLY";

    protected override Task<bool> LacksAsync() => ServerLacks.ReplicationAsync();

    protected override async Task<(LocalTopology Topology, LocalNode Master, IReadOnlyList<LocalNode> Replicas)> StartAsync()
    {
        LocalReplication replication = await LocalTopology.StartReplicatedAsync(replicas: 2);
        return (replication, await replication.GetMasterAsync(), await replication.GetReplicasAsync());
    }
}

public sealed class SentinelShardFixture : ShardFixture
{
    public override string RefusalOfReplicas => "READONLY";

    protected override Task<bool> LacksAsync() => ServerLacks.SentinelAsync();

    public override string ConnectionWith(string options, NodeEndpoint? seed = null) => $"{Topology.ConnectionString}&{options}";

    protected override async Task<(LocalTopology Topology, LocalNode Master, IReadOnlyList<LocalNode> Replicas)> StartAsync()
    {
        LocalSentinel servers = await LocalTopology.StartSentinelAsync(replicas: 2, sentinels: 1);
        return (servers, await servers.GetMasterAsync(), await servers.GetReplicasAsync());
    }
}
