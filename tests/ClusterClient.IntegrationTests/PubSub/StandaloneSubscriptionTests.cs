// Subscriptions on one real server: many channels, killed connections, a restart, a slow consumer.
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.PubSub;

public sealed class StandaloneSubscriptionTests
{
    [Theory]
    [InlineData(RedisProtocol.Resp3)]
    [InlineData(RedisProtocol.Resp2)]
    public async Task A_hundred_channels_survive_that_their_connection_is_killed(RedisProtocol protocol)
    {
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync();
        await using RedisClient redis = await RedisClient.ConnectAsync($"{server.ConnectionString}?protocol={protocol}");
        RedisSubscription[] subscriptions = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => redis.SubscribeAsync($"channel:{i}").AsTask()));
        Collector[] channels = [.. subscriptions.Select(static subscription => new Collector(subscription))];
        Collector pattern = new(await redis.SubscribePatternAsync("channel:*"));
        for (int i = 0; i < 100; i++) Assert.Equal(2, await redis.PublishAsync($"channel:{i}", $"first {i}"));
        await Eventually.TrueAsync(() => channels.Index().All(static one => one.Item.Has($"first {one.Index}")) && pattern.Messages.Count == 100, "every message has arrived");
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => $"first {i}"), pattern.Messages.Select(static message => (string?)message.Value));

        await redis.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await Eventually.TrueAsync(() => channels.All(static one => one.Subscription is { Gaps: 1, IsInterrupted: false }) && pattern.Subscription is { Gaps: 1, IsInterrupted: false }, "every subscription has been made again");
        for (int i = 0; i < 100; i++) Assert.Equal(2, await redis.PublishAsync($"channel:{i}", $"second {i}"));
        await Eventually.TrueAsync(() => channels.Index().All(static one => one.Item.Has($"second {one.Index}")) && pattern.Messages.Count == 200, "every message has arrived again");
        Assert.All(channels, static one => Assert.Equal([false, true], one.Messages.Select(static message => message.FollowsGap)));

        await redis.DisposeAsync();
        await Task.WhenAll([.. channels.Select(static one => one.Reading), pattern.Reading]).WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_restarted_server_is_subscribed_to_again()
    {
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync();
        await using RedisClient redis = await RedisClient.ConnectAsync(server.ConnectionString);
        Collector news = new(await redis.SubscribeAsync("news"));
        TaskCompletionSource<SubscriptionGap> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        news.Subscription.Gap += (_, gap) => told.TrySetResult(gap);
        await server.Nodes[0].KillAsync();
        await Eventually.TrueAsync(() => news.Subscription.IsInterrupted, "the loss is noticed");
        await server.Nodes[0].RestartAsync();
        Assert.Equal(SubscriptionGapReason.ConnectionLost, (await told.Task.WaitAsync(TimeSpan.FromSeconds(20))).Reason);
        Assert.Equal(1, await redis.PublishAsync("news", "after"));
        await Eventually.TrueAsync(() => news.Has("after"), "the message has arrived");
    }

    [Fact]
    public async Task A_slow_consumer_loses_the_oldest_and_holds_up_nobody()
    {
        const int Count = 20_000;
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync();
        await using RedisClient redis = await RedisClient.ConnectAsync(server.ConnectionString);
        await using RedisSubscription slow = await redis.SubscribeAsync("news", new SubscriptionOptions { Capacity = 100 });
        Collector other = new(await redis.SubscribeAsync("news", new SubscriptionOptions { Capacity = Count }));
        byte[] payload = new byte[1000];
        for (int sent = 0; sent < Count; sent += 500)
        {
            await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => redis.PublishAsync("news", payload).AsTask()));
        }

        await Eventually.TrueAsync(() => other.Messages.Count == Count, "the other consumer has them all");
        Assert.Equal((0, 0), (other.Subscription.Dropped, other.Subscription.Gaps));
        Assert.Equal((Count - 100, 100), (slow.Dropped, slow.Waiting));
    }
}
