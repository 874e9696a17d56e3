// Batches: nothing before the send, everything in one go, each command with its own end.
using System.Runtime.CompilerServices;
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public class BatchTests
{
    [Fact]
    public async Task Nothing_is_sent_before_and_each_command_has_its_own_result_after()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        using RedisBatch batch = redis.CreateBatch();
        Task<bool>[] sets = [.. Enumerable.Range(0, 30).Select(i => batch.StringSetAsync($"key:{i}", i).AsTask())];
        Task<long> counter = batch.StringIncrementAsync("counter").AsTask();
        Task<RedisValue[]> many = batch.StringGetAsync(["key:1", "key:2", "absent"]).AsTask();
        Task<long> size = batch.DatabaseSizeAsync().AsTask();
        Task<RespValue> any = batch.ExecuteAsync("ECHO", "hello").AsTask();
        Assert.Equal(34, batch.Count);
        Assert.All(cluster.Nodes, static node => Assert.Empty(node.Server.Commands));
        Assert.All(sets, static set => Assert.False(set.IsCompleted));
        await Until.EndsAsync(batch.SendAsync().AsTask());
        Assert.All(sets, static set => Assert.True(set.IsCompletedSuccessfully && set.Result));
        Assert.Equal(1, await counter);
        Assert.Equal([1, 2, RedisValue.Null], await many);
        Assert.Equal("hello", (await any).AsString());
        Assert.True(await size > 0);
        Assert.Equal(0, batch.Count);
    }

    [Fact]
    public async Task What_is_for_one_node_travels_in_one_send_and_in_order()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RouterHarness harness = await RouterHarness.ConnectAsync(cluster[0].Server);
        RedisBatch first = harness.CreateBatch();
        foreach (FakeNode node in cluster.Nodes) Fill(first, cluster.KeyOf(node), 1);
        await Until.EndsAsync(first.SendAsync().AsTask()); // All are connected from here on.

        IReadOnlyDictionary<int, long> before = harness.Sends;
        RedisBatch batch = harness.CreateBatch();
        for (int i = 0; i < 100; i++)
        {
            foreach (FakeNode node in cluster.Nodes) Fill(batch, cluster.KeyOf(node), 1);
        }

        Task sent = batch.SendAsync().AsTask();
        IReadOnlyDictionary<int, long> after = harness.Sends;
        Assert.All(cluster.Nodes, node => Assert.Equal(1, after[node.Server.Port] - before[node.Server.Port]));
        await Until.EndsAsync(sent);
        Assert.All(cluster.Nodes, static node => Assert.Equal(101, node.Server.CountOf("APPEND")));

        RedisBatch ordered = harness.CreateBatch();
        for (int i = 0; i < 2000; i++) Fill(ordered, "order", i % 10);
        await Until.EndsAsync(ordered.SendAsync().AsTask());
        byte[] value = cluster.OwnerOf("order").Server.Store["order"]!;
        Assert.Equal(Enumerable.Range(0, 2000).Select(static i => (byte)('0' + (i % 10))), value);

        static void Fill(RedisBatch batch, string key, int digit) => _ = batch.StringAppendAsync(key, digit).AsTask();
    }

    [Fact]
    public async Task Each_command_fails_for_itself_and_the_send_for_none()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        cluster[1].Server.On("SET", FakeAnswer.Error("OOM command not allowed when used memory > 'maxmemory'."));
        cluster[1].Server.On("INCR", FakeAnswer.Reset);
        using CancellationTokenSource source = new();
        RedisBatch batch = redis.CreateBatch();
        Task<bool> good = batch.StringSetAsync(cluster.KeyOf(cluster[0]), 1).AsTask();
        Task<bool> refused = batch.StringSetAsync(cluster.KeyOf(cluster[1]), 1).AsTask();
        Task<bool> apart = batch.KeyRenameAsync(cluster.KeyOf(cluster[0]), cluster.KeyOf(cluster[1])).AsTask();
        Task<long> lost = batch.StringIncrementAsync(cluster.KeyOf(cluster[1])).AsTask();
        Task<RedisValue> cancelled = batch.StringGetAsync("k", source.Token).AsTask();
        Task<RespValue> pinned = batch.ExecuteAsync("SAVE").AsTask();
        await source.CancelAsync();
        await Until.EndsAsync(batch.SendAsync().AsTask());
        Assert.True(await good);
        Assert.Equal(("OOM", Outcome.Rejected), ((await Until.FailsAsync<RedisServerException>(refused)).Code, (await Until.FailsAsync<RedisServerException>(refused)).Outcome));
        Assert.Equal(Outcome.NotExecuted, (await Until.FailsAsync<CrossSlotException>(apart)).Outcome);
        Assert.Equal(Outcome.Unknown, (await Until.FailsAsync<RedisConnectionException>(lost)).Outcome);
        Assert.Equal(Outcome.NotExecuted, (await Until.FailsAsync<RedisCanceledException>(cancelled)).Outcome);
        await Until.FailsAsync<NotSupportedException>(pinned);
    }

    [Fact]
    public async Task A_batch_is_sent_once()
    {
        await using FakeCluster cluster = FakeCluster.Start(1);
        await using RedisClient redis = await cluster.ConnectAsync();
        RedisBatch batch = redis.CreateBatch();
        Assert.Throws<NotSupportedException>(() => { _ = batch.ExecuteAsync("MULTI").AsTask(); });
        await Until.EndsAsync(batch.SendAsync().AsTask());
        Assert.Throws<InvalidOperationException>(() => { _ = batch.StringGetAsync("k").AsTask(); });
        Assert.Throws<InvalidOperationException>(() => { _ = batch.SendAsync().AsTask(); });
        batch.Dispose();
    }

    [Fact]
    public async Task What_was_never_sent_says_so()
    {
        await using FakeCluster cluster = FakeCluster.Start(1);
        await using RedisClient redis = await cluster.ConnectAsync();
        RedisBatch batch = redis.CreateBatch();
        Task<RedisValue> read = batch.StringGetAsync("k").AsTask();
        batch.Dispose();
        RedisException disposed = await Until.FailsAsync<RedisException>(read);
        Assert.Equal((Outcome.NotExecuted, "GET"), (disposed.Outcome, disposed.CommandName));
        Assert.Contains("disposed", disposed.Message, StringComparison.Ordinal);
        batch.Dispose();

        // The classic mistake: awaiting before sending. Once nobody can send the batch any more, whoever awaits is told.
        Task<RedisValue> forgotten = Forget(redis);
        await Until.HoldsAsync(() =>
        {
            GC.Collect();
            return forgotten.IsCompleted;
        });
        RedisException unsent = await Until.FailsAsync<RedisException>(forgotten);
        Assert.Equal(Outcome.NotExecuted, unsent.Outcome);
        Assert.Contains("SendAsync", unsent.Message, StringComparison.Ordinal);
        Assert.Equal(0, cluster.CountOf("GET"));
    }

    [Fact]
    public async Task Many_threads_may_add_and_the_deadline_begins_with_the_send()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        RedisBatch batch = redis.WithTimeout(TimeSpan.FromSeconds(2)).CreateBatch();
        Task<long>[][] adders = await Task.WhenAll(Enumerable.Range(0, 4).Select(caller => Task.Run(() =>
            Enumerable.Range(0, 500).Select(i => batch.StringIncrementAsync($"counter:{i % 50}").AsTask()).ToArray())));
        Assert.Equal(2000, batch.Count);
        await Until.EndsAsync(batch.SendAsync().AsTask());
        Assert.All(adders.SelectMany(static calls => calls), static call => Assert.True(call.IsCompletedSuccessfully));
        Assert.Equal(40, await Until.EndsAsync(redis.StringGetAsync<int>("counter:7")));
    }

    [Fact]
    public async Task A_batch_that_is_larger_than_what_may_be_in_flight_follows_its_replies()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync(static options =>
        {
            options.MaxInFlightCommands = 64;
            options.MaxWaitingCommands = 100; // Not all may be connected yet.
            options.MaxInFlightBytes = 64 * 1024;
        });
        RedisBatch batch = redis.CreateBatch();
        Task<int?>[] reads = [.. Enumerable.Range(0, 1000).Select(i => batch.StringGetAsync<int>($"key:{i}").AsTask())];
        Task<bool>[] sets = [.. Enumerable.Range(0, 40).Select(i => batch.StringSetAsync($"large:{i}", new byte[i % 10 * 10_000]).AsTask())];
        await Until.EndsAsync(batch.SendAsync().AsTask());
        Assert.All(reads, static read => Assert.True(read.IsCompletedSuccessfully, read.Exception?.ToString()));
        Assert.All(sets, static set => Assert.True(set.IsCompletedSuccessfully, set.Exception?.ToString()));
    }

    [Fact]
    public async Task A_batch_made_before_the_cluster_is_known_waits_for_it()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = RedisClient.Create(TestClient.Options(cluster[0].Server.Endpoint, static options => options.Topology = TopologyMode.Auto));
        RedisBatch batch = redis.CreateBatch();
        Task<bool>[] sets = [.. Enumerable.Range(0, 50).Select(i => batch.StringSetAsync($"key:{i}", i).AsTask())];
        await Until.EndsAsync(batch.SendAsync().AsTask());
        Assert.All(sets, static set => Assert.True(set.IsCompletedSuccessfully));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task<RedisValue> Forget(RedisClient redis) => redis.CreateBatch().StringGetAsync("k").AsTask();
}
