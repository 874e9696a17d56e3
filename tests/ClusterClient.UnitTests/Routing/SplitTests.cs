// Commands on many keys, cut into one a slot: order, sums, redirects of a part, and what is told when parts fail.
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public class SplitTests
{
    private static readonly RedisKey[] _keys = [.. Enumerable.Range(0, 200).Select(static i => (RedisKey)$"key:{i}")];

    [Fact]
    public async Task Values_come_in_the_order_of_the_keys_and_a_key_named_twice_comes_twice()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        Assert.True(await Until.EndsAsync(redis.StringSetAsync([.. _keys.Select(static (key, i) => KeyValuePair.Create(key, (RedisValue)i))])));
        RedisKey[] asked = [.. _keys.Reverse(), "absent", _keys[7]];
        RedisValue[] values = await Until.EndsAsync(redis.StringGetAsync(asked));
        Assert.Equal([.. Enumerable.Range(0, 200).Reverse().Select(static i => (RedisValue)i), RedisValue.Null, 7], values);
        int slots = asked.Select(static key => HashSlot.Of(key)).Distinct().Count();
        Assert.Equal(slots, cluster.CountOf("MGET"));
        Assert.All(cluster.Nodes, static node => Assert.True(node.Server.CountOf("MGET") > 0));
    }

    [Fact]
    public async Task Counts_are_added_up_whatever_way_the_command_is_given()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        await Until.EndsAsync(redis.StringSetAsync([.. _keys.Select(static key => KeyValuePair.Create(key, (RedisValue)"v"))]));
        Assert.Equal(50, await Until.EndsAsync(redis.KeyDeleteAsync([.. _keys[..50], "absent"])));
        Assert.Equal(150, await Until.EndsAsync(redis.KeyUnlinkAsync(_keys)));
        RespValue set = await Until.EndsAsync(redis.ExecuteAsync("MSET", "a", 1, "b", 2, "c", 3));
        RespValue read = await Until.EndsAsync(redis.ExecuteAsync("MGET", "c", "b", "a"));
        RespValue deleted = await Until.EndsAsync(redis.ExecuteAsync("DEL", "c", "b", "a", "d"));
        Assert.Equal(("OK", 3L), (set.AsString(), deleted.AsInt64()));
        Assert.Equal(["3", "2", "1"], read.Items.ToArray().Select(static item => item.AsString()));
    }

    [Fact]
    public async Task A_reply_may_be_read_in_any_way()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        await Until.EndsAsync(redis.ExecuteAsync("MSET", "a", 1, "b", 2, "c", 3));
        CommandInfo get = CommandTable.All.Single(static command => command.Name == "MGET"), delete = CommandTable.All.Single(static command => command.Name == "DEL");
        Assert.Equal(new string?[] { "3", null, "1" }, await Until.EndsAsync(redis.ExecuteAsync(new Command(get, "c", "absent", "a"), Replies.Texts)));
        Assert.Equal(3, await Until.EndsAsync(redis.ExecuteAsync(new Command(delete, "a", "b", "c"), Replies.NullableInt64)));
        UnexpectedReplyException odd = await Until.FailsAsync<UnexpectedReplyException, string?>(redis.ExecuteAsync(new Command(get, "a", "b"), Replies.Text));
        Assert.Equal("MGET", odd.CommandName);
    }

    [Fact]
    public async Task Keys_of_one_slot_stay_one_command()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        await Until.EndsAsync(redis.StringGetAsync(["{t}a", "{t}b", "{t}c"]));
        Assert.Equal(1, cluster.CountOf("MGET"));
    }

    [Fact]
    public async Task A_part_whose_slot_has_moved_is_redirected_by_itself()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        await Until.EndsAsync(redis.StringSetAsync([.. _keys.Select(static (key, i) => KeyValuePair.Create(key, (RedisValue)i))]));
        foreach (RedisKey key in _keys[..10]) cluster.Move(HashSlot.Of(key), cluster.Truth.OwnerOf(HashSlot.Of(key)) == cluster[0] ? cluster[1] : cluster[0]);
        RedisValue[] values = await Until.EndsAsync(redis.StringGetAsync(_keys));
        Assert.Equal(Enumerable.Range(0, 200).Select(static i => (RedisValue)i), values);
    }

    [Fact]
    public async Task Parts_that_fail_name_their_keys_and_the_others_are_done()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        cluster[1].Server.On("MSET", FakeAnswer.Error("OOM command not allowed when used memory > 'maxmemory'."));
        PartialFailureException failure = await Until.FailsAsync<PartialFailureException, bool>(
            redis.StringSetAsync([.. _keys.Select(static key => KeyValuePair.Create(key, (RedisValue)"v"))]));
        RedisKey[] refused = [.. _keys.Where(key => cluster.Truth.OwnerOf(HashSlot.Of(key)) == cluster[1])];
        Assert.Equal((Outcome.PartlyExecuted, "MSET", true), (failure.Outcome, failure.CommandName, failure.IsTransient));
        Assert.Equal(refused, failure.Failures.Select(static one => one.Key));
        Assert.All(failure.Failures, static one => Assert.Equal(("OOM", Outcome.Rejected), (Assert.IsType<RedisServerException>(one.Error).Code, ((RedisException)one.Error).Outcome)));
        Assert.Contains("OOM", failure.Message, StringComparison.Ordinal);
        foreach (RedisKey key in _keys.Except(refused)) Assert.Equal("v", (string?)await Until.EndsAsync(redis.StringGetAsync(key)));
    }

    [Fact]
    public async Task When_no_part_was_done_the_outcome_says_so()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        foreach (FakeNode node in cluster.Nodes) node.Server.On("DEL", FakeAnswer.Error("NOPERM User default has no permissions to run the 'del' command"));
        PartialFailureException failure = await Until.FailsAsync<PartialFailureException, long>(redis.KeyDeleteAsync(_keys));
        Assert.Equal((Outcome.Rejected, 200, false), (failure.Outcome, failure.Failures.Count, failure.IsTransient));
    }

    [Fact]
    public async Task A_part_that_hangs_ends_with_the_one_deadline_or_the_callers_token()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        cluster[1].Server.On("MGET", FakeAnswer.Hang);
        PartialFailureException late = await Until.FailsAsync<PartialFailureException, RedisValue[]>(redis.WithTimeout(TimeSpan.FromSeconds(3)).StringGetAsync(_keys)); // Time enough for the others on a busy machine.
        Assert.Equal(Outcome.PartlyExecuted, late.Outcome);
        Assert.All(late.Failures, static one => Assert.IsType<RedisTimeoutException>(one.Error));
        using CancellationTokenSource source = new();
        Task<RedisValue[]> call = redis.StringGetAsync(_keys, source.Token).AsTask();
        await source.CancelAsync();
        RedisCanceledException cancelled = await Until.FailsAsync<RedisCanceledException>(call);
        Assert.Equal(source.Token, cancelled.CancellationToken);
    }
}
