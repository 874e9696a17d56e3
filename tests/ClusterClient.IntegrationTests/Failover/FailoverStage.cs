// What every row of the failover figures begins with: three shards under load, and one of them about to be hit.
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Failover;

/// <summary>3 masters, 3 replicas, 32 writers and 16 readers on the shard that will be hit, fewer on the others.</summary>
internal sealed class FailoverStage : IAsyncDisposable
{
    private FailoverStage(LocalCluster cluster, RedisClient redis, LocalNode master, LocalNode heir, ShardLoad hit, ShardLoad[] healthy)
        => (Cluster, Redis, Master, Heir, Hit, Healthy) = (cluster, redis, master, heir, hit, healthy);

    internal LocalCluster Cluster { get; }

    internal RedisClient Redis { get; }

    /// <summary>The master that is hit.</summary>
    internal LocalNode Master { get; }

    /// <summary>Its replica.</summary>
    internal LocalNode Heir { get; }

    internal ShardLoad Hit { get; }

    internal ShardLoad[] Healthy { get; }

    /// <param name="fullCoverage">Whether all shards refuse while one has no master.</param>
    /// <param name="isPersistent">Whether data outlives a restart.</param>
    /// <param name="options">More of the connection string: <c>&amp;name=value</c>.</param>
    /// <param name="isIdempotent">Whether the writers of the shard that is hit set, and do not count.</param>
    internal static async Task<FailoverStage> StartAsync(bool fullCoverage = false, bool isPersistent = false, string options = "", bool isIdempotent = false)
    {
        LocalCluster cluster = await LocalTopology.StartClusterAsync(3, 1, new() { ClusterNodeTimeout = TimeSpan.FromSeconds(2), RequireFullCoverage = fullCoverage, Persistent = isPersistent });
        RedisClient? redis = null;
        try
        {
            redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=20s{options}");
            LocalNode master = await cluster.GetSlotOwnerAsync(HashSlot.Of("victim"));
            LocalNode heir = (await cluster.GetReplicasAsync(master))[0];
            ShardLoad hit = await ShardLoad.StartAsync(redis, "victim", writers: 32, readers: 16, isIdempotent: isIdempotent);

            // What is read must have reached the replica before its master is hit. (Garnet knows no WAIT, and loses no master here.)
            if (cluster.Server != ServerKind.Garnet) await InStep.WaitAsync(master, replicas: 1, "{victim}:mark");
            TopologyNode[] others = [.. redis.Topology.Masters.Where(node => node.Endpoint.Port != master.Port)];
            ShardLoad[] healthy = [await ShardLoad.StartAsync(redis, TagOf(redis, others[0])), await ShardLoad.StartAsync(redis, TagOf(redis, others[1]))];
            await Task.Delay(500); // a stretch of peace to hold the latencies of the fault against
            return new(cluster, redis, master, heir, hit, healthy);
        }
        catch
        {
            if (redis is not null) await redis.DisposeAsync();
            await cluster.DisposeAsync();
            throw;
        }
    }

    internal async Task StopAsync() => await Task.WhenAll(Healthy.Append(Hit).Select(static load => load.StopAsync()));

    /// <summary>No read failed, no write failed but those that were on the wire, and none of the healthy shards' calls failed at all.</summary>
    internal void AssertHonest(int mostUnknown)
    {
        Hit.AssertHonest(mostUnknown);
        foreach (ShardLoad load in Healthy) load.AssertHonest(mostUnknown: 0);
    }

    /// <summary>Prints a figure where people and machines find it.</summary>
    internal void Print(ITestOutputHelper output, string figure) => Figure.Print(output, Cluster, figure);

    public async ValueTask DisposeAsync()
    {
        await Redis.DisposeAsync();
        await Cluster.DisposeAsync();
    }

    /// <summary>A text whose slot the master owns.</summary>
    private static string TagOf(RedisClient redis, TopologyNode master) =>
        Enumerable.Range(0, 10_000).Select(static i => $"tag{i}").First(tag => redis.Topology.MasterOf(tag) == master);
}
