// Commands to every master while masters come, go and hand slots over: nobody is left out, and no key is missed or counted twice.
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public class FanOutTopologyTests
{
    [Fact]
    public async Task A_master_of_which_the_client_has_not_heard_is_counted_and_flushed()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync(static options => options.TopologyRefreshInterval = TimeSpan.Zero);
        await FillAsync(redis);
        FakeNode newcomer = cluster.Add(null);
        for (int i = 0; i < 50; i++) cluster.Move(HashSlot.Of((RedisKey)$"key:{i}"), newcomer);
        Assert.True(newcomer.Server.Store.Keys.Count >= 50);
        Assert.Equal(100, await Until.EndsAsync(redis.DatabaseSizeAsync()));
        Assert.Contains(redis.Topology.Masters, master => master.Endpoint == newcomer.Server.Endpoint);

        FakeNode another = cluster.Add(null);
        cluster.MoveAll(cluster[0], another);
        Assert.Equal("OK", (await Until.EndsAsync(redis.ExecuteAsync("FLUSHALL"))).AsString());
        Assert.All(cluster.Nodes, static node => Assert.Empty(node.Server.Store.Keys));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_key_that_moves_between_two_answers_is_counted_once(int from)
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        await FillAsync(redis);
        long size = await MoveBetweenAsync(cluster, redis, () => redis.DatabaseSizeAsync(), "DBSIZE", first: 0, from);
        Assert.Equal(100, size);
    }

    [Fact]
    public async Task A_key_that_moves_from_a_master_not_yet_flushed_to_one_that_is_does_not_survive()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        await FillAsync(redis);
        await MoveBetweenAsync(cluster, redis, () => redis.ExecuteAsync("FLUSHALL", "ASYNC"), "FLUSHALL", first: 0, from: 1);
        Assert.All(cluster.Nodes, static node => Assert.Empty(node.Server.Store.Keys));
    }

    [Fact]
    public async Task The_heir_of_a_dead_master_is_asked_in_its_place()
    {
        await using FakeCluster cluster = FakeCluster.Start(2, replicasPerMaster: 1);
        await using RedisClient redis = await cluster.ConnectAsync();
        await FillAsync(redis);
        (FakeNode dead, FakeNode heir) = (cluster[0], cluster[2]);
        dead.Server.GoDown();
        Task<RespValue> call = redis.WithRetryPolicy(RetryPolicy.Idempotent).ExecuteAsync("FLUSHALL").AsTask(); // It may be sent before the loss is seen.
        await Until.HoldsAsync(() => cluster[1].Server.CountOf("FLUSHALL") > 0);
        foreach (string key in dead.Server.Store.Keys) dead.Server.Store.MoveTo(heir.Server.Store, key);
        cluster.FailOver(dead, heir);
        await Until.EndsAsync(call);
        Assert.Empty(heir.Server.Store.Keys);
        Assert.Empty(cluster[1].Server.Store.Keys);
    }

    [Fact]
    public async Task A_master_that_turned_replica_and_says_so_is_not_counted_for_its_heir()
    {
        await using FakeCluster cluster = FakeCluster.Start(2, replicasPerMaster: 1);
        await using RedisClient redis = await cluster.ConnectAsync(static options => options.TopologyRefreshInterval = TimeSpan.Zero);
        (FakeNode old, FakeNode heir) = (cluster[0], cluster[2]);
        cluster.FailOver(old, heir);
        (old.IsFailed, old.MasterId) = (false, heir.Id);
        old.Server.On("SCRIPT", FakeAnswer.Error("READONLY You can't write against a read only replica."));
        foreach (FakeNode node in cluster.Nodes.Where(node => node != old)) node.Server.On("SCRIPT", FakeAnswer.Bulk("d1"));
        Assert.Equal("d1", (await Until.EndsAsync(redis.ExecuteAsync("SCRIPT", "LOAD", "return 1"))).AsString());
        Assert.Equal((1, 1), (heir.Server.CountOf("SCRIPT"), cluster[1].Server.CountOf("SCRIPT")));
    }

    [Fact]
    public async Task What_was_on_the_wire_to_a_master_that_died_is_unknown_unless_it_may_be_repeated()
    {
        await using FakeCluster cluster = FakeCluster.Start(2, replicasPerMaster: 1);
        await using RedisClient redis = await cluster.ConnectAsync();
        cluster[0].Server.Once("FLUSHALL", FakeAnswer.Reset, FakeAnswer.Reset);
        FanOutException failure = await Until.FailsAsync<FanOutException, RespValue>(redis.ExecuteAsync("FLUSHALL"));
        Assert.Equal(Outcome.PartlyExecuted, failure.Outcome);
        Assert.Equal(Outcome.Unknown, Assert.IsType<RedisConnectionException>(Assert.Single(failure.Failures).Error).Outcome);
        Assert.Equal("OK", (await Until.EndsAsync(redis.WithRetryPolicy(RetryPolicy.Idempotent).ExecuteAsync("FLUSHALL"))).AsString());
    }

    [Fact]
    public async Task What_cannot_be_done_twice_is_not_sent_to_an_heir_that_has_it_by_replication()
    {
        await using FakeCluster cluster = FakeCluster.Start(2, replicasPerMaster: 1);
        await using RedisClient redis = await cluster.ConnectAsync();
        (FakeNode master, FakeNode heir) = (cluster[0], cluster[2]);
        heir.Server.On("FUNCTION", FakeAnswer.Error("ERR Library 'lib' already exists"));
        cluster[1].Server.On("FUNCTION", FakeAnswer.Bulk("lib"));
        master.Server.On("FUNCTION", _ =>
        {
            cluster.FailOver(master, heir);
            return FakeAnswer.Bulk("lib");
        });
        Assert.Equal("lib", (await Until.EndsAsync(redis.ExecuteAsync("FUNCTION", "LOAD", "#!lua name=lib"))).AsString());
        Assert.Equal(0, heir.Server.CountOf("FUNCTION"));
        Assert.Contains(redis.Topology.Masters, node => node.Endpoint == heir.Server.Endpoint);
    }

    /// <summary>Lets one node answer, moves all keys from one node to the other, and lets the other answer only then.</summary>
    private static async Task<T> MoveBetweenAsync<T>(FakeCluster cluster, RedisClient redis, Func<ValueTask<T>> call, string name, int first, int from)
    {
        FakeNode last = cluster[1 - first];
        last.Server.Reading.Close();
        await Until.EndsAsync(redis.OnNode(redis.Topology.NodeAt(last.Server.Endpoint)!).PingAsync()); // The receive that was under way when the gate was closed.
        Task<T> running = call().AsTask();
        await Until.HoldsAsync(() => cluster[first].Server.CountOf(name) == 1);
        foreach (string key in cluster[from].Server.Store.Keys) cluster.Move(HashSlot.Of((RedisKey)key), cluster[1 - from]);
        last.Server.Reading.Open();
        return await Until.EndsAsync(running);
    }

    private static async Task FillAsync(RedisClient redis)
    {
        for (int i = 0; i < 100; i++) await Until.EndsAsync(redis.StringSetAsync($"key:{i}", i));
    }
}
