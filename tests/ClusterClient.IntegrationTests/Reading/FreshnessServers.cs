// A master and its replicas in any of the three topologies, for what must hold in all of them.
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Reading;

internal sealed record FreshnessServers(LocalTopology Topology, LocalNode Master, IReadOnlyList<LocalNode> Replicas) : IAsyncDisposable
{
    /// <summary>Starts them; null, after having seen that they cannot be, where the server lacks what they need (Garnet).</summary>
    /// <param name="kind">The topology; three Sentinels of which two must agree after 3 s.</param>
    /// <param name="replicas">How many replicas.</param>
    /// <param name="isChained">Whether each follows the one before it; without Sentinel only.</param>
    /// <param name="options">How the servers are started; null for what is said of the topology.</param>
    public static async Task<FreshnessServers?> StartAsync(TopologyKind kind, int replicas = 2, bool isChained = false, LocalTopologyOptions? options = null)
    {
        switch (kind)
        {
            case TopologyKind.Cluster:
                LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicas, options);
                if (await LinkFaults.AreLackingAsync(cluster))
                {
                    await cluster.DisposeAsync();
                    return null;
                }

                return await InStepAsync(new(cluster, (await cluster.GetMastersAsync())[0], await cluster.GetReplicasAsync()), replicas);
            case TopologyKind.Sentinel:
                if (await ServerLacks.SentinelAsync()) return null;

                // At 1000 ms Sentinel itself sometimes fails over twice.
                LocalSentinel sentinel = await LocalTopology.StartSentinelAsync(replicas, 3, options ?? new() { SentinelDownAfter = TimeSpan.FromSeconds(3) });
                return await InStepAsync(new(sentinel, await sentinel.GetMasterAsync(), await sentinel.GetReplicasAsync()), replicas);
            default:
                if (await ServerLacks.ReplicationAsync()) return null;
                LocalReplication replication = await LocalTopology.StartReplicatedAsync(replicas, isChained, options);
                return await InStepAsync(new(replication, await replication.GetMasterAsync(), await replication.GetReplicasAsync()), isChained ? 1 : replicas);
        }
    }

    /// <summary>All data nodes, those that were promoted since included.</summary>
    public IReadOnlyList<LocalNode> Nodes => [Master, .. Replicas];

    public ValueTask<RedisClient> ConnectAsync(string options = "")
        => RedisClient.ConnectAsync($"{Topology.ConnectionString}{(Topology.ConnectionString.Contains('?', StringComparison.Ordinal) ? '&' : '?')}commandTimeout=20s{options}");

    public ValueTask DisposeAsync() => Topology.DisposeAsync();

    private static async Task<FreshnessServers> InStepAsync(FreshnessServers servers, int followers)
    {
        await InStep.WaitAsync(servers.Master, followers);
        return servers;
    }
}
