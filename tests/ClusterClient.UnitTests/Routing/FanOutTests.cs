// Commands without keys that concern several nodes: where they go, how the replies are joined, and what is told when nodes fail.
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public class FanOutTests
{
    private static readonly CommandInfo _keys = CommandTable.All.Single(static command => command.Name == "KEYS");

    [Fact]
    public async Task Keys_are_counted_named_and_removed_on_every_master()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        await FillAsync(redis);
        Assert.Equal(100, await Until.EndsAsync(redis.DatabaseSizeAsync()));
        RedisKey[] keys = await Until.EndsAsync(redis.ExecuteAsync(new Command(_keys, "*"), Replies.Keys));
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => $"key:{i}").Order(StringComparer.Ordinal), keys.Select(static key => key.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(100, (await Until.EndsAsync(redis.ExecuteAsync("keys", "*"))).Count);
        Assert.Equal("OK", (await Until.EndsAsync(redis.ExecuteAsync("FLUSHALL"))).AsString());
        Assert.All(cluster.Nodes, static node => Assert.Empty(node.Server.Store.Keys));
        Assert.True((await Until.EndsAsync(redis.ExecuteAsync("RANDOMKEY"))).IsNull);
        await Until.EndsAsync(redis.StringSetAsync("only", 1));
        Assert.Equal("only", (await Until.EndsAsync(redis.ExecuteAsync("RANDOMKEY"))).AsString());
    }

    [Fact]
    public async Task Scripts_are_loaded_everywhere_and_exist_where_all_masters_have_them()
    {
        await using FakeCluster cluster = FakeCluster.Start(3, replicasPerMaster: 1);
        await using RedisClient redis = await cluster.ConnectAsync();
        On(cluster, "SCRIPT", command => command.Subcommand == "LOAD" ? FakeAnswer.Bulk("d1") : FakeAnswer.Raw("*3\r\n:1\r\n:1\r\n:0\r\n"));
        cluster[2].Server.On("SCRIPT", command => command.Subcommand == "EXISTS" ? FakeAnswer.Raw("*3\r\n:1\r\n:0\r\n:0\r\n") : null);
        Assert.Equal("d1", (await Until.EndsAsync(redis.ExecuteAsync("SCRIPT", "LOAD", "return 1"))).AsString());
        Assert.Equal([1, 1, 1, 0, 0, 0], cluster.Nodes.Select(static node => node.Server.CountOf("SCRIPT")));
        RespValue exists = await Until.EndsAsync(redis.ExecuteAsync("SCRIPT EXISTS", "d1", "d2", "d3"));
        Assert.Equal([1L, 0L, 0L], exists.Items.ToArray().Select(static one => one.AsInt64()));
    }

    [Fact]
    public async Task Subscribers_are_counted_on_replicas_too_and_a_channel_is_named_once()
    {
        await using FakeCluster cluster = FakeCluster.Start(2, replicasPerMaster: 1);
        await using RedisClient redis = await cluster.ConnectAsync();
        On(cluster, "PUBSUB", static command => command.Subcommand == "NUMSUB" ? FakeAnswer.Raw("*4\r\n$1\r\na\r\n:2\r\n$1\r\nb\r\n:0\r\n") : FakeAnswer.Bulks("a", "b"));
        RespValue counts = await Until.EndsAsync(redis.ExecuteAsync("PUBSUB", "NUMSUB", "a", "b"));
        Assert.Equal((4, 8L, 0L), (counts.Count, counts["a"].AsInt64(), counts["b"].AsInt64()));
        Assert.Equal(2, (await Until.EndsAsync(redis.ExecuteAsync("PUBSUB", "CHANNELS"))).Count);
        Assert.All(cluster.Nodes, static node => Assert.Equal(2, node.Server.CountOf("PUBSUB")));
    }

    [Fact]
    public async Task A_client_that_does_not_know_its_cluster_yet_waits_and_then_asks_all()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using (RedisClient first = await cluster.ConnectAsync()) await FillAsync(first);
        await using RedisClient redis = RedisClient.Create(TestClient.Options(cluster[0].Server.Endpoint, static options => options.Topology = TopologyMode.Auto));
        Assert.Equal(100, await Until.EndsAsync(redis.DatabaseSizeAsync()));
    }

    [Fact]
    public async Task One_master_that_is_down_is_not_left_out_although_the_other_is_all_that_answers()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        cluster[1].IsFailed = true;
        cluster[1].Server.GoDown();
        await TestClient.RefreshUntilAsync(redis, topology => topology.Masters.Any(static master => !master.IsAvailable));
        FanOutException failure = await Until.FailsAsync<FanOutException, RespValue>(redis.WithTimeout(TimeSpan.FromMilliseconds(300)).ExecuteAsync("FLUSHALL"));
        Assert.Equal((Outcome.PartlyExecuted, 1, true), (failure.Outcome, failure.Failures.Count, failure.IsTransient));
        Assert.Equal((cluster[1].Server.Endpoint, Outcome.NotExecuted), (failure.Failures[0].Node.Endpoint, Assert.IsType<RedisTimeoutException>(failure.Failures[0].Error).Outcome));
        Assert.Equal([cluster[0].Server.Endpoint], failure.Succeeded.Select(static node => node.Endpoint));
    }

    [Fact]
    public async Task Who_failed_and_who_did_not_is_told_unless_all_refuse_alike()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        cluster[1].Server.On("FUNCTION", FakeAnswer.Error("ERR Library 'lib' already exists"));
        On(cluster, "FUNCTION", static _ => FakeAnswer.Bulk("lib"), but: cluster[1]);
        FanOutException failure = await Until.FailsAsync<FanOutException, RespValue>(redis.ExecuteAsync("FUNCTION", "LOAD", "#!lua name=lib"));
        Assert.Equal((Outcome.PartlyExecuted, "FUNCTION LOAD", cluster[1].Server.Name, false), (failure.Outcome, failure.CommandName, failure.Node, failure.IsTransient));
        Assert.Equal(new[] { cluster[0].Server.Port, cluster[2].Server.Port }.Order(), failure.Succeeded.Select(static node => node.Endpoint.Port).Order());
        Assert.Equal(Outcome.Rejected, Assert.IsType<RedisServerException>(Assert.Single(failure.Failures).Error).Outcome);
        Assert.Contains("already exists", failure.Message, StringComparison.Ordinal);

        On(cluster, "FUNCTION", static _ => FakeAnswer.Error("ERR Missing library metadata"));
        RedisServerException refusal = await Until.FailsAsync<RedisServerException, RespValue>(redis.ExecuteAsync("FUNCTION", "LOAD", "x"));
        Assert.Equal(("ERR Missing library metadata", Outcome.Rejected), (refusal.ServerMessage, refusal.Outcome));
    }

    [Fact]
    public async Task A_node_that_hangs_ends_with_the_deadline_or_the_callers_token()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        cluster[1].Server.On("DBSIZE", FakeAnswer.Hang);
        FanOutException late = await Until.FailsAsync<FanOutException, long>(redis.WithTimeout(TimeSpan.FromSeconds(2)).DatabaseSizeAsync());
        Assert.Equal(CommandStage.AwaitingReply, Assert.IsType<RedisTimeoutException>(Assert.Single(late.Failures).Error).Stage);
        using CancellationTokenSource source = new();
        Task<long> call = redis.DatabaseSizeAsync(source.Token).AsTask();
        await source.CancelAsync();
        Assert.Equal(source.Token, (await Until.FailsAsync<RedisCanceledException>(call)).CancellationToken);
    }

    [Fact]
    public async Task A_node_that_cannot_just_now_is_asked_again()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        await FillAsync(redis);
        cluster[0].Server.Once("DBSIZE", FakeAnswer.Error("LOADING Redis is loading the dataset in memory"), FakeAnswer.Error("CLUSTERDOWN The cluster is down"));
        cluster[1].Server.Once("DBSIZE", FakeAnswer.Reset);
        Assert.Equal(100, await Until.EndsAsync(redis.DatabaseSizeAsync()));
    }

    [Fact]
    public async Task A_reply_of_another_shape_says_so()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        On(cluster, "DBSIZE", static _ => FakeAnswer.Simple("many"));
        UnexpectedReplyException odd = await Until.FailsAsync<UnexpectedReplyException, long>(redis.DatabaseSizeAsync());
        Assert.Equal("DBSIZE", odd.CommandName);
    }

    [Fact]
    public async Task A_disposed_client_says_so()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        RedisClient redis = await cluster.ConnectAsync();
        cluster[1].Server.On("DBSIZE", FakeAnswer.Hang);
        Task<long> call = redis.DatabaseSizeAsync().AsTask();
        await Until.HoldsAsync(() => cluster.CountOf("DBSIZE") == 2);
        await redis.DisposeAsync();
        Exception? end = await Record.ExceptionAsync(() => call.WaitAsync(Until.Limit));
        Assert.True(end is ObjectDisposedException or FanOutException, end?.ToString());
    }

    [Theory]
    [InlineData("LASTSAVE")]
    [InlineData("CONFIG GET maxmemory")]
    [InlineData("SCRIPT KILL")]
    [InlineData("SCAN 0")]
    [InlineData("CLUSTER FORGET x")]
    [InlineData("SLOWLOG NEWSUBCOMMAND")]
    public async Task What_concerns_one_node_must_name_it_where_there_are_several(string text)
    {
        string[] words = text.Split(' ');
        RedisValue[] arguments = [.. words[1..].Select(static word => (RedisValue)word)];
        await using FakeCluster cluster = FakeCluster.Start(2);
        On(cluster, words[0], command => words.Length == 1 || string.Equals(command.Subcommand, words[1], StringComparison.Ordinal) ? FakeAnswer.Simple("OK") : null);
        await using RedisClient redis = await cluster.ConnectAsync();
        NotSupportedException refused = await Until.FailsAsync<NotSupportedException>(Task.Run(async () => await redis.ExecuteAsync(words[0], arguments)));
        Assert.Contains("OnNode(node)", refused.Message, StringComparison.Ordinal);
        Assert.Equal("OK", (await Until.EndsAsync(redis.OnNode(redis.Topology.Masters[0]).ExecuteAsync(words[0], arguments))).AsString());

        await using FakeCluster single = FakeCluster.Start(1);
        On(single, words[0], command => words.Length == 1 || string.Equals(command.Subcommand, words[1], StringComparison.Ordinal) ? FakeAnswer.Simple("OK") : null);
        await using RedisClient lone = await single.ConnectAsync();
        Assert.Equal("OK", (await Until.EndsAsync(lone.ExecuteAsync(words[0], arguments))).AsString());
    }

    [Fact]
    public async Task A_descriptor_of_ones_own_for_a_known_command_goes_where_the_known_one_does()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        await FillAsync(redis);
        CommandInfo own = new("dbsize", KeySpec.None, CommandFlags.ReadOnly);
        Assert.Equal(100, await Until.EndsAsync(redis.ExecuteAsync(new Command(own), Replies.NullableInt64)));
    }

    private static async Task FillAsync(RedisClient redis)
    {
        for (int i = 0; i < 100; i++) await Until.EndsAsync(redis.StringSetAsync($"key:{i}", i));
    }

    private static void On(FakeCluster cluster, string name, Func<FakeCommand, FakeAnswer?> rule, FakeNode? but = null)
    {
        foreach (FakeNode node in cluster.Nodes.Where(node => node != but)) node.Server.On(name, rule);
    }
}
