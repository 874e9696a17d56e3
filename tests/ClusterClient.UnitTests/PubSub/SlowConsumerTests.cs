// What a slow consumer loses, and that nobody else does.
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.PubSub;

public class SlowConsumerTests
{
    [Fact]
    public async Task The_oldest_are_dropped_and_counted_and_others_miss_nothing()
    {
        await using FakeServer server = new();
        FakePubSub pubSub = new(server);
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        await using RedisSubscription slow = await Until.EndsAsync(redis.SubscribeAsync("news", new SubscriptionOptions { Capacity = 10 }));
        await using RedisSubscription other = await Until.EndsAsync(redis.SubscribeAsync("news"));
        TaskCompletionSource<SubscriptionGap> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        slow.Gap += (_, gap) => told.TrySetResult(gap);
        await PublishAsync(pubSub, 100);
        Assert.Equal(SubscriptionGapReason.SlowConsumer, (await Until.EndsAsync(told.Task)).Reason);
        Assert.Equal(Enumerable.Range(0, 100), (await TakeAsync(other, 100)).Select(static one => one.Number));
        Assert.Equal((0, 0), (other.Dropped, other.Gaps));
        Assert.Equal((90, 10, 1), (slow.Dropped, slow.Waiting, slow.Gaps));
        IReadOnlyList<(int Number, bool FollowsGap)> kept = await TakeAsync(slow, 10);
        Assert.Equal(Enumerable.Range(90, 10), kept.Select(static one => one.Number));
        Assert.Equal([true, .. Enumerable.Repeat(false, 9)], kept.Select(static one => one.FollowsGap));
    }

    [Fact]
    public async Task The_newest_are_dropped_where_that_is_asked_for()
    {
        await using FakeServer server = new();
        FakePubSub pubSub = new(server);
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        await using RedisSubscription slow = await Until.EndsAsync(redis.SubscribeAsync("news", new SubscriptionOptions { Capacity = 10, Overflow = SubscriptionOverflow.DropNewest }));
        await PublishAsync(pubSub, 100);
        await Until.HoldsAsync(() => slow.Dropped == 90);
        Assert.Equal(Enumerable.Range(0, 10).Select(static i => (i, false)), await TakeAsync(slow, 10));
        await pubSub.PublishAsync("news", "100");
        Assert.Equal([(100, true)], await TakeAsync(slow, 1));
    }

    [Fact]
    public async Task It_ends_with_an_error_where_nothing_may_be_missed()
    {
        await using FakeServer server = new();
        FakePubSub pubSub = new(server);
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        await using RedisSubscription slow = await Until.EndsAsync(redis.SubscribeAsync("news", new SubscriptionOptions { Capacity = 10, Overflow = SubscriptionOverflow.Close }));
        await PublishAsync(pubSub, 11);
        await Until.FailsAsync<RedisOverloadedException>(slow.Completion);
        await using Stream messages = new(slow);
        for (int i = 0; i < 10; i++) Assert.Equal(i, (int)(await messages.NextAsync()).Value);
        await Until.FailsAsync<RedisOverloadedException>(messages.NextAsync());
        await Until.HoldsAsync(() => server.CountOf("UNSUBSCRIBE") == 1);
    }

    [Fact]
    public async Task Bytes_are_bounded_too_and_a_single_large_message_is_kept()
    {
        await using FakeServer server = new();
        FakePubSub pubSub = new(server);
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        await using RedisSubscription slow = await Until.EndsAsync(redis.SubscribeAsync("news", new SubscriptionOptions { MaxBytes = 1000 }));
        for (int i = 0; i < 5; i++) await pubSub.PublishAsync("news", new string('x', 400));
        await Until.HoldsAsync(() => slow.Dropped == 3);
        Assert.Equal(2, slow.Waiting);
        await pubSub.PublishAsync("news", new string('y', 5000));
        await Until.HoldsAsync(() => slow.Dropped == 5);
        await using Stream messages = new(slow);
        Assert.Equal(5000, ((byte[]?)(await messages.NextAsync()).Value)!.Length);
    }

    private static async Task PublishAsync(FakePubSub pubSub, int count)
    {
        for (int i = 0; i < count; i++) await pubSub.PublishAsync("news", i.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static async Task<IReadOnlyList<(int Number, bool FollowsGap)>> TakeAsync(RedisSubscription subscription, int count)
    {
        await using Stream messages = new(subscription);
        List<(int, bool)> taken = [];
        while (taken.Count < count)
        {
            RedisMessage message = await messages.NextAsync();
            taken.Add(((int)message.Value, message.FollowsGap));
        }

        return taken;
    }
}
