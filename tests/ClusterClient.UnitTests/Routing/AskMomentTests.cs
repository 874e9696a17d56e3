// What an ASK says is true for a moment: after any wait the owner is asked again, or the key would be made a second time where its slot is imported anew.
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public sealed class AskMomentTests
{
    private static readonly CommandInfo _increment = CommandTable.Get("INCR");
    private static readonly CommandInfo _wait = CommandTable.Get("WAIT");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_wait_between_redirects_ends_in_a_question_to_the_owner(bool isLeased)
    {
        await using FakeCluster cluster = Start();
        await using RedisClient redis = await cluster.ConnectAsync(Calmly);
        (string key, int slot) = PutOne(cluster);

        // ASK, MOVED, MOVED, and an ASK that is the fourth in a row: the last is not followed at once, and while it waits the slot has come back.
        cluster[0].Server.Once("INCR", Ask(slot, cluster[2]), Ask(slot, cluster[2]));
        cluster[2].Server.Once("INCR", FakeNode.Moved(slot, cluster[1]));
        cluster[2].Importing[slot] = cluster[0];
        Assert.Equal(2, await IncrementAsync(redis, key, isLeased));
        Assert.False(cluster[2].Server.Store.Contains(key), "The key was made a second time.");
        Assert.Equal((3, 1), (cluster[0].Server.CountOf("INCR"), cluster[2].Server.CountOf("INCR")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_had_to_be_made_first_ends_in_a_question_to_the_owner(bool isLeased)
    {
        await using FakeCluster cluster = Start();
        await using RedisClient redis = await cluster.ConnectAsync(Calmly);
        (string key, int slot) = PutOne(cluster);
        FakeNode target = cluster.Add(null); // nobody is connected to it yet
        target.Server.On("WAIT", FakeAnswer.Integer(1));
        target.Importing[slot] = cluster[0];
        Gate dialled = new();
        target.Server.On("CLIENT", FakeAnswer.Ok.After(dialled));
        cluster[0].Server.Once("INCR", Ask(slot, target));
        Task<long> call = IncrementAsync(redis, key, isLeased);
        await Until.HoldsAsync(() => target.Server.CountOf("CLIENT") > 0);
        dialled.Open();
        Assert.Equal(2, await Until.EndsAsync(call));
        Assert.False(target.Server.Store.Contains(key), "The key was made a second time.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_the_slot_stays_half_moved_the_call_gets_through(bool isLeased)
    {
        await using FakeCluster cluster = Start();
        await using RedisClient redis = await cluster.ConnectAsync(Calmly);
        (string key, int slot) = PutOne(cluster);
        FakeNode target = cluster.Add(null);
        target.Server.On("WAIT", FakeAnswer.Integer(1));
        lock (cluster.OneAtATime)
        {
            (cluster[0].Migrating[slot], target.Importing[slot]) = (target, cluster[0]);
            cluster[0].Server.Store.MoveTo(target.Server.Store, key);
        }

        long[] values = await Until.EndsAsync(Task.WhenAll(Enumerable.Range(0, 20).Select(_ => IncrementAsync(redis, key, isLeased))));
        Assert.Equal(Enumerable.Range(2, 20).Select(static i => (long)i), values.Order());
        Assert.False(cluster[0].Server.Store.Contains(key));
    }

    [Fact]
    public async Task A_target_that_refuses_for_good_is_told_and_one_that_cannot_be_reached_costs_the_deadline()
    {
        await using FakeCluster cluster = Start();
        await using RedisClient redis = await cluster.ConnectAsync(Calmly);
        (string key, int slot) = PutOne(cluster);
        FakeNode target = cluster.Add(null);
        target.Server.On("HELLO", FakeAnswer.Error("WRONGPASS invalid username-password pair or user is disabled."));
        cluster[0].Server.On("INCR", Ask(slot, target));
        RedisConnectionException refused = await Until.FailsAsync<RedisConnectionException, long>(redis.StringIncrementAsync(key));
        Assert.Equal((ConnectionFailure.Authentication, Outcome.NotExecuted), (refused.Failure, refused.Outcome));

        target.Server.ClearRules();
        target.Server.GoDown();
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException, long>(redis.WithTimeout(TimeSpan.FromSeconds(1)).StringIncrementAsync(key));
        Assert.Equal((Outcome.NotExecuted, target.Server.Name), (late.Outcome, late.Node));
        Assert.Contains("ASK", late.Message, StringComparison.Ordinal);
    }

    private static void Calmly(RedisClientOptions options) => options.TopologyRefreshInterval = TimeSpan.FromHours(1);

    private static FakeCluster Start()
    {
        FakeCluster cluster = FakeCluster.Start(3);
        foreach (FakeNode node in cluster.Nodes) node.Server.On("WAIT", FakeAnswer.Integer(1));
        return cluster;
    }

    private static (string Key, int Slot) PutOne(FakeCluster cluster)
    {
        string key = cluster.KeyOf(cluster[0]);
        cluster[0].Server.Store[key] = "1"u8.ToArray();
        return (key, HashSlot.Of((RedisKey)key));
    }

    private static FakeAnswer Ask(int slot, FakeNode target) => FakeAnswer.Error($"ASK {slot} {target.Server.Name}");

    private static async Task<long> IncrementAsync(RedisClient redis, string key, bool isLeased)
    {
        if (!isLeased) return await redis.StringIncrementAsync(key);
        (long value, _, _) = await redis.Leased(Until.Limit, Until.Limit).ExecuteAsync(new Command(_increment, key), Replies.Int64, new Command(_wait, 1, 100), Replies.Int64);
        return value;
    }
}
