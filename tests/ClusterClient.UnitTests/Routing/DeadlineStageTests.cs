// A deadline that passes says at which stage, on which node and with what outcome, and the waits inside one call share one deadline.
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public class DeadlineStageTests
{
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(300);

    /// <summary>Where something has to happen before the deadline, and the machine may be busy.</summary>
    private static readonly TimeSpan _ample = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Before_any_server_answers()
    {
        await using FakeServer server = new();
        server.StopListening();
        await using RedisClient redis = TestClient.Create(server, static o => o.Topology = TopologyMode.Auto);
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException, RedisValue>(redis.WithTimeout(_short).StringGetAsync("k"));
        Assert.Equal((CommandStage.WaitingForTopology, Outcome.NotExecuted, "GET"), (late.Stage, late.Outcome, late.CommandName));
        server.ListenAgain();
        Assert.True((await Until.EndsAsync(redis.StringGetAsync("k"))).IsNull);
    }

    [Fact]
    public async Task A_slot_that_nobody_owns()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        FakeNode?[] owners = new FakeNode?[HashSlot.Count];
        for (int i = 0; i < owners.Length; i++) owners[i] = i < 16000 ? cluster[i % 2] : null;
        foreach (FakeNode node in cluster.Nodes) node.View = new FakeView(owners);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = Enumerable.Range(0, 10_000).Select(static i => $"k{i}").First(static k => HashSlot.Of((RedisKey)k) >= 16000);
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException, long>(redis.WithTimeout(_short).StringIncrementAsync(key));
        Assert.Equal((CommandStage.WaitingForTopology, Outcome.NotExecuted), (late.Stage, late.Outcome));
        Assert.Equal(0, cluster.CountOf("INCR"));

        // Once somebody owns it, who waits is served.
        ValueTask<long> waiting = redis.StringIncrementAsync(key);
        foreach (FakeNode node in cluster.Nodes) node.ShareTruth();
        Assert.Equal(1, await Until.EndsAsync(waiting));
    }

    [Fact]
    public async Task A_node_that_is_down()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[1]);
        cluster[1].Server.GoDown();
        await Until.HoldsAsync(() => cluster[1].Server.Connections.All(static connection => !connection.IsOpen));

        // The first may still be written to the connection whose end the client has not seen; then it is not known what became of it.
        await Until.FailsAsync<RedisTimeoutException, RedisValue>(redis.WithTimeout(_short).StringGetAsync(key));
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException, RedisValue>(redis.WithTimeout(_short).StringGetAsync(key));
        Assert.Equal((CommandStage.WaitingForConnection, Outcome.NotExecuted, cluster[1].Server.Name), (late.Stage, late.Outcome, late.Node));
        cluster[1].Server.ListenAgain();
        Assert.True((await Until.EndsAsync(redis.StringGetAsync(key))).IsNull);
    }

    [Fact]
    public async Task A_full_node()
    {
        await using FakeServer server = new();
        server.On("ECHO", FakeAnswer.Hang);
        await using RedisClient redis = await TestClient.ConnectAsync(server, static o => o.MaxInFlightCommands = 1);
        Task<RedisValue> first = redis.EchoAsync("1").AsTask();
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException, RedisValue>(redis.WithTimeout(_short).EchoAsync("2"));
        Assert.Equal((CommandStage.WaitingForCapacity, Outcome.NotExecuted, server.Name), (late.Stage, late.Outcome, late.Node));
        Assert.False(first.IsCompleted);
    }

    [Fact]
    public async Task Between_tries_with_what_was_answered()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        cluster[0].Server.On("INCR", FakeAnswer.Error("CLUSTERDOWN The cluster is down"));
        string key = cluster.KeyOf(cluster[0]);
        RedisTimeoutException late = await Until.IsLateAsync(CommandStage.WaitingToRetry, () => redis.WithTimeout(_short).StringIncrementAsync(key));
        Assert.Equal((CommandStage.WaitingToRetry, Outcome.NotExecuted, cluster[0].Server.Name), (late.Stage, late.Outcome, late.Node));
        Assert.Contains($"{cluster[0].Server.Name} answered CLUSTERDOWN The cluster is down", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_the_way_after_a_redirect()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        cluster.Move(HashSlot.Of((RedisKey)key), cluster[1]);
        cluster[1].Server.On("INCR", FakeAnswer.Hang);
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException, long>(redis.WithTimeout(_ample).StringIncrementAsync(key));
        Assert.Equal((CommandStage.AwaitingReply, Outcome.Unknown, cluster[1].Server.Name), (late.Stage, late.Outcome, late.Node));
        Assert.Contains($"{cluster[0].Server.Name} answered MOVED", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_between_tries()
    {
        await using FakeServer server = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        server.On("INCR", FakeAnswer.Error("LOADING Redis is loading the dataset in memory"));

        // Between two tries more often than on the wire; what is met on the wire is unknown, and tried once more here.
        for (int attempt = 0; ; attempt++)
        {
            using CancellationTokenSource source = new();
            int before = server.CountOf("INCR");
            Task<long> call = redis.StringIncrementAsync("k", cancellationToken: source.Token).AsTask();
            await Until.HoldsAsync(() => server.CountOf("INCR") > before + 3);
            await source.CancelAsync();
            RedisCanceledException failure = await Until.FailsAsync<RedisCanceledException>(call);
            Assert.Equal(source.Token, failure.CancellationToken);
            if (failure.Outcome == Outcome.NotExecuted) break;
            Assert.True(attempt < 50, "Never not executed.");
        }
    }

    [Fact]
    public async Task Asking_for_the_keys_first_is_part_of_the_calls_deadline()
    {
        await using FakeCluster cluster = FakeCluster.Start(1);
        await using RedisClient redis = await cluster.ConnectAsync();
        Gate gate = new();
        cluster[0].Server.On("COMMAND", FakeAnswer.Bulks("k").After(gate));
        cluster[0].Server.On("MOD.CMD", FakeAnswer.Hang);
        TimeSpan timeout = TimeSpan.FromSeconds(2);
        long started = Environment.TickCount64;
        Task<RespValue> call = redis.WithTimeout(timeout).ExecuteAsync("MOD.CMD", "k").AsTask();
        await Until.HoldsAsync(() => Environment.TickCount64 - started > 1000);
        gate.Open();
        await Until.FailsAsync<RedisTimeoutException>(call);
        Assert.True(Environment.TickCount64 - started < 2 * timeout.TotalMilliseconds - 500, "The two halves had a deadline each.");
    }

    [Fact]
    public async Task A_client_that_never_found_its_deployment_says_why()
    {
        await using FakeServer server = new();
        server.On("HELLO", FakeAnswer.Error("WRONGPASS invalid username-password pair or user is disabled."));
        await using RedisClient redis = TestClient.Create(server, static options => options.CommandTimeout = TimeSpan.FromSeconds(1));
        foreach (Func<Task> call in new Func<Task>[] { () => redis.StringGetAsync("k").AsTask(), () => redis.WaitAsync(1, TimeSpan.FromSeconds(1), static write => write.StringIncrementAsync("k")).AsTask() })
        {
            RedisTimeoutException late = Assert.IsType<RedisTimeoutException>(await Record.ExceptionAsync(call));
            Assert.Equal((Outcome.NotExecuted, CommandStage.WaitingForTopology), (late.Outcome, late.Stage));
            Assert.Contains("password", late.Message, StringComparison.Ordinal);
            Assert.NotNull(late.InnerException);
        }
    }
}
