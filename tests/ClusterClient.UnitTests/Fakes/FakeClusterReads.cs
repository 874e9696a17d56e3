// Waits until a client really reads from the replicas of a cluster of fake servers.
namespace ClusterClient.UnitTests.Fakes;

/// <summary>A replica may be read from when it has said how it is, which takes until some heartbeat.</summary>
internal static class FakeClusterReads
{
    /// <summary>Reads a key until every replica of its master has answered.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="redis">What reads, by a policy that chooses among the replicas.</param>
    /// <param name="key">The key.</param>
    /// <param name="forget">Whether the servers forget what was sent to them until then.</param>
    public static async Task ReplicasAnswerAsync(this FakeCluster cluster, IRedisView redis, string key, bool forget = true)
    {
        string master = cluster.OwnerOf(key).Id;
        FakeNode[] replicas = [.. cluster.Nodes.Where(node => node.MasterId == master)];
        long started = Environment.TickCount64;
        while (replicas.Any(static replica => replica.Server.CountOf("GET") == 0))
        {
            Assert.True(Environment.TickCount64 - started < Until.Limit.TotalMilliseconds, $"Of {replicas.Length} replicas only {replicas.Count(static replica => replica.Server.CountOf("GET") > 0)} have answered.");
            await Until.EndsAsync(redis.StringGetAsync(key));
        }

        if (forget) cluster.ForgetCommands();
    }

    /// <summary>Reads, from the masters, until every node may be read from; the servers forget what was sent to them until then.</summary>
    public static async Task AllFitAsync(this FakeCluster cluster, RedisClient redis)
    {
        HashSet<NodeEndpoint> fit = [];
        IRedisView watching = redis.WithReadFrom(ReadFrom.Custom(candidates =>
        {
            foreach (ReadCandidate candidate in candidates) fit.Add(candidate.Endpoint);
            return 0;
        }));
        long started = Environment.TickCount64;
        while (fit.Count < cluster.Nodes.Count)
        {
            Assert.True(Environment.TickCount64 - started < Until.Limit.TotalMilliseconds, $"Of {cluster.Nodes.Count} nodes only {fit.Count} may be read from.");
            foreach (FakeNode master in cluster.Masters) await Until.EndsAsync(watching.StringGetAsync(cluster.KeyOf(master)));
            await Task.Delay(1);
        }

        cluster.ForgetCommands();
    }

    private static void ForgetCommands(this FakeCluster cluster)
    {
        foreach (FakeNode node in cluster.Nodes) node.Server.ForgetCommands();
    }
}
