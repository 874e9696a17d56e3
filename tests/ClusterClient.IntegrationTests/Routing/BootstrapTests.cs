// From one node to the whole cluster, and from a key to its master.
using ClusterClient.Protocol;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Routing;

[Trait("Suite", "Routing")]
public sealed class BootstrapTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    private readonly LocalCluster _cluster = fixture.Cluster;

    [Fact]
    public async Task Any_single_node_master_or_replica_is_enough_to_find_the_whole_cluster()
    {
        foreach (LocalNode door in _cluster.Nodes)
        {
            await using RedisClient redis = await RedisClient.ConnectAsync($"redis://{door}");
            Assert.Equal(TopologyKind.Cluster, redis.Topology.Kind);
            Assert.Equal(HashSlot.Count, redis.Topology.CoveredSlots);
            Assert.Equal(_cluster.Nodes.Select(node => node.Port).Order(), redis.Topology.Nodes.Select(node => node.Endpoint.Port).Order());
            Assert.Equal(3, redis.Topology.Masters.Length);
            Assert.All(redis.Topology.Masters, master => Assert.Single(redis.Topology.ReplicasOf(master)));
        }
    }

    [Fact]
    public async Task Seeds_that_are_dead_are_passed_over()
    {
        await using RedisClient redis = await RedisClient.ConnectAsync($"redis://127.0.0.1:1,127.0.0.1:2,{_cluster.Nodes[1]}");
        Assert.True(await redis.StringSetAsync("seed", "found"));
        Assert.Equal("found", (string?)await redis.StringGetAsync("seed"));
    }

    [Fact]
    public async Task Every_key_goes_to_its_master_at_the_first_try()
    {
        await using RedisClient redis = await RedisClient.ConnectAsync($"redis://{_cluster.Nodes[0]}");
        using RedirectCounter redirects = new(_cluster.Nodes.Select(node => node.Port));
        for (int i = 0; i < 2000; i++)
        {
            await redis.StringSetAsync($"first-try:{i}", i);
            Assert.Equal(i, await redis.StringGetAsync<int>($"first-try:{i}"));
        }

        Assert.Equal(0, redirects.Count);
        foreach (TopologyNode master in redis.Topology.Masters)
        {
            RespValue keys = await redis.OnNode(master).ExecuteAsync("KEYS", "first-try:*");
            Assert.InRange(keys.Count, 400, 1000);
            foreach (RespValue key in keys.Items) Assert.Equal(master.Endpoint, redis.Topology.MasterOf(key.AsString()!)!.Endpoint);
        }
    }

    [Fact]
    public async Task Keys_of_many_slots_may_be_named_together_unless_that_would_break_a_promise()
    {
        await using RedisClient redis = await RedisClient.ConnectAsync(_cluster.ConnectionString);
        await redis.StringSetAsync("{same}:a", 1);
        await redis.StringSetAsync("{same}:b", 2);
        RedisValue[] both = await redis.StringGetAsync(["{same}:a", "{same}:b"]);
        Assert.Equal([1L, 2L], both.Select(value => (long)value));

        RedisKey[] keys = [.. Enumerable.Range(0, 300).Select(static i => (RedisKey)$"many:{i}")];
        Assert.True(await redis.StringSetAsync([.. keys.Select(static (key, i) => KeyValuePair.Create(key, (RedisValue)i))]));
        Assert.Equal(Enumerable.Range(0, 300).Select(static i => (long)i), (await redis.StringGetAsync(keys)).Select(static value => (long)value));
        Assert.Equal(300, await redis.KeyExistsAsync(keys));
        Assert.Equal(100, await redis.KeyDeleteAsync(keys.AsSpan(0, 100)));
        if (_cluster.Server == ServerKind.Garnet)
        {
            // It does not know TOUCH: every part is refused, and the outcome of the whole says so.
            PartialFailureException unknown = await Assert.ThrowsAsync<PartialFailureException>(async () => await redis.KeyTouchAsync(keys));
            Assert.Equal((Outcome.Rejected, 300), (unknown.Outcome, unknown.Failures.Count));
        }
        else
        {
            Assert.Equal(200, await redis.KeyTouchAsync(keys));
        }

        Assert.Equal(200, await redis.KeyUnlinkAsync(keys));

        CrossSlotException refused = await Assert.ThrowsAsync<CrossSlotException>(async () => await redis.KeyRenameAsync("a", "b"));
        Assert.Equal(Outcome.NotExecuted, refused.Outcome);
        Assert.Contains("braces", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_made_without_waiting_serves_commands_once_the_cluster_is_found()
    {
        await using RedisClient redis = RedisClient.Create(RedisClientOptions.Parse(_cluster.ConnectionString));
        Assert.True(await redis.StringSetAsync("background", "yes"));
        Assert.Equal("yes", (string?)await redis.StringGetAsync("background"));
    }

    [Fact]
    public async Task A_key_that_only_the_server_can_find_is_asked_for_once_a_shape()
    {
        await using RedisClient redis = await RedisClient.ConnectAsync(_cluster.ConnectionString);
        await redis.ExecuteAsync("RPUSH", "numbers", 3, 1, 2);

        // To a client that does not know RPUSHX by its name, its key is a riddle that the server solves.
        CommandInfo unknown = new("RPUSHX", KeySpec.None, CommandFlags.MovableKeys);
        for (int i = 0; i < 3; i++)
            Assert.Equal(4 + i, await redis.ExecuteAsync(new Command(unknown, "numbers", i), Replies.Int64));
        Assert.Equal(6, (await redis.ExecuteAsync("LLEN", "numbers")).AsInt64());
    }
}
