// Subscriptions on a real cluster: spread over its masters, through the death of one, and shard channels that follow their slot.
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.PubSub;

public sealed class ClusterSubscriptionTests
{
    [Theory]
    [InlineData(RedisProtocol.Resp3)]
    [InlineData(RedisProtocol.Resp2)]
    public async Task A_hundred_channels_outlive_a_master(RedisProtocol protocol)
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 1);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?protocol={protocol}");
        RedisSubscription[] subscriptions = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => redis.SubscribeAsync($"channel:{i}").AsTask()));
        Collector[] channels = [.. subscriptions.Select(static subscription => new Collector(subscription))];
        long[] perMaster = [.. await Task.WhenAll(redis.Topology.Masters.Select(async node => (await redis.OnNode(node).SubscriptionChannelsAsync()).LongLength))];
        Assert.Equal(100, perMaster.Sum());
        Assert.All(perMaster, static count => Assert.NotEqual(0, count));
        foreach (Collector one in channels) await redis.PublishAsync(one.Subscription.Channel, "before");
        await Eventually.TrueAsync(() => channels.All(static one => one.Has("before")), "every message has arrived, wherever it was published");

        LocalNode victim = (await cluster.GetMastersAsync())[0];
        await victim.KillAsync();
        await Eventually.TrueAsync(() => channels.Any(static one => one.Subscription.Gaps == 1), "the loss is noticed");
        await Eventually.TrueAsync(() => channels.All(static one => !one.Subscription.IsInterrupted), "what was subscribed on the dead master is subscribed elsewhere");
        foreach (Collector one in channels) await one.HearsAsync(value => redis.PublishAsync(one.Subscription.Channel, value), "after");
        Assert.Equal(channels.Count(static one => one.Subscription.Gaps == 0), channels.Count(static one => one.Messages.All(static message => !message.FollowsGap)));
        Assert.InRange(channels.Count(static one => one.Subscription.Gaps > 0), 1, 99);
    }

    [Theory]
    [InlineData(RedisProtocol.Resp3)]
    [InlineData(RedisProtocol.Resp2)]
    public async Task A_shard_channel_follows_its_slot_and_a_failover(RedisProtocol protocol)
    {
        if ((await LocalTopology.FindServerAsync()).Kind == ServerKind.Garnet) return; // It moves slots as a whole and has no shard channels to lose.
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 1);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?protocol={protocol}&topologyRefreshInterval=0s");
        Collector news = new(await redis.SubscribeShardedAsync("news"));
        Assert.Equal(1, await redis.PublishShardedAsync("news", "before"));
        await Eventually.TrueAsync(() => news.Has("before"), "the first message has arrived");

        int slot = HashSlot.Of("news");
        LocalNode from = await cluster.GetSlotOwnerAsync(slot);
        LocalNode to = (await cluster.GetMastersAsync()).First(node => node != from);
        await cluster.MoveSlotsAsync([slot], from, to, SlotMoveMode.KeyByKey);
        await Eventually.TrueAsync(() => news.Subscription is { Gaps: 1, IsInterrupted: false }, "the subscription has followed its slot");
        Assert.Equal(1, await redis.PublishShardedAsync("news", "moved"));
        await Eventually.TrueAsync(() => news.Has("moved"), "the message has arrived from the new owner");
        Assert.True(news.Messages.Single(static message => message.Value == "moved").FollowsGap);

        await to.KillAsync();
        await news.HearsAsync(value => redis.PublishShardedAsync("news", value), "after");
        Assert.Equal(0, news.Subscription.Dropped);
    }
}
