// Many slots move at once: every caller is served, each slot costs one redirect, and the topology is not asked in a storm.
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public class MovedStormTests
{
    [Fact]
    public async Task Each_moved_slot_costs_one_redirect()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        string[] keys = KeysInOrder(cluster, cluster[0], 600);
        foreach (string key in keys) cluster.Move(HashSlot.Of((RedisKey)key), cluster[1]);
        foreach (string key in keys) Assert.Equal(1, await Until.EndsAsync(redis.StringIncrementAsync(key)));
        Assert.True(cluster[0].Server.CountOf("INCR") <= keys.Length);
        int redirects = cluster.CountOf("INCR") - keys.Length;

        // Redirects teach one slot each and a look at the topology teaches the rest: at most one a slot, and none after.
        Assert.InRange(redirects, 1, keys.Length);
        foreach (string key in keys) Assert.Equal(2, await Until.EndsAsync(redis.StringIncrementAsync(key)));
        Assert.Equal((2 * keys.Length) + redirects, cluster.CountOf("INCR"));
    }

    [Fact]
    public async Task No_command_pays_twice_for_one_slot_even_when_every_view_lags()
    {
        // No look at the topology helps: the new owner does not tell, the others still show the old one. Only the redirects teach.
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        string[] keys = KeysInOrder(cluster, cluster[0], 200);
        FakeView lagging = cluster.Truth;
        foreach (string key in keys) cluster.Move(HashSlot.Of((RedisKey)key), cluster[1]);
        foreach (FakeNode node in cluster.Nodes)
        {
            node.Server.On("CLUSTER", command => command.Subcommand switch
            {
                _ when node == cluster[1] => FakeAnswer.Error("NOPERM User ada has no permissions to run the 'cluster' command"),
                "SLOTS" => FakeClusterReplies.Slots(cluster, lagging),
                "NODES" => FakeClusterReplies.Nodes(cluster, lagging, node),
                _ => null,
            });
        }

        for (int round = 1; round <= 4; round++)
        {
            foreach (string key in keys) Assert.Equal(round, await Until.EndsAsync(redis.StringIncrementAsync(key)));
            await Until.EndsAsync(redis.RefreshTopologyAsync().AsTask());
        }

        Assert.All(cluster[0].Server.Of("INCR").GroupBy(static command => command[1]), static paid => Assert.Single(paid));
        Assert.Equal(0, cluster[2].Server.CountOf("INCR"));
        Assert.Equal(4 * keys.Length, cluster[1].Server.CountOf("INCR"));
    }

    [Fact]
    public async Task A_storm_of_moved_is_one_look_at_the_topology_at_a_time()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        await Until.HoldsAsync(() => redis.Topology.Version > 0);
        string[] keys = KeysInOrder(cluster, cluster[0], 400);
        foreach (string key in keys) cluster.Move(HashSlot.Of((RedisKey)key), cluster[2]);
        int before = cluster.CountOf("CLUSTER");
        long started = Environment.TickCount64;
        await Until.EndsAsync(Task.WhenAll(keys.SelectMany(key => Enumerable.Range(0, 8).Select(_ => redis.StringIncrementAsync(key).AsTask()))));
        foreach (string key in keys) Assert.Equal(9, await Until.EndsAsync(redis.StringIncrementAsync(key)));

        // A look is SLOTS and NODES of three nodes, and looks for MOVED are 100 ms apart or more.
        long looks = 2 + ((Environment.TickCount64 - started) / 100);
        Assert.InRange(cluster.CountOf("CLUSTER") - before, 0, 6 * looks);
    }

    [Fact]
    public async Task A_slot_that_moved_leaves_the_cluster_a_cluster()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync(static o => o.TopologyRefreshInterval = TimeSpan.FromHours(1));
        foreach (string key in KeysInOrder(cluster, cluster[0], 5))
        {
            cluster.Move(HashSlot.Of((RedisKey)key), cluster[1]);
            Assert.Equal(1, await Until.EndsAsync(redis.StringIncrementAsync(key)));
            NotSupportedException refused = await Assert.ThrowsAsync<NotSupportedException>(async () => await redis.ExecuteAsync("CONFIG", "GET", "maxmemory"));
            Assert.Contains("OnNode", refused.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<NotSupportedException>(async () => await redis.WaitAsync(1, TimeSpan.FromSeconds(1), static write => write.ExecuteAsync("PING")));
        }

        Assert.Equal(0, cluster.CountOf("CONFIG") + cluster.CountOf("WAIT"));
    }

    [Fact]
    public async Task A_thousand_masters()
    {
        await using FakeCluster cluster = FakeCluster.Start(1000);
        await using RedisClient redis = await cluster.ConnectAsync(static o => (o.HeartbeatInterval, o.HangTimeout) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)), seed: 500);
        Assert.Equal(1000, redis.Topology.Masters.Length);
        await Until.EndsAsync(Task.WhenAll(Enumerable.Range(0, 5000).Select(i => redis.StringSetAsync($"k{i}", i).AsTask())));
        for (int slot = 0; slot < 100; slot++) cluster.Move(slot * 16, cluster[999]);
        int[] values = await Until.EndsAsync(Task.WhenAll(Enumerable.Range(0, 5000).Select(async i => await redis.StringGetAsync<int>($"k{i}") ?? -1)));
        Assert.Equal(Enumerable.Range(0, 5000), values);
    }

    /// <summary>Keys of a node, each in a slot of its own.</summary>
    private static string[] KeysInOrder(FakeCluster cluster, FakeNode node, int count)
        => [.. Enumerable.Range(0, 100_000).Select(static i => $"k{i}").Where(key => cluster.OwnerOf(key) == node).DistinctBy(static key => HashSlot.Of((RedisKey)key)).Take(count)];
}
