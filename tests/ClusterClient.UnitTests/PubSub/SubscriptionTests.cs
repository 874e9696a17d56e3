// Subscriptions over one fake server: confirmation, messages whole and in pieces, sharing, refusal, loss, the end.
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.PubSub;

public class SubscriptionTests
{
    [Theory]
    [InlineData(RedisProtocol.Resp3)]
    [InlineData(RedisProtocol.Resp2)]
    public async Task Messages_arrive_in_order_however_they_are_cut(RedisProtocol protocol)
    {
        await using FakeServer server = new();
        FakePubSub pubSub = new(server);
        await using RedisClient redis = await TestClient.ConnectAsync(server, options => options.Protocol = protocol);
        await using RedisSubscription news = await Until.EndsAsync(redis.SubscribeAsync("news"));
        await using RedisSubscription pattern = await Until.EndsAsync(redis.SubscribePatternAsync("n*"));
        await using Stream all = new(news), matched = new(pattern);
        for (int i = 0; i < 20; i++)
        {
            bool byteByByte = i % 2 == 1;
            await pubSub.PublishAsync("news", $"m{i}\r\n\0é", byteByByte);
            await pubSub.SendAsync("pmessage", "n*", "newer", $"p{i}", byteByByte);
        }

        for (int i = 0; i < 20; i++)
        {
            RedisMessage message = await all.NextAsync();
            Assert.Equal("news", message.Channel);
            Assert.Equal(System.Text.Encoding.Latin1.GetBytes($"m{i}\r\n\0é"), (byte[]?)message.Value);
            Assert.Null(message.Pattern);
            Assert.False(message.FollowsGap);
            message = await matched.NextAsync();
            Assert.Equal(((RedisChannel)"newer", (RedisChannel?)"n*", (RedisValue)$"p{i}"), (message.Channel, message.Pattern, message.Value));
        }

        Assert.Equal("v", (string?)await redis.EchoAsync("v"));
        Assert.Equal(2, server.Accepted);
        Assert.Empty(server.Violations);
    }

    [Fact]
    public async Task It_returns_when_the_server_has_confirmed_and_not_before()
    {
        await using FakeServer server = new();
        FakePubSub pubSub = new(server);
        Gate gate = new();
        server.On("SUBSCRIBE", command => server.Middle!(command)!.After(gate));
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        Task<RedisSubscription> subscribing = redis.SubscribeAsync("news").AsTask();
        await Until.HoldsAsync(() => server.CountOf("SUBSCRIBE") == 1);
        Assert.False(subscribing.IsCompleted);
        gate.Open();
        await using RedisSubscription news = await Until.EndsAsync(subscribing);
        Assert.False(news.IsInterrupted);
        Assert.Single(pubSub.SubscribersOf("news"));
    }

    [Fact]
    public async Task Many_subscribers_share_one_subscription_of_the_server()
    {
        await using FakeServer server = new();
        FakePubSub pubSub = new(server);
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        RedisSubscription[] subscriptions = await Until.EndsAsync(Task.WhenAll(Enumerable.Range(0, 10).Select(_ => redis.SubscribeAsync("news").AsTask())));
        Assert.Equal(1, server.CountOf("SUBSCRIBE"));
        await pubSub.PublishAsync("news", "to all");
        foreach (RedisSubscription subscription in subscriptions)
        {
            await using Stream messages = new(subscription);
            Assert.Equal("to all", (string?)(await messages.NextAsync()).Value);
        }

        foreach (RedisSubscription subscription in subscriptions[1..]) await subscription.DisposeAsync();
        await using (RedisSubscription other = await Until.EndsAsync(redis.SubscribeAsync("other")))
        {
            Assert.Equal(0, server.CountOf("UNSUBSCRIBE"));
        }

        await subscriptions[0].DisposeAsync();
        await subscriptions[0].DisposeAsync();
        await Until.HoldsAsync(() => server.CountOf("UNSUBSCRIBE") == 2);
        await using RedisSubscription again = await Until.EndsAsync(redis.SubscribeAsync("news"));
        Assert.Equal(3, server.CountOf("SUBSCRIBE"));
        Assert.Equal(0, again.Gaps);
    }

    [Theory]
    [InlineData(RedisProtocol.Resp3)]
    [InlineData(RedisProtocol.Resp2)]
    public async Task A_refusal_is_the_callers_and_nobody_elses(RedisProtocol protocol)
    {
        await using FakeServer server = new();
        _ = new FakePubSub(server);
        server.On("SUBSCRIBE", static command => command[1] == "secret" ? FakeAnswer.Error("NOPERM No permissions to access a channel") : null);
        await using RedisClient redis = await TestClient.ConnectAsync(server, options => options.Protocol = protocol);
        Task<RedisSubscription> before = redis.SubscribeAsync("a").AsTask(), refused = redis.SubscribeAsync("secret").AsTask(), after = redis.SubscribeAsync("b").AsTask();
        RedisServerException failure = await Until.FailsAsync<RedisServerException>(refused);
        Assert.Equal(("NOPERM", "SUBSCRIBE"), (failure.Code, failure.CommandName));
        await Until.EndsAsync(before);
        await Until.EndsAsync(after);

        server.ClearRules();
        await using RedisSubscription permitted = await Until.EndsAsync(redis.SubscribeAsync("secret"));
    }

