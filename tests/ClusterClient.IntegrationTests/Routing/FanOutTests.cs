// Commands that concern every master, on a real cluster: at rest, while slots move, and while masters die.
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Protocol;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Routing;

[Trait("Suite", "Routing")]
public sealed class FanOutTests
{
    private const int Keys = 500;

    [Fact]
    public async Task What_one_master_would_answer_for_itself_alone_is_asked_of_all()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 1);
        await using RedisClient redis = await RedisClient.ConnectAsync(cluster.ConnectionString);
        await FillAsync(redis);
        Assert.Equal(Keys, await redis.DatabaseSizeAsync());
        Assert.Equal(Keys, (await redis.ExecuteAsync("KEYS", "fan:*")).Count);
        IReadOnlyList<NodeResult<long>> sizes = await redis.OnEachMasterAsync(static master => master.DatabaseSizeAsync());
        Assert.Equal((3, (long)Keys), (sizes.Count, sizes.Sum(static size => size.Value)));
        IReadOnlyList<NodeResult<ServerInfo>> servers = await redis.OnEachNodeAsync(static node => node.InfoAsync("server"));
        Assert.Equal(cluster.Nodes.Select(static node => node.Port).Order(), servers.Select(static server => server.Node.Endpoint.Port).Order());
        if (cluster.Server != ServerKind.Garnet) Assert.Equal(6, servers.Select(static server => server.Value.ProcessId).Distinct().Count()); // Garnet names no process.

        if (cluster.Server != ServerKind.Garnet)
        {
            Assert.StartsWith("fan:", (await redis.ExecuteAsync("RANDOMKEY")).AsString(), StringComparison.Ordinal);
            string digest = (await redis.ExecuteAsync("SCRIPT", "LOAD", "return redis.call('GET', KEYS[1])")).AsString()!;
            Assert.Equal([1L, 0L], (await redis.ExecuteAsync("SCRIPT", "EXISTS", digest, new string('0', 40))).Items.ToArray().Select(static one => one.AsInt64()));
            for (int i = 0; i < 20; i++) Assert.Equal(i, (await redis.ExecuteAsync("EVALSHA", digest, 1, $"fan:{i}")).AsInt64());
            Assert.Equal("OK", (await redis.ExecuteAsync("SCRIPT", "FLUSH")).AsString());
            Assert.Equal(0, (await redis.ExecuteAsync("SCRIPT", "EXISTS", digest))[0].AsInt64());

            Assert.Equal("fan", (await redis.ExecuteAsync("FUNCTION", "LOAD", "#!lua name=fan\nredis.register_function('echo', function(keys) return keys[1] end)")).AsString());
            for (int i = 0; i < 20; i++) Assert.Equal($"fan:{i}", (await redis.ExecuteAsync("FCALL", "echo", 1, $"fan:{i}")).AsString());
            RedisServerException twice = await Assert.ThrowsAsync<RedisServerException>(async () => await redis.ExecuteAsync("FUNCTION", "LOAD", "#!lua name=fan\nredis.register_function('echo', function(keys) return keys[1] end)"));
            Assert.Contains("already exists", twice.ServerMessage, StringComparison.Ordinal);
            byte[] dump = (await redis.ExecuteAsync("FUNCTION", "DUMP")).AsBytes()!;
            Assert.Equal("OK", (await redis.ExecuteAsync("FUNCTION", "DELETE", "fan")).AsString());
            Assert.Equal("OK", (await redis.ExecuteAsync("FUNCTION", "RESTORE", dump)).AsString());
            Assert.Equal("OK", (await redis.ExecuteAsync("FUNCTION", "FLUSH")).AsString());
            Assert.Equal(0, (await redis.ExecuteAsync("FUNCTION", "LIST")).Count);
        }

        Assert.Equal("OK", (await redis.ExecuteAsync("FLUSHDB", "SYNC")).AsString());
        Assert.Equal(0, await redis.DatabaseSizeAsync());
    }

    [Fact]
    public async Task A_script_that_replicas_shall_run_is_loaded_on_each_node()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 2, replicasPerMaster: 1);
        await using RedisClient redis = await RedisClient.ConnectAsync(cluster.ConnectionString);
        if (cluster.Server == ServerKind.Garnet)
        {
            await Assert.ThrowsAsync<RedisServerException>(async () => await redis.ExecuteAsync("EVALSHA_RO", new string('0', 40), 1, "fan:1")); // It does not know it.
            return;
        }

        IRedisView replicas = redis.WithReadFrom(ReadFrom.Replica);

        // Scripts are not replicated (Redis 7.0), and SCRIPT LOAD goes to the masters.
        string digest = (await redis.ExecuteAsync("SCRIPT", "LOAD", "return 7")).AsString()!;
        Assert.Equal(7, (await redis.ExecuteAsync("EVALSHA_RO", digest, 1, "fan:1")).AsInt64());
        RedisServerException missing = await Assert.ThrowsAsync<RedisServerException>(async () => await replicas.ExecuteAsync("EVALSHA_RO", digest, 1, "fan:1"));
        Assert.Equal("NOSCRIPT", missing.Code);
        Assert.All(await redis.OnEachNodeAsync(static node => node.ExecuteAsync("SCRIPT", "LOAD", "return 7")), loaded => Assert.Equal(digest, loaded.Value.AsString()));
        Assert.Equal(7, (await replicas.ExecuteAsync("EVALSHA_RO", digest, 1, "fan:1")).AsInt64());
    }

    [Fact]
    public async Task While_slots_move_no_key_is_lost_from_the_count_and_none_survives_a_flush()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 0);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=20s");
        IReadOnlyList<LocalNode> masters = await cluster.GetMastersAsync();
        int[] slots = [.. (await cluster.GetSlotsAsync(masters[0])).Take(600)];
        for (int round = 0; round < 3; round++)
        {
            (LocalNode from, LocalNode to) = (masters[round], masters[(round + 1) % 3]);
            await FillAsync(redis);
            Task move = cluster.MoveSlotsAsync(slots, from, to, SlotMoveMode.Bulk);
            int counts = 0;
            for (int flushAt = 5; !move.IsCompleted; counts++)
            {
                // Those in transit in the one slot that moves just now stand on both sides, or on neither.
                long size = await redis.DatabaseSizeAsync();
                if (counts < flushAt) Assert.InRange(size, Keys - 5, Keys + 5);
                if (counts != flushAt) continue;
                Assert.Equal("OK", (await redis.ExecuteAsync("FLUSHALL")).AsString());
                Assert.Equal(0, await redis.DatabaseSizeAsync());
            }

            await move;
            Assert.Equal("OK", (await redis.ExecuteAsync("FLUSHALL")).AsString());
            IReadOnlyList<NodeResult<long>> left = await redis.OnEachMasterAsync(static master => master.DatabaseSizeAsync());
            Assert.All(left, static size => Assert.Equal(0, size.Value));
        }
    }

    [Fact]
    public async Task A_killed_masters_heir_is_asked_in_its_place()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 1);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=30s&retryPolicy=idempotent");
        await FillAsync(redis);
        LocalNode master = (await cluster.GetMastersAsync())[0];
        await WaitForReplicasAsync(redis);
        await master.KillAsync();
        if (!cluster.Capabilities.HasFlag(ServerCapabilities.AutomaticFailover))
        {
            // Nobody takes over: the call must say which node it could not reach, and that the others have answered.
            FanOutException left = await Assert.ThrowsAsync<FanOutException>(async () => await redis.WithTimeout(TimeSpan.FromSeconds(2)).DatabaseSizeAsync());
            Assert.Equal((master.Port, 2), (Assert.Single(left.Failures).Node.Endpoint.Port, left.Succeeded.Count));
            return;
        }

        // Asked while the shard has no master: they wait for it, and count and remove what the heir has.
        Task<long> size = redis.DatabaseSizeAsync().AsTask();
        Task<RespValue> load = redis.ExecuteAsync("SCRIPT", "LOAD", "return 1").AsTask();
        Assert.Equal(Keys, await size);
        string digest = (await load).AsString()!;
        Assert.Equal(1, (await redis.ExecuteAsync("SCRIPT", "EXISTS", digest))[0].AsInt64());
        Assert.DoesNotContain(redis.Topology.SlotRanges, owned => owned.Master.Endpoint.Port == master.Port);
        Assert.Equal("OK", (await redis.ExecuteAsync("FLUSHALL")).AsString());
        Assert.Equal(0, await redis.DatabaseSizeAsync());
    }

    [Fact]
    public async Task A_graceful_failover_under_counts_and_flushes_costs_no_error()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 1);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=20s");
        await FillAsync(redis);
        await WaitForReplicasAsync(redis);
        LocalNode master = (await cluster.GetMastersAsync())[1];
        Task failover = cluster.FailoverAsync(master);
        if (cluster.Server == ServerKind.Garnet)
        {
            // For seconds only the old master knows that it is none any more, and it has emptied itself to copy its heir.
            await failover;
            await Eventually.TrueAsync(async () => await redis.DatabaseSizeAsync() == Keys, "the nodes agree on the heir");
        }
        else
        {
            do Assert.Equal(Keys, await redis.DatabaseSizeAsync());
            while (!failover.IsCompleted);
            await failover;
        }

        Assert.Equal("OK", (await redis.ExecuteAsync("FLUSHALL")).AsString());
        Assert.Equal(0, await redis.DatabaseSizeAsync());
    }

    private static Task WaitForReplicasAsync(RedisClient redis)
        => Eventually.TrueAsync(
            async () => (await redis.OnEachNodeAsync(static node => node.DatabaseSizeAsync())).Sum(static size => size.Value) == 2 * Keys,
            "the replicas have all keys");

    private static async Task FillAsync(RedisClient redis)
        => Assert.True(await redis.StringSetAsync([.. Enumerable.Range(0, Keys).Select(static i => KeyValuePair.Create((RedisKey)$"fan:{i}", (RedisValue)i))]));
}
