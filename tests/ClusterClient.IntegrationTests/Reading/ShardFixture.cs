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
        if ((await LocalTopology.FindServerAsync()).Kind == ServerKind.Garnet) return;
        (Topology, Master, Replicas) = await StartAsync();
        await using RedisClient redis = await RedisClient.ConnectAsync(Topology.ConnectionString);
        await redis.StringSetAsync(Key, Key);
        foreach (LocalNode replica in Replicas) await HasAsync(replica, Key);
    }

    public async Task DisposeAsync() => await (Topology?.DisposeAsync() ?? default);

    /// <summary>Returns when a replica has a key.</summary>
    public static Task HasAsync(LocalNode replica, string key) => Eventually.TrueAsync(async () => (await replica.ExecuteAsync("DBSIZE")).Number > 0, $"{replica} has {key}");

    protected abstract Task<(LocalTopology Topology, LocalNode Master, IReadOnlyList<LocalNode> Replicas)> StartAsync();
}

public sealed class ClusterShardFixture : ShardFixture
{
    public override string RefusalOfReplicas => "MOVED";

    protected override async Task<(LocalTopology Topology, LocalNode Master, IReadOnlyList<LocalNode> Replicas)> StartAsync()
    {
        LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 2);
        return (cluster, (await cluster.GetMastersAsync())[0], await cluster.GetReplicasAsync());
    }
}

public sealed class ReplicatedShardFixture : ShardFixture
{
    public override string RefusalOfReplicas => "READONLY";

    protected override async Task<(LocalTopology Topology, LocalNode Master, IReadOnlyList<LocalNode> Replicas)> StartAsync()
    {
        LocalReplication replication = await LocalTopology.StartReplicatedAsync(replicas: 2);
        return (replication, await replication.GetMasterAsync(), await replication.GetReplicasAsync());
    }
}

public sealed class SentinelShardFixture : ShardFixture
{
    public override string RefusalOfReplicas => "READONLY";

    public override string ConnectionWith(string options, NodeEndpoint? seed = null) => $"{Topology.ConnectionString}&{options}";

    protected override async Task<(LocalTopology Topology, LocalNode Master, IReadOnlyList<LocalNode> Replicas)> StartAsync()
    {
        LocalSentinel servers = await LocalTopology.StartSentinelAsync(replicas: 2, sentinels: 1);
        return (servers, await servers.GetMasterAsync(), await servers.GetReplicasAsync());
    }
}