    [Fact]
    public async Task Without_a_confirmation_there_is_no_subscription_after_the_deadline()
    {
        await using FakeServer server = new();
        _ = new FakePubSub(server);
        server.On("SUBSCRIBE", static command => command[1] == "news" ? FakeAnswer.Nothing : null);
        await using RedisClient redis = await TestClient.ConnectAsync(server, static options => options.CommandTimeout = TimeSpan.FromSeconds(1));
        await using RedisSubscription other = await Until.EndsAsync(redis.SubscribeAsync("other"));
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException, RedisSubscription>(redis.SubscribeAsync("news"));
        Assert.Equal((CommandStage.AwaitingReply, Outcome.NotExecuted), (late.Stage, late.Outcome));
        Assert.Contains(server.Name, late.Message, StringComparison.Ordinal);
        await Until.HoldsAsync(() => server.CountOf("UNSUBSCRIBE") == 1);
    }

    [Theory]
    [InlineData(RedisProtocol.Resp3)]
    [InlineData(RedisProtocol.Resp2)]
    public async Task After_a_lost_connection_it_goes_on_and_the_gap_is_told(RedisProtocol protocol)
    {
        await using FakeServer server = new();
        FakePubSub pubSub = new(server);
        await using RedisClient redis = await TestClient.ConnectAsync(server, options => options.Protocol = protocol);
        await using RedisSubscription news = await Until.EndsAsync(redis.SubscribeAsync("news"));
        await using RedisSubscription pattern = await Until.EndsAsync(redis.SubscribePatternAsync("n*"));
        TaskCompletionSource<SubscriptionGap> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        news.Gap += (_, gap) => told.TrySetResult(gap);
        await using Stream messages = new(news);
        await pubSub.PublishAsync("news", "before");
        Assert.Equal("before", (string?)(await messages.NextAsync()).Value);

        Assert.Single(pubSub.SubscribersOf("news")).Reset();
        SubscriptionGap gap = await Until.EndsAsync(told.Task);
        Assert.Equal(SubscriptionGapReason.ConnectionLost, gap.Reason);
        Assert.Equal(ConnectionFailure.Lost, Assert.IsType<RedisConnectionException>(gap.Cause).Failure);
        await Until.HoldsAsync(() => !pattern.IsInterrupted && !news.IsInterrupted);
        await pubSub.PublishAsync("news", "after");
        await pubSub.PublishAsync("news", "later");
        RedisMessage after = await messages.NextAsync();
        Assert.Equal(("after", true), ((string?)after.Value, after.FollowsGap));
        RedisMessage later = await messages.NextAsync();
        Assert.Equal(("later", false), ((string?)later.Value, later.FollowsGap));
        Assert.Equal((1, 1), (news.Gaps, pattern.Gaps));
    }

    [Fact]
    public async Task A_subscription_that_is_refused_after_a_reconnect_ends_with_that()
    {
        await using FakeServer server = new();
        FakePubSub pubSub = new(server);
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        await using RedisSubscription news = await Until.EndsAsync(redis.SubscribeAsync("news"));
        server.On("SUBSCRIBE", FakeAnswer.Error("NOPERM No permissions to access a channel"));
        Assert.Single(pubSub.SubscribersOf("news")).Close();
        await using Stream messages = new(news);
        await Until.FailsAsync<RedisServerException>(messages.NextAsync());
        await Until.FailsAsync<RedisServerException>(news.Completion);
    }

    [Fact]
    public async Task A_wrong_password_is_heard_by_those_who_subscribe_meanwhile_and_not_by_those_who_come_when_it_is_mended()
    {
        await using FakeServer server = new();
        FakePubSub pubSub = new(server);
        server.Handshake.Credentials = ("default", "x");
        await using RedisClient redis = await TestClient.ConnectAsync(server, static options => options.Password = "x");
        await using RedisSubscription before = await Until.EndsAsync(redis.SubscribeAsync("news"));
        server.Handshake.Credentials = ("default", "another");
        Assert.Single(pubSub.SubscribersOf("news")).Close();
        await Until.HoldsAsync(() => before.IsInterrupted);
        for (int i = 0; i < 3; i++)
            Assert.Equal(ConnectionFailure.Authentication, (await Until.FailsAsync<RedisConnectionException, RedisSubscription>(redis.SubscribeAsync("news"))).Failure);

        server.Handshake.Credentials = ("default", "x");
        await Until.HoldsAsync(() => !before.IsInterrupted);
        await using RedisSubscription after = await Until.EndsAsync(redis.SubscribeAsync("news"));
        await pubSub.PublishAsync("news", "to both");
        foreach (RedisSubscription subscription in (RedisSubscription[])[before, after])
        {
            await using Stream messages = new(subscription);
            Assert.Equal("to both", (string?)(await messages.NextAsync()).Value);
        }
    }

