// Subscriptions in a cluster of fake servers: spread, moved away from nodes that fail, shard channels that follow their slot.
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.PubSub;

public class ClusterSubscriptionTests
{
    [Fact]
    public async Task Channels_are_spread_over_the_masters_and_leave_one_that_falls_silent()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        Dictionary<FakeNode, FakePubSub> pubSub = cluster.Nodes.ToDictionary(static node => node, static node => new FakePubSub(node.Server));
        await using RedisClient redis = await cluster.ConnectAsync(static options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(200));
        string[] names = [.. Enumerable.Range(0, 60).Select(static i => $"channel{i}")];
        RedisSubscription[] subscriptions = await Until.EndsAsync(Task.WhenAll(names.Select(name => redis.SubscribeAsync(name).AsTask())));
        Dictionary<string, FakeNode> homes = names.ToDictionary(static name => name, name => Assert.Single(cluster.Nodes, node => pubSub[node].SubscribersOf(name).Count == 1));
        Assert.Equal(3, homes.Values.Distinct().Count());

        FakeNode silent = cluster[1];
        silent.Server.On(static command => command.Is("PING") || command.Is("SUBSCRIBE") ? FakeAnswer.Hang : null);
        await Until.HoldsAsync(() => subscriptions.All(static one => !one.IsInterrupted)
            && names.Where(name => homes[name] == silent).All(name => cluster.Nodes.Any(node => node != silent && pubSub[node].SubscribersOf(name).Count == 1)));
        foreach ((string name, RedisSubscription subscription) in names.Zip(subscriptions))
        {
            if (homes[name] == silent) Assert.NotEqual(0, subscription.Gaps);

            // On a busy machine another node may have seemed silent for a moment; a name that never moved has missed nothing.
            else if (pubSub.Sum(one => one.Key.Server.Of("SUBSCRIBE").Count(command => command[1] == name)) == 1) Assert.Equal(0, subscription.Gaps);
            await subscription.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_shard_channel_is_subscribed_to_where_its_slot_is_though_the_map_is_old()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        Dictionary<FakeNode, FakePubSub> pubSub = cluster.Nodes.ToDictionary(static node => node, static node => new FakePubSub(node.Server));
        await using RedisClient redis = await cluster.ConnectAsync(static options => options.TopologyRefreshInterval = TimeSpan.Zero);
        string name = cluster.KeyOf(cluster[0]);
        cluster.Move(HashSlot.Of((RedisKey)name), cluster[2]);
        await using RedisSubscription subscription = await Until.EndsAsync(redis.SubscribeShardedAsync(name));
        Assert.Single(pubSub[cluster[2]].SubscribersOf(name));
        Assert.Equal(0, subscription.Gaps);
    }

    [Theory]
    [InlineData(RedisProtocol.Resp3)]
    [InlineData(RedisProtocol.Resp2)]
    public async Task A_shard_channel_follows_its_slot(RedisProtocol protocol)
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        Dictionary<FakeNode, FakePubSub> pubSub = cluster.Nodes.ToDictionary(static node => node, static node => new FakePubSub(node.Server));
        await using RedisClient redis = await cluster.ConnectAsync(options =>
        {
            options.TopologyRefreshInterval = TimeSpan.Zero;
            options.Protocol = protocol;
        });
        string name = cluster.KeyOf(cluster[0]);
        await using RedisSubscription subscription = await Until.EndsAsync(redis.SubscribeShardedAsync(name));
        await using Stream messages = new(subscription);
        foreach (int target in (int[])[1, 2, 0])
        {
            FakeNode before = cluster.OwnerOf(name), after = cluster[target];
            cluster.Move(HashSlot.Of((RedisKey)name), after);
            await pubSub[before].RevokeAsync(name);
            await Until.HoldsAsync(() => pubSub[after].SubscribersOf(name).Count == 1 && !subscription.IsInterrupted);
            await pubSub[after].SendAsync("smessage", name, name, "here");
            RedisMessage message = await messages.NextAsync();
            Assert.Equal(("here", true), ((string?)message.Value, message.FollowsGap));
        }

        Assert.Equal(3, subscription.Gaps);
    }

    [Fact]
    public async Task A_cluster_that_is_down_for_a_while_is_waited_for()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        foreach (FakeNode node in cluster.Nodes) _ = new FakePubSub(node.Server);
        await using RedisClient redis = await cluster.ConnectAsync();
        string name = cluster.KeyOf(cluster[0]);
        cluster[0].Server.Once("SSUBSCRIBE", FakeAnswer.Error("CLUSTERDOWN The cluster is down"), FakeAnswer.Error("TRYAGAIN later"));
        await using RedisSubscription subscription = await Until.EndsAsync(redis.SubscribeShardedAsync(name));
        Assert.Equal(3, cluster[0].Server.CountOf("SSUBSCRIBE"));
    }
}
