// Each row of the redirect table that is not about another node: waited out, or surfaced at once with its own words.
using System.Diagnostics;
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public class RejectionTests
{
    private static readonly CommandInfo _exec = new("EXEC", KeySpec.None, CommandFlags.None);
    private static readonly CommandInfo _blockingPop = new("BLPOP", KeySpec.Single, CommandFlags.None);

    [Theory]
    [InlineData("TRYAGAIN Multiple keys request during rehashing of slot")]
    [InlineData("CLUSTERDOWN The cluster is down")]
    [InlineData("CLUSTERDOWN Hash slot not served")]
    [InlineData("LOADING Redis is loading the dataset in memory")]
    [InlineData("NOREPLICAS Not enough good replicas to write.")]
    [InlineData("BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.")]
    [InlineData("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.")]
    [InlineData("READONLY You can't write against a read only replica.")]
    public async Task Not_executed_and_passing_is_waited_out_writes_too(string line)
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[1]);
        FakeAnswer refusal = FakeAnswer.Error(line);
        cluster[1].Server.Once("INCR", refusal, refusal, refusal, refusal, refusal);
        Assert.Equal(1, await Until.EndsAsync(redis.StringIncrementAsync(key)));
        Assert.Equal(6, cluster[1].Server.CountOf("INCR"));
        Assert.Equal(6, cluster.CountOf("INCR"));
        Assert.All(cluster.Nodes, static node => Assert.Empty(node.Server.Violations));
    }

    [Theory]
    [InlineData("LOADING Redis is loading the dataset in memory")]
    [InlineData("CLUSTERDOWN The cluster is down")]
    [InlineData("READONLY You can't write against a read only replica.")]
    public async Task What_does_not_pass_ends_at_the_deadline_not_executed(string line)
    {
        await using FakeServer server = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        server.On("INCR", FakeAnswer.Error(line));
        RedisTimeoutException late = await Until.IsLateAsync(CommandStage.WaitingToRetry, () =>
        {
            server.ForgetCommands();
            return redis.WithTimeout(TimeSpan.FromMilliseconds(400)).StringIncrementAsync("k");
        });
        Assert.Equal((CommandStage.WaitingToRetry, Outcome.NotExecuted, "INCR", server.Name), (late.Stage, late.Outcome, late.CommandName, late.Node));
        Assert.Contains($"{server.Name} answered {line}", late.Message, StringComparison.Ordinal);

        // With jitter between 0 and a bound that grows to 200 ms: several tries, but no hammering.
        Assert.InRange(server.CountOf("INCR"), 2, 120);
    }

    [Fact]
    public async Task Waits_do_not_count_as_redirects()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync(static o => o.MaxRedirects = 2);
        string key = cluster.KeyOf(cluster[0]);
        cluster[0].Server.Once("INCR", [.. Enumerable.Repeat(FakeAnswer.Error("LOADING Redis is loading the dataset in memory"), 12), FakeNode.Moved(HashSlot.Of((RedisKey)key), cluster[1])]);
        cluster[1].Server.Once("INCR", FakeAnswer.Integer(7));
        Assert.Equal(7, await Until.EndsAsync(redis.StringIncrementAsync(key)));
    }

    [Theory]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'.")]
    [InlineData("MISCONF Errors writing to the AOF file: No space left on device")]
    [InlineData("NOAUTH Authentication required.")]
    [InlineData("NOPERM User ada has no permissions to run the 'incr' command")]
    [InlineData("WRONGPASS invalid username-password pair or user is disabled.")]
    [InlineData("CROSSSLOT Keys in request don't hash to the same slot")]
    [InlineData("NOSCRIPT No matching script. Please use EVAL.")]
    [InlineData("WRONGTYPE Operation against a key holding the wrong kind of value")]
    [InlineData("BUSYGROUP Consumer Group name already exists")]
    [InlineData("BUSYKEY Target key name already exists.")]
    [InlineData("ERR value is not an integer or out of range")]
    [InlineData("MOVED is not a redirect")]
    public async Task A_final_answer_is_surfaced_at_once_with_its_words(string line)
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        cluster[0].Server.On("INCR", FakeAnswer.Error(line));
        RedisServerException failure = await Until.FailsAsync<RedisServerException, long>(redis.StringIncrementAsync(key));
        Assert.Equal((line, line.Split(' ')[0], Outcome.Rejected), (failure.ServerMessage, failure.Code, failure.Outcome));
        Assert.Equal(("INCR", cluster[0].Server.Name), (failure.CommandName, failure.Node));
        Assert.Equal(1, cluster.CountOf("INCR"));
    }

    [Theory]
    [InlineData("EXECABORT Transaction discarded because of: MOVED 1 127.0.0.1:1")]
    [InlineData("EXECABORT Transaction discarded because of previous errors.")]
    [InlineData("MOVED 1 127.0.0.1:1")]
    [InlineData("TRYAGAIN Multiple keys request during rehashing of slot")]
    [InlineData("CLUSTERDOWN The cluster is down")]
    [InlineData("LOADING Redis is loading the dataset in memory")]
    public async Task A_transaction_refused_is_refused_as_a_whole_and_exec_is_never_sent_again_alone(string line)
    {
        await using FakeCluster cluster = FakeCluster.Start(1);
        await using RouterHarness router = await RouterHarness.ConnectAsync(cluster[0].Server);
        cluster[0].Server.On("EXEC", FakeAnswer.Error(line));
        RedisServerException failure = await Until.FailsAsync<RedisServerException, RespValue>(router.ExecuteAsync(new Command(_exec)));
        Assert.Equal((line, Outcome.NotExecuted), (failure.ServerMessage, failure.Outcome));
        Assert.Equal(1, cluster.CountOf("EXEC"));
    }

    [Fact]
    public async Task A_blocking_call_unblocked_by_somebody_else_took_nothing()
    {
        await using FakeServer server = new();
        await using RouterHarness router = await RouterHarness.ConnectAsync(server);
        server.On("BLPOP", FakeAnswer.Error("UNBLOCKED client unblocked via CLIENT UNBLOCK"));
        RedisServerException failure = await Until.FailsAsync<RedisServerException, RespValue>(router.ExecuteAsync(new Command(_blockingPop, "list", 0)));
        Assert.Equal(("UNBLOCKED", Outcome.NotExecuted), (failure.Code, failure.Outcome));
        Assert.Equal(1, server.CountOf("BLPOP"));
    }

    [Theory]
    [InlineData("NOSCRIPT No matching script. Please use EVAL.")]
    [InlineData("NOAUTH Authentication required.")]
    [InlineData("CROSSSLOT Keys in request don't hash to the same slot")]
    [InlineData("ERR wrong number of arguments for 'eval' command")]
    [InlineData("NOPERM User ada has no permissions to run the 'eval' command")]
    [InlineData("NOPERM this user has no permissions to run the 'eval' command")]
    [InlineData("NOPERM No permissions to access a key")]
    public async Task A_script_that_the_server_did_not_start_is_rejected(string line)
    {
        Assert.Equal(Outcome.Rejected, (await EvalAsync(line)).Outcome);
    }

    [Theory]
    [InlineData("ERR user_script:1: boom script: 8b1c, on @user_script:1.")]
    [InlineData("LOADING my own words")]
    [InlineData("TRYAGAIN Multiple keys request during rehashing of slot script: 8b1c, on @user_script:1.")]
    [InlineData("BUSY says the script")]
    [InlineData("NOSCRIPT says the script")]
    [InlineData("NOPERM says the script")]
    [InlineData("NOAUTH says the script")]
    [InlineData("CROSSSLOT says the script")]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'. script: 8b1c, on @user_script:1.")]
    [InlineData("READONLY my own words")]
    [InlineData("MOVED says the script")]
    public async Task A_script_that_failed_may_have_run_half_way_and_is_never_sent_again(string line)
    {
        Assert.Equal(Outcome.PartlyExecuted, (await EvalAsync(line)).Outcome);
    }

    [Theory]
    [InlineData("TRYAGAIN Multiple keys request during rehashing of slot")]
    [InlineData("BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.")]
    [InlineData("LOADING Redis is loading the dataset in memory")]
    public async Task A_script_refused_in_the_servers_own_words_is_sent_again(string line)
    {
        await using FakeServer server = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        server.On("EVAL", FakeAnswer.Integer(1));
        server.Once("EVAL", FakeAnswer.Error(line), FakeAnswer.Error(line));
        Assert.Equal(1, (await Until.EndsAsync(redis.ExecuteAsync("EVAL", "return 1", 0))).AsInt64());
        Assert.Equal(3, server.CountOf("EVAL"));
    }

    [Fact]
    public async Task A_redirect_raised_by_a_script_for_a_slot_it_was_not_sent_to_is_the_scripts()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        int other = (HashSlot.Of((RedisKey)key) + 1) % HashSlot.Count;
        cluster[0].Server.On("EVAL", FakeNode.Moved(other, cluster[1]));
        RedisServerException failure = await Until.FailsAsync<RedisServerException, RespValue>(redis.ExecuteAsync("EVAL", "return redis.error_reply('MOVED …')", 1, key));
        Assert.Equal(Outcome.PartlyExecuted, failure.Outcome);
        Assert.Equal(1, cluster.CountOf("EVAL"));
    }

    [Fact]
    public async Task A_pinned_node_says_what_it_says()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[1]);
        IRedisView pinned = redis.OnNode(redis.Topology.NodeAt(cluster[0].Server.Endpoint)!);
        RedisServerException moved = await Until.FailsAsync<RedisServerException, long>(pinned.StringIncrementAsync(key));
        Assert.Equal(("MOVED", Outcome.Rejected, cluster[0].Server.Name), (moved.Code, moved.Outcome, moved.Node));
        Assert.Contains("OnNode follows no redirects", moved.Message, StringComparison.Ordinal);

        // The same call on the same node can only be told the same.
        Assert.False(moved.IsTransient);
        cluster[0].Server.On("EVAL", FakeAnswer.Error("LOADING Redis is loading the dataset in memory"));
        RedisServerException loading = await Until.FailsAsync<RedisServerException, RespValue>(pinned.ExecuteAsync("EVAL", "return 1", 0));
        Assert.Equal(("LOADING", Outcome.Rejected), (loading.Code, loading.Outcome));
        Assert.Equal(1, cluster.CountOf("INCR"));
    }

    [Fact]
    public async Task Whatever_moves_elsewhere_does_not_cut_the_pauses_short()
    {
        // A node that loads, and beside it a storm of MOVED, each of which changes the topology.
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        string loading = cluster.KeyOf(cluster[0]);
        cluster[0].Server.On("INCR", FakeAnswer.Error("LOADING Redis is loading the dataset in memory"));
        using CancellationTokenSource source = new();
        Task<long> waiting = redis.StringIncrementAsync(loading, cancellationToken: source.Token).AsTask();
        string[] keys = [.. Enumerable.Range(0, 3000).Select(static i => $"k{i}").Where(key => cluster.OwnerOf(key) == cluster[1]).DistinctBy(static key => HashSlot.Of((RedisKey)key))];
        foreach (string key in keys) cluster.Move(HashSlot.Of((RedisKey)key), cluster[2]);
        long started = Stopwatch.GetTimestamp();
        foreach (string key in keys) await Until.EndsAsync(redis.StringGetAsync(key));
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;

        // About ten tries in the first half second and ten a second later, were it not for the storm of hundreds.
        Assert.InRange(cluster[0].Server.CountOf("INCR"), 1, 40 + (40 * seconds));
        await source.CancelAsync();
        await Until.FailsAsync<RedisCanceledException>(waiting);
    }

    [Fact]
    public async Task The_pause_grows_and_is_bounded()
    {
        await using FakeServer server = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        int refusals = 0;
        server.On("GET", _ => Interlocked.Increment(ref refusals) <= 12 ? FakeAnswer.Error("LOADING Redis is loading the dataset in memory") : null);
        long started = Stopwatch.GetTimestamp();
        Assert.True((await Until.EndsAsync(redis.StringGetAsync("k"))).IsNull);
        TimeSpan took = Stopwatch.GetElapsedTime(started);

        // Twelve draws below 4, 8 … 200 ms: their sum is below 50 ms with a chance of one in many millions.
        Assert.True(took > TimeSpan.FromMilliseconds(50), $"{took}");
    }

    private static async Task<RedisServerException> EvalAsync(string line)
    {
        await using FakeServer server = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        server.On("EVAL", FakeAnswer.Error(line));
        RedisServerException failure = await Until.FailsAsync<RedisServerException, RespValue>(redis.ExecuteAsync("EVAL", "return 1", 1, "k"));
        Assert.Equal(line, failure.ServerMessage);
        Assert.Equal(1, server.CountOf("EVAL"));
        return failure;
    }
}
