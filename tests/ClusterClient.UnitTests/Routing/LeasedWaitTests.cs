// Who waits for a connection of his own: where, for how long, and what he is told.
using ClusterClient.Connections;
using ClusterClient.Protocol;
using ClusterClient.Routing;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public sealed class LeasedWaitTests
{
    private static readonly CommandInfo _increment = CommandTable.Get("INCR");
    private static readonly CommandInfo _wait = CommandTable.Get("WAIT");

    [Theory]
    [InlineData("the slot alone")]
    [InlineData("all slots")]
    [InlineData("all slots, and the node leaves")]
    public async Task Who_stands_in_line_goes_to_the_new_owner_of_his_slot(string moved)
    {
        await using FakeCluster cluster = Start(2);
        await using RedisClient redis = await cluster.ConnectAsync(static options => options.MaxLeasedConnections = 1);
        FakeNode old = cluster[0], heir = cluster[1];
        string key = cluster.KeyOf(old, "first"), other = cluster.KeyOf(old, "second");
        Gate replicated = new();
        old.Server.Once("WAIT", FakeAnswer.Integer(1).After(replicated));
        Task<(long, long)> first = ExecuteAsync(redis, key);
        await Until.HoldsAsync(() => old.Server.CountOf("WAIT") == 1);
        Task<(long, long)> second = ExecuteAsync(redis, other);
        if (moved == "the slot alone") cluster.Move(HashSlot.Of((RedisKey)other), heir);
        else cluster.MoveAll(old, heir);
        if (moved.EndsWith("leaves", StringComparison.Ordinal)) cluster.Remove(old);
        await TestClient.RefreshUntilAsync(redis, map => map.MasterOf(other)!.Endpoint == heir.Server.Endpoint && (cluster.Nodes.Count == 2 || map.Nodes.Length == 1));
        Assert.Equal((1, 1), await Until.EndsAsync(second));
        Assert.Equal((1, 1), (old.Server.CountOf("INCR"), heir.Server.CountOf("INCR")));

        // Whose turn it was is still answered.
        Assert.False(first.IsCompleted, first.Exception?.Message);
        replicated.Open();
        Assert.Equal((1, 1), await Until.EndsAsync(first));
        if (!cluster.Nodes.Contains(old)) await old.Server.DisposeAsync();
    }

    [Fact]
    public async Task A_deadline_tells_whether_it_was_met_in_line_or_while_the_connection_was_made()
    {
        await using FakeCluster cluster = Start(1);
        await using RedisClient redis = await cluster.ConnectAsync(static options => options.MaxLeasedConnections = 1);
        string key = cluster.KeyOf(cluster[0]);
        cluster[0].Server.On("HELLO", FakeAnswer.Hang);
        Task<(long, long)> dials = ExecuteAsync(redis, key, TimeSpan.FromMilliseconds(600));
        await Until.HoldsAsync(() => cluster[0].Server.CountOf("HELLO") > 1);
        Task<(long, long)> behind = ExecuteAsync(redis, key, TimeSpan.FromMilliseconds(100)), next = ExecuteAsync(redis, key, TimeSpan.FromMilliseconds(1500));

        RedisTimeoutException inLine = await Until.FailsAsync<RedisTimeoutException>(behind);
        Assert.Equal((CommandStage.WaitingForCapacity, Outcome.NotExecuted), (inLine.Stage, inLine.Outcome));
        Assert.Contains("all 1 that may be (maxLeasedConnections) were taken", inLine.Message, StringComparison.Ordinal);

        // Its place goes to the one behind it, so that all are taken when it says why it failed.
        RedisTimeoutException dialled = await Until.FailsAsync<RedisTimeoutException>(dials);
        Assert.Equal((CommandStage.WaitingForConnection, Outcome.NotExecuted), (dialled.Stage, dialled.Outcome));
        Assert.Contains("did not answer", dialled.Message, StringComparison.Ordinal);
        Assert.Equal(CommandStage.WaitingForConnection, (await Until.FailsAsync<RedisTimeoutException>(next)).Stage);
        Assert.Equal(0, cluster[0].Server.CountOf("INCR"));
    }

    [Fact]
    public async Task A_node_whose_only_use_is_a_lease_is_in_use()
    {
        await using FakeCluster cluster = Start(1);
        await using Router router = await TestClient.RouterAsync(cluster[0].Server, static options => options.MaxLeasedConnections = 1);
        string key = cluster.KeyOf(cluster[0]);
        NodeConnection node = router.Nodes.Find(cluster[0].Server.Endpoint)!;
        await Until.HoldsAsync(() => !node.IsInUse);
        Gate replicated = new();
        cluster[0].Server.Once("WAIT", FakeAnswer.Integer(1).After(replicated));
        Task first = ExecuteAsync(router, key);
        await Until.HoldsAsync(() => cluster[0].Server.CountOf("WAIT") == 1);
        Task second = ExecuteAsync(router, key);
        Assert.Equal((true, 1), (node.IsInUse, node.Leases.Waiting));
        replicated.Open();
        await Until.EndsAsync(Task.WhenAll(first, second));
        Assert.Equal(0, node.Leases.Waiting);
        await Until.HoldsAsync(() => !node.IsInUse);
    }

    [Fact]
    public async Task A_stranger_that_only_leases_were_made_to_is_left_when_it_is_gone()
    {
        await using FakeCluster cluster = Start(1);
        await using FakeServer stranger = new();
        stranger.On("ASKING", FakeAnswer.Ok);
        stranger.On("WAIT", FakeAnswer.Integer(1));
        await using Router router = await TestClient.RouterAsync(cluster[0].Server, static options =>
            (options.ConnectTimeout, options.ReconnectBackoffMin, options.ReconnectBackoffMax) = (TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(100)));
        string key = cluster.KeyOf(cluster[0]);
        cluster[0].Server.On("INCR", FakeAnswer.Error($"ASK {HashSlot.Of((RedisKey)key)} {stranger.Name}"));
        Assert.Equal((1, 1), await Until.EndsAsync(ExecuteAsync(router, key)));
        Assert.NotNull(router.Nodes.Find(stranger.Endpoint));
        stranger.GoDown();
        await Until.HoldsAsync(() => router.Nodes.Find(stranger.Endpoint) is null);
    }

    [Fact]
    public async Task REDIRECT_is_followed_and_nodes_that_do_not_agree_are_told_of()
    {
        await using FakeCluster cluster = Start(2);
        await using RedisClient redis = await cluster.ConnectAsync(static options => options.MaxRedirects = 7);
        string key = cluster.KeyOf(cluster[0]);
        int slot = HashSlot.Of((RedisKey)key);
        cluster[0].Server.On("INCR", _ => cluster[1].Server.CountOf("INCR") > 0 ? null : FakeAnswer.Error($"REDIRECT {cluster[1].Server.Name}"));
        Assert.Equal((1, 1), await ExecuteAsync(redis, key));
        Assert.Equal(1, cluster[1].Server.CountOf("INCR"));

        cluster[0].Server.On("INCR", FakeAnswer.Error($"ASK {slot} {cluster[1].Server.Name}"));
        cluster[1].Server.On("INCR", FakeAnswer.Error($"ASK {slot} {cluster[0].Server.Name}"));
        RedisServerException failure = await Until.FailsAsync<RedisServerException>(ExecuteAsync(redis, key));
        Assert.Equal(("ASK", Outcome.NotExecuted), (failure.Code, failure.Outcome));
        Assert.Contains($"gave up after 7 redirects (maxRedirects): the nodes do not agree on who serves slot {slot}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disposal_tells_those_whose_write_ran_from_those_whose_did_not()
    {
        await using FakeCluster cluster = Start(3);
        RedisClient redis = await cluster.ConnectAsync(static options => options.MaxLeasedConnections = 1);
        string[] keys = [.. cluster.Nodes.Select(node => cluster.KeyOf(node))];
        cluster[0].Server.On("WAIT", FakeAnswer.Hang);
        cluster[1].Server.On("INCR", FakeAnswer.Error("LOADING Redis is loading the dataset in memory"));
        cluster[2].Server.On("HELLO", FakeAnswer.Hang);
        Task<(long, long)> ran = ExecuteAsync(redis, keys[0]);
        await Until.HoldsAsync(() => cluster[0].Server.CountOf("WAIT") == 1);
        int hello = cluster[2].Server.CountOf("HELLO");
        Task<(long, long)> inLine = ExecuteAsync(redis, keys[0]), pauses = ExecuteAsync(redis, keys[1]), dials = ExecuteAsync(redis, keys[2]), behind = ExecuteAsync(redis, keys[2]);
        await Until.HoldsAsync(() => cluster[1].Server.CountOf("INCR") > 2 && cluster[2].Server.CountOf("HELLO") > hello);
        await redis.DisposeAsync();

        RedisException unknown = await Until.FailsAsync<RedisException>(ran);
        Assert.Equal(Outcome.Unknown, unknown.Outcome);
        Assert.Contains("INCR ran on", unknown.Message, StringComparison.Ordinal);
        foreach (Task<(long, long)> never in (Task<(long, long)>[])[inLine, pauses, dials, behind])
        {
            Exception? failure = await Record.ExceptionAsync(() => Until.EndsAsync(never));
            Assert.True(failure is ObjectDisposedException, failure?.ToString());
        }

        await Until.FailsAsync<ObjectDisposedException>(ExecuteAsync(redis, keys[0]));
        Assert.Equal((1, 0), (cluster[0].Server.CountOf("INCR"), cluster[2].Server.CountOf("INCR")));
    }

    [Fact]
    public async Task Too_few_confirmations_name_the_node()
    {
        await using FakeCluster cluster = Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[1]);
        NotReplicatedException missing = await Assert.ThrowsAsync<NotReplicatedException>(() => redis.WaitAsync(2, TimeSpan.FromSeconds(1), write => write.StringIncrementAsync(key)).AsTask());
        Assert.Equal((1, cluster[1].Server.Name, "INCR"), (missing.Replicas, missing.Node, missing.CommandName));
    }

    private static FakeCluster Start(int masters)
    {
        FakeCluster cluster = FakeCluster.Start(masters);
        foreach (FakeNode node in cluster.Nodes) node.Server.On("WAIT", FakeAnswer.Integer(1));
        return cluster;
    }

    private static Task<(long, long)> ExecuteAsync(RedisClient redis, string key, TimeSpan? timeout = null) => ExecuteAsync(redis.Leased(timeout ?? Until.Limit, Until.Limit), key);

    private static Task<(long, long)> ExecuteAsync(Router router, string key) => ExecuteAsync(new LeasedCall(router, (int)Until.Limit.TotalMilliseconds, (int)Until.Limit.TotalMilliseconds), key);

    private static async Task<(long, long)> ExecuteAsync(LeasedCall call, string key)
    {
        (long value, long replicas, _) = await call.ExecuteAsync(new Command(_increment, key), Replies.Int64, new Command(_wait, 1, 100), Replies.Int64);
        return (value, replicas);
    }
}
