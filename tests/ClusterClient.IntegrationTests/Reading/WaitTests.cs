// Writes that return when replicas or disks have confirmed them.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
public sealed class WaitTests
{
    [Fact]
    public async Task A_write_returns_when_replicas_have_it_and_says_so_when_they_have_not()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 2);
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        IReadOnlyList<LocalNode> replicas = await cluster.GetReplicasAsync();
        await using RedisClient redis = await RedisClient.ConnectAsync(cluster.ConnectionString);
        Assert.Equal(1, await redis.WaitAsync(2, TimeSpan.FromSeconds(10), static write => write.StringIncrementAsync("k")));
        foreach (LocalNode replica in replicas) Assert.Equal("1", (await replica.ExecuteAllAsync([["READONLY"], ["GET", "k"]]))[1].Text);

        await replicas[0].CutReplicaLinkAsync();
        NotReplicatedException missing = await Assert.ThrowsAsync<NotReplicatedException>(async () => await redis.WaitAsync(2, TimeSpan.FromMilliseconds(200), static write => write.StringIncrementAsync("k")));
        Assert.Equal((1, Outcome.Unknown, "INCR"), (missing.Replicas, missing.Outcome, missing.CommandName));
        Assert.Equal(3, await redis.WaitAsync(1, TimeSpan.FromSeconds(10), static write => write.StringIncrementAsync("k")));
    }

    [Fact]
    public async Task A_hundred_waits_at_once_hold_up_nobody_else()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 1);
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        LocalNode replica = (await cluster.GetReplicasAsync())[0];
        await using RedisClient redis = await RedisClient.ConnectAsync(cluster.ConnectionString);
        await replica.CutReplicaLinkAsync();
        Task<NotReplicatedException>[] waits = [.. Enumerable.Range(0, 100).Select(i => Assert.ThrowsAsync<NotReplicatedException>(async () => await redis.WaitAsync(1, TimeSpan.FromSeconds(2), write => write.StringSetAsync($"w:{i}", i))))];
        int done = 0;
        while (!Array.TrueForAll(waits, static wait => wait.IsCompleted))
        {
            await redis.StringSetAsync("other", done);
            done++;
        }

        await Task.WhenAll(waits);
        Assert.True(done > 1000, $"Only {done} writes of others were done beside the waits.");
    }

    [Fact]
    public async Task What_is_on_disk_is_confirmed_by_WAITAOF_where_the_server_knows_it()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 1);
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        await using RedisClient redis = await RedisClient.ConnectAsync(cluster.ConnectionString);
        ValueTask<bool> Write() => redis.WaitAofAsync(local: false, replicas: 1, TimeSpan.FromSeconds(10), static write => write.StringSetAsync("k", "v"));
        bool knows = (await redis.OnNode(redis.Topology.Masters[0]).ExecuteAsync("COMMAND", "INFO", "WAITAOF"))[0].Count > 0;
        if (!knows)
        {
            RedisException unknown = await Assert.ThrowsAsync<RedisException>(async () => await Write());
            Assert.Contains("unknown command", unknown.Message, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(Outcome.Unknown, unknown.Outcome);
            return;
        }

        foreach (LocalNode node in cluster.Nodes) await node.ExecuteAsync("CONFIG", "SET", "appendonly", "yes");
        Assert.True(await Write());
        Assert.True(await redis.WaitAofAsync(local: true, replicas: 0, TimeSpan.FromSeconds(10), static write => write.StringSetAsync("k", "v")));
    }

    [Fact]
    public async Task Nonsense_is_refused_before_anything_is_sent()
    {
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync();
        await using RedisClient redis = await RedisClient.ConnectAsync(server.ConnectionString);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await redis.WaitAsync(0, TimeSpan.FromSeconds(1), static write => write.StringSetAsync("k", "v")));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await redis.WaitAsync(1, TimeSpan.Zero, static write => write.StringSetAsync("k", "v")));
        Assert.Null((string?)await redis.StringGetAsync("k"));
    }
}
