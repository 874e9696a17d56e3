// A server that is killed, restarted or frozen, and what its callers are told.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Routing;

[Trait("Suite", "Routing")]
public sealed class FailoverTests
{
    [Fact]
    public async Task A_killed_master_is_replaced_and_writes_that_were_not_sent_wait_and_succeed()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 1);

        // Where an heir is elected, a deadline far shorter than the election must do: it stands still meanwhile.
        string patience = cluster.Capabilities.HasFlag(ServerCapabilities.AutomaticFailover) ? "commandTimeout=2s&failoverTimeout=60s" : "commandTimeout=20s";
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?{patience}");
        LocalNode master = await cluster.GetSlotOwnerAsync(HashSlot.Of("victim"));
        await redis.StringSetAsync("victim", "before");
        await master.KillAsync();

        // Begun after the kill: no bytes can have reached the dead, so the writes must wait for the heir and succeed.
        await WaitUntilNoticedAsync(redis, master);
        Task<bool>[] writes = [.. Enumerable.Range(0, 100).Select(i => redis.StringSetAsync($"{{victim}}:{i}", i).AsTask())];
        if (!cluster.Capabilities.HasFlag(ServerCapabilities.AutomaticFailover))
        {
            // Garnet elects nobody: whoever is short of time is told that nothing was sent, and the others wait for a promotion by hand.
            RedisException late = await Assert.ThrowsAnyAsync<RedisException>(async () => await redis.WithTimeout(TimeSpan.FromSeconds(1)).StringSetAsync("victim", "late"));
            Assert.Equal(Outcome.NotExecuted, late.Outcome);
            Assert.DoesNotContain(writes, write => write.IsCompleted);
            await cluster.FailoverAsync(master, FailoverMode.Takeover);
        }

        Assert.All(await Task.WhenAll(writes), Assert.True);
        for (int i = 0; i < 100; i++) Assert.Equal(i, await redis.StringGetAsync<int>($"{{victim}}:{i}"));
        Assert.NotEqual(master.Port, redis.Topology.MasterOf("victim")!.Endpoint.Port);
    }

    [Fact]
    public async Task A_restarted_standalone_server_is_found_again_and_reads_do_not_fail()
    {
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync();
        await using RedisClient redis = await RedisClient.ConnectAsync(server.ConnectionString);
        LocalNode node = server.Nodes[0];
        await redis.StringSetAsync("before", 1);
        await node.KillAsync();
        Task<RedisValue> read = redis.StringGetAsync("before").AsTask();
        await node.RestartAsync();

        // The data is gone with the process; that the read is answered at all is the point.
        _ = await read;
        Assert.True(await redis.StringSetAsync("after", 2));
    }

    [Fact]
    public async Task A_frozen_server_ends_calls_at_their_deadline_with_the_truth()
    {
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync();
        await using RedisClient redis = await RedisClient.ConnectAsync($"{server.ConnectionString}?commandTimeout=300ms&heartbeatInterval=50ms&hangTimeout=10s");
        await redis.StringSetAsync("k", 1);
        LocalNode node = server.Nodes[0];
        node.Freeze();
        RedisTimeoutException late = await Assert.ThrowsAsync<RedisTimeoutException>(async () => await redis.StringSetAsync("k", 2));
        Assert.Equal(Outcome.Unknown, late.Outcome);
        Assert.Equal(CommandStage.AwaitingReply, late.Stage);
        Assert.Contains(node.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), late.Message, StringComparison.Ordinal);
        node.Thaw();

        // The late reply is dropped: whoever asks next gets its own answer.
        for (int i = 0; i < 100; i++)
        {
            await redis.WithTimeout(TimeSpan.FromSeconds(10)).StringSetAsync($"own:{i}", i);
            Assert.Equal(i, await redis.WithTimeout(TimeSpan.FromSeconds(10)).StringGetAsync<int>($"own:{i}"));
        }
    }

    private static async Task WaitUntilNoticedAsync(RedisClient redis, LocalNode dead)
    {
        // A write pinned to the dead node and short of time fails either way; once it fails unsent, the loss is known.
        TopologyNode? node = redis.Topology.Nodes.FirstOrDefault(candidate => candidate.Endpoint.Port == dead.Port);
        IRedisView onDead = redis.OnNode(node!).WithTimeout(TimeSpan.FromMilliseconds(50));
        for (int i = 0; i < 200; i++)
        {
            RedisException failure = await Assert.ThrowsAnyAsync<RedisException>(async () => await onDead.StringSetAsync("{victim}:probe", 1));
            if (failure.Outcome == Outcome.NotExecuted) return;
        }

        throw new TimeoutException($"The client has not noticed that {dead} is dead.");
    }
}
