// A write and its WAIT stay together on a connection that nobody else uses.
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public class LeasedCallTests
{
    private static readonly CommandInfo _increment = CommandTable.Get("INCR");
    private static readonly CommandInfo _wait = CommandTable.Get("WAIT");

    [Fact]
    public async Task Both_travel_on_one_connection_of_their_own_which_the_next_call_gets()
    {
        await using FakeCluster cluster = Start();
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        await redis.StringSetAsync(key, 0);
        for (int i = 1; i < 4; i++) Assert.Equal((i, 1), await ExecuteAsync(redis, key));

        FakeConnection shared = cluster[0].Server.Of("SET")[0].Connection;
        FakeConnection[] leased = [.. cluster[0].Server.Of("INCR").Concat(cluster[0].Server.Of("WAIT")).Select(static command => command.Connection).Distinct()];
        Assert.NotSame(shared, Assert.Single(leased));
        Assert.Equal(0, cluster[1].Server.CountOf("WAIT"));
    }

    [Fact]
    public async Task Callers_at_the_same_time_have_a_connection_each()
    {
        await using FakeCluster cluster = Start();
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ExecuteAsync(redis, key)));
        FakeCommand[] commands = [.. cluster[0].Server.AllCommands.Where(static command => command.Name is "INCR" or "WAIT")];
        foreach (IGrouping<FakeConnection, FakeCommand> one in commands.GroupBy(static command => command.Connection))
            Assert.Equal(Enumerable.Range(0, one.Count()).Select(static i => i % 2 == 0 ? "INCR" : "WAIT"), one.Select(static command => command.Name));
    }

    [Fact]
    public async Task Redirects_are_followed_and_WAIT_goes_where_the_write_went()
    {
        await using FakeCluster cluster = Start();
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        int slot = HashSlot.Of((RedisKey)key);
        cluster.Move(slot, cluster[1]);
        Assert.Equal((1, 1), await ExecuteAsync(redis, key));
        Assert.Equal(cluster[1].Server.Endpoint, redis.Topology.MasterOf(key)!.Endpoint);
        Assert.Equal((0, 1), (cluster[0].Server.CountOf("WAIT"), cluster[1].Server.CountOf("WAIT")));

        // Half moved: ASKING directly before it, on the target.
        string absent = cluster.KeyOf(cluster[1], "absent");
        int half = HashSlot.Of((RedisKey)absent);
        cluster[1].Migrating[half] = cluster[0];
        cluster[0].Importing[half] = cluster[1];
        Assert.Equal((1, 1), await ExecuteAsync(redis, absent));
        FakeCommand[] there = [.. cluster[0].Server.AllCommands.Where(static command => command.Name is "ASKING" or "INCR" or "WAIT").TakeLast(3)];
        Assert.Equal(["ASKING", "INCR", "WAIT"], there.Select(static command => command.Name));
        Assert.Single(there.Select(static command => command.Connection).Distinct());
    }

    [Fact]
    public async Task A_connection_that_is_lost_before_WAIT_is_answered_leaves_the_write_unconfirmed()
    {
        await using FakeCluster cluster = Start();
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        cluster[0].Server.Once("WAIT", FakeAnswer.Close);
        RedisException lost = await Assert.ThrowsAsync<RedisException>(() => ExecuteAsync(redis, key));
        Assert.Equal(Outcome.Unknown, lost.Outcome);
        Assert.Contains("INCR ran on", lost.Message, StringComparison.Ordinal);
        Assert.Equal((1, 1), (cluster[0].Server.CountOf("INCR"), cluster[0].Server.CountOf("WAIT")));

        cluster[0].Server.Once("INCR", FakeAnswer.Close);
        Assert.Equal(Outcome.Unknown, (await Assert.ThrowsAsync<RedisConnectionException>(() => ExecuteAsync(redis, key))).Outcome);
        Assert.Equal((2, 1), await ExecuteAsync(redis, key));
    }

    [Fact]
    public async Task What_was_not_executed_is_tried_again_and_then_said_to_be_so()
    {
        await using FakeCluster cluster = Start();
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        cluster[0].Server.Once("INCR", FakeAnswer.Error("LOADING Redis is loading the dataset in memory"), FakeAnswer.Error("CLUSTERDOWN The cluster is down"));
        Assert.Equal((1, 1), await ExecuteAsync(redis, key));

        cluster[0].Server.Once("INCR", FakeAnswer.Error("WRONGTYPE Operation against a key holding the wrong kind of value"));
        Assert.Equal("WRONGTYPE", (await Assert.ThrowsAsync<RedisServerException>(() => ExecuteAsync(redis, key))).Code);

        cluster[0].Server.GoDown();
        RedisException? failure;
        do failure = (RedisException)await Record.ExceptionAsync(() => ExecuteAsync(redis, key, TimeSpan.FromMilliseconds(300)));
        while (failure is RedisConnectionException { Outcome: Outcome.Unknown }); // the end of the idle connection had not been seen yet
        RedisTimeoutException late = Assert.IsType<RedisTimeoutException>(failure);
        Assert.Equal((Outcome.NotExecuted, CommandStage.WaitingForConnection), (late.Outcome, late.Stage));
        cluster[0].Server.ListenAgain();
        Assert.Equal((2, 1), await ExecuteAsync(redis, key));
    }

    [Fact]
    public async Task WAIT_has_its_own_time_behind_that_of_the_write()
    {
        await using FakeCluster cluster = Start();
        await using RedisClient redis = await cluster.ConnectAsync(static options => options.CommandTimeout = TimeSpan.FromMilliseconds(500));
        string key = cluster.KeyOf(cluster[0]);
        Gate replicated = new();
        cluster[0].Server.On("WAIT", FakeAnswer.Integer(1).After(replicated));
        Task<long> write = redis.WaitAsync(1, TimeSpan.FromMinutes(1), write => write.StringIncrementAsync(key)).AsTask();
        await Until.HoldsAsync(() => cluster[0].Server.CountOf("WAIT") == 1);

        // Behind a first call that has a connection of its own, one that cannot get the write through fails by the write's time alone.
        cluster[0].Server.On("INCR", FakeAnswer.Error("LOADING Redis is loading the dataset in memory"));
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException>(redis.WaitAsync(1, TimeSpan.FromMinutes(1), write => write.StringIncrementAsync(key)).AsTask());
        Assert.Equal(Outcome.NotExecuted, late.Outcome);
        replicated.Open();
        Assert.Equal(1, await Until.EndsAsync(write));
    }

    [Fact]
    public async Task An_endpoint_map_that_fails_and_a_node_that_redirects_to_itself_are_understood()
    {
        await using FakeCluster cluster = Start();
        await using RedisClient redis = await cluster.ConnectAsync(static options => options.EndpointMap = static announced => announced.Port == 1 ? throw new InvalidOperationException("no such place") : announced);
        string key = cluster.KeyOf(cluster[0]);
        int slot = HashSlot.Of((RedisKey)key);
        cluster[0].Server.Once("INCR", FakeAnswer.Error($"MOVED {slot} 127.0.0.1:1"));
        RedisException unmapped = await Until.FailsAsync<RedisException>(ExecuteAsync(redis, key));
        Assert.Equal((Outcome.NotExecuted, "INCR"), (unmapped.Outcome, unmapped.CommandName));
        Assert.Contains("EndpointMap failed: no such place", unmapped.Message, StringComparison.Ordinal);

        // The process behind this very connection has lost the address; whoever dials it now reaches the right one.
        FakeConnection? stale = null;
        cluster[0].Server.On("INCR", command => command.Connection == (stale ??= command.Connection) ? FakeNode.Moved(slot, cluster[0]) : null);
        Assert.Equal((1, 1), await ExecuteAsync(redis, key));
        Assert.False(stale!.IsOpen);
    }

    [Fact]
    public async Task A_node_that_freezes_while_a_lease_is_made_costs_the_deadline_and_the_write_was_not_executed()
    {
        await using FakeCluster cluster = Start();
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        int hello = cluster[0].Server.AllCommands.Count(static command => command.Name == "HELLO");
        cluster[0].Server.On("HELLO", FakeAnswer.Hang);
        RedisTimeoutException late = Assert.IsType<RedisTimeoutException>(await Record.ExceptionAsync(() => ExecuteAsync(redis, key, TimeSpan.FromMilliseconds(300))));
        Assert.Equal((Outcome.NotExecuted, CommandStage.WaitingForConnection, "INCR", cluster[0].Server.Name), (late.Outcome, late.Stage, late.CommandName, late.Node));
        Assert.True(cluster[0].Server.AllCommands.Count(static command => command.Name == "HELLO") > hello);
        Assert.Equal(0, cluster[0].Server.CountOf("INCR"));
    }

    [Fact]
    public async Task A_write_that_goes_round_the_executor_it_was_given_is_noticed()
    {
        await using FakeCluster cluster = Start();
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        InvalidOperationException elsewhere = await Assert.ThrowsAsync<InvalidOperationException>(() => redis.WaitAsync(1, TimeSpan.FromSeconds(1), _ => redis.StringIncrementAsync(key)).AsTask());
        Assert.Contains("not made on the executor", elsewhere.Message, StringComparison.Ordinal);
        Assert.Equal((1, 0), (cluster[0].Server.CountOf("INCR"), cluster[0].Server.CountOf("WAIT")));
    }

    private static FakeCluster Start()
    {
        FakeCluster cluster = FakeCluster.Start(2);
        foreach (FakeNode node in cluster.Nodes) node.Server.On("WAIT", FakeAnswer.Integer(1));
        return cluster;
    }

    private static async Task<(long Value, long Replicas)> ExecuteAsync(RedisClient redis, string key, TimeSpan? timeout = null)
    {
        (long value, long replicas, _) = await Until.EndsAsync(redis.Leased(timeout ?? Until.Limit, Until.Limit).ExecuteAsync(new Command(_increment, key), Replies.Int64, new Command(_wait, 1, 100), Replies.Int64));
        return (value, replicas);
    }
}