    [Fact]
    public async Task Disposing_ends_the_streams()
    {
        await using FakeServer server = new();
        FakePubSub pubSub = new(server);
        RedisClient redis = await TestClient.ConnectAsync(server);
        RedisSubscription one = await Until.EndsAsync(redis.SubscribeAsync("one")), two = await Until.EndsAsync(redis.SubscribeAsync("two"));
        await using Stream first = new(one), second = new(two);
        Task<bool> endOfFirst = first.MoveAsync(), endOfSecond = second.MoveAsync();
        Assert.Throws<InvalidOperationException>(() => one.GetAsyncEnumerator());
        await one.DisposeAsync();
        Assert.False(await Until.EndsAsync(endOfFirst));
        Assert.False(endOfSecond.IsCompleted);
        await Until.EndsAsync(redis.DisposeAsync().AsTask());
        Assert.False(await Until.EndsAsync(endOfSecond));
        await Until.EndsAsync(Task.WhenAll(one.Completion, two.Completion));
        await Until.FailsAsync<ObjectDisposedException, RedisSubscription>(redis.SubscribeAsync("three"));
        await Until.HoldsAsync(() => server.Connections.All(static connection => !connection.IsOpen));
        Assert.Empty(pubSub.SubscribersOf("one"));
    }

    [Fact]
    public async Task Cancelling_ends_the_reading_and_not_the_subscription()
    {
        await using FakeServer server = new();
        FakePubSub pubSub = new(server);
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        await using RedisSubscription news = await Until.EndsAsync(redis.SubscribeAsync("news"));
        using (CancellationTokenSource cancellation = new())
        {
            await using IAsyncEnumerator<RedisMessage> reading = news.GetAsyncEnumerator(cancellation.Token);
            Task<bool> next = reading.MoveNextAsync().AsTask();
            await cancellation.CancelAsync();
            Exception? failure = await Record.ExceptionAsync(() => Until.EndsAsync(next));
            Assert.IsAssignableFrom<OperationCanceledException>(failure);
        }

        await pubSub.PublishAsync("news", "kept");
        await using Stream messages = new(news);
        Assert.Equal("kept", (string?)(await messages.NextAsync()).Value);
    }

    [Fact]
    public async Task A_handler_gets_each_message_and_survives_its_own_failures()
    {
        await using FakeServer server = new();
        FakePubSub pubSub = new(server);
        TestLog log = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server, options => options.LoggerFactory = log);
        System.Collections.Concurrent.ConcurrentQueue<string?> handled = new();
        RedisSubscription news = await Until.EndsAsync(redis.SubscribeAsync("news", message =>
        {
            handled.Enqueue(message.Value);
            return message.Value == "bad" ? throw new InvalidOperationException("handler") : ValueTask.CompletedTask;
        }));
        foreach (string payload in (string[])["a", "bad", "b"]) await pubSub.PublishAsync("news", payload);
        await Until.HoldsAsync(() => handled.Count == 3);
        Assert.Equal(["a", "bad", "b"], handled);
        await Until.HoldsAsync(() => log.Entries.Any(static entry => entry.Text.Contains("handler of a subscription", StringComparison.Ordinal)));
        await news.DisposeAsync();
        await Until.EndsAsync(news.Completion);
    }

    [Fact]
    public async Task A_silent_server_is_asked_and_given_up()
    {
        await using FakeServer server = new();
        FakePubSub pubSub = new(server);
        await using RedisClient redis = await TestClient.ConnectAsync(server, static options =>
        {
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(20);
            options.HangTimeout = TimeSpan.FromMilliseconds(100);
        });
        await using RedisSubscription news = await Until.EndsAsync(redis.SubscribeAsync("news"));
        FakeConnection connection = Assert.Single(pubSub.SubscribersOf("news"));
        await Until.HoldsAsync(() => server.AllCommands.Any(command => command.Connection == connection && command.Is("PING")));
        Assert.True(connection.IsOpen);
        server.On(command => command.Connection == connection ? FakeAnswer.Hang : null);
        await Until.HoldsAsync(() => news.Gaps == 1);
        Assert.NotSame(connection, Assert.Single(pubSub.SubscribersOf("news"), static one => one.IsOpen && !one.IsLeftByClient));
    }

    [Fact]
    public async Task Bad_input_is_refused_before_anything_is_sent()
    {
        await using FakeServer server = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        await Until.FailsAsync<ArgumentNullException, RedisSubscription>(redis.SubscribeAsync(default(RedisChannel)));
        await Until.FailsAsync<ArgumentOutOfRangeException, RedisSubscription>(redis.SubscribeAsync("a", new SubscriptionOptions { Capacity = 0 }));
        await Until.FailsAsync<ArgumentNullException, RedisSubscription>(redis.SubscribeAsync("a", (Func<RedisMessage, ValueTask>)null!));
        Assert.Empty(server.Commands);
    }
}
