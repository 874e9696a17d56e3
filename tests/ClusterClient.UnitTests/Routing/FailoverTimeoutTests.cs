// While a shard has no master, the deadline of what was not sent stands still for as long as failoverTimeout allows, and no longer.
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public class FailoverTimeoutTests
{
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task A_write_that_was_not_sent_outlives_its_deadline_until_the_heir_is_there()
    {
        await using FakeCluster cluster = FakeCluster.Start(2, replicasPerMaster: 1);
        await using RedisClient redis = await cluster.ConnectAsync(static o => o.FailoverTimeout = Until.Limit);
        (FakeNode master, FakeNode heir) = (cluster[0], cluster.Nodes.First(node => node.MasterId == cluster[0].Id));
        string key = await LostAsync(cluster, redis, master);
        Task<bool> write = redis.WithTimeout(_short).StringSetAsync(key, "v").AsTask();
        await Task.WhenAny(write, Task.Delay(3 * _short));
        Assert.False(write.IsCompleted);
        cluster.FailOver(master, heir);
        Assert.True(await Until.EndsAsync(write));
        Assert.Equal("v", (string?)await Until.EndsAsync(redis.StringGetAsync(key)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(600)]
    public async Task It_ends_at_last_and_says_that_it_was_not_executed(int failoverTimeout)
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync(o => o.FailoverTimeout = TimeSpan.FromMilliseconds(failoverTimeout));
        string key = await LostAsync(cluster, redis, cluster[0]);
        long began = Environment.TickCount64;
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException, bool>(redis.WithTimeout(_short).StringSetAsync(key, "v"));
        Assert.Equal((CommandStage.WaitingForConnection, Outcome.NotExecuted), (late.Stage, late.Outcome));
        Assert.InRange(Environment.TickCount64 - began, _short.TotalMilliseconds + failoverTimeout - 20, _short.TotalMilliseconds + failoverTimeout + 5000);
    }

    [Fact]
    public async Task A_cluster_that_is_down_is_waited_for_as_well_and_altogether_no_longer()
    {
        await using FakeCluster cluster = FakeCluster.Start(1);
        await using RedisClient redis = await cluster.ConnectAsync(static o => o.FailoverTimeout = TimeSpan.FromMilliseconds(600));
        cluster[0].Server.On("SET", FakeAnswer.Error("CLUSTERDOWN The cluster is down"));
        long began = Environment.TickCount64;

        // Long enough for the answer to come on a busy machine: only from then on does the deadline stand still.
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException, bool>(redis.WithTimeout(TimeSpan.FromSeconds(1)).StringSetAsync("k", "v"));
        Assert.NotEqual(Outcome.PartlyExecuted, late.Outcome);
        Assert.InRange(Environment.TickCount64 - began, 1500, 7000);
    }

    [Fact]
    public async Task What_is_on_the_wire_or_waits_for_something_else_keeps_its_deadline()
    {
        await using FakeCluster cluster = FakeCluster.Start(1);
        await using RedisClient redis = await cluster.ConnectAsync(static o => o.FailoverTimeout = TimeSpan.FromHours(1));
        cluster[0].Server.On("SET", FakeAnswer.Hang);
        RedisTimeoutException sent = await Until.FailsAsync<RedisTimeoutException, bool>(redis.WithTimeout(_short).StringSetAsync("k", "v"));
        Assert.Equal((CommandStage.AwaitingReply, Outcome.Unknown), (sent.Stage, sent.Outcome));
        cluster[0].Server.On("INCR", FakeAnswer.Error("TRYAGAIN Multiple keys request during rehashing of slot"));
        await Until.FailsAsync<RedisTimeoutException, long>(redis.WithTimeout(_short).StringIncrementAsync("k"));
    }

    /// <summary>Takes a master down and waits until the client has seen that; gives a key of it. Calls of OnNode keep their deadlines: no other node can take its place.</summary>
    private static async Task<string> LostAsync(FakeCluster cluster, RedisClient redis, FakeNode master)
    {
        string key = cluster.KeyOf(master);
        IRedisView pinned = redis.OnNode(redis.Topology.NodeAt(master.Server.Endpoint)!).WithTimeout(TimeSpan.FromMilliseconds(50));
        master.Server.GoDown();
        while (true)
        {
            RedisException lost = await Assert.ThrowsAnyAsync<RedisException>(async () => await Until.EndsAsync(pinned.StringSetAsync(key, "probe")));
            if (lost.Outcome == Outcome.NotExecuted) return key;
        }
    }
}
