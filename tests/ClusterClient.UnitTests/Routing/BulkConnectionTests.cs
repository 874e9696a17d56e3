// The second connection to each node, for large values: what happens on it holds up nobody on the first.
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public class BulkConnectionTests
{
    [Fact]
    public async Task A_reply_that_does_not_come_holds_up_only_the_bulk_connection()
    {
        await using FakeServer server = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        Gate gate = new();
        server.Once("GET", FakeAnswer.Bulk("large").After(gate));
        Task<RedisValue> large = redis.WithBulkConnection().StringGetAsync("k").AsTask();
        await Until.HoldsAsync(() => server.CountOf("GET") == 1);
        for (int i = 0; i < 10; i++) Assert.Equal(i, (int)await Until.EndsAsync(redis.EchoAsync(i)));
        Assert.False(large.IsCompleted);
        Assert.Equal(2, server.Accepted);
        gate.Open();
        Assert.Equal("large", (string?)await Until.EndsAsync(large));
    }

    [Fact]
    public async Task Views_of_a_bulk_view_stay_on_it_and_it_is_connected_only_once()
    {
        await using FakeServer server = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        Assert.Equal(1, server.Accepted);
        IRedisView bulk = redis.WithBulkConnection();
        Assert.Equal("a", (string?)await Until.EndsAsync(bulk.EchoAsync("a")));
        Assert.Equal("b", (string?)await Until.EndsAsync(bulk.WithTimeout(TimeSpan.FromSeconds(20)).EchoAsync("b")));
        Assert.Equal("c", (string?)await Until.EndsAsync(redis.WithRetryPolicy(RetryPolicy.All).WithBulkConnection().EchoAsync("c")));
        Assert.Equal(2, server.Accepted);
        Assert.Equal(3, server.AllCommands.Count(command => command.Name == "ECHO" && command.Connection == server.Connections[1]));
    }

    [Fact]
    public async Task It_follows_redirects_on_the_bulk_connection_of_the_target()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        cluster.Move(HashSlot.Of((RedisKey)key), cluster[1]);
        Assert.Equal(1, await Until.EndsAsync(redis.WithBulkConnection().StringIncrementAsync(key)));
        FakeCommand served = cluster[1].Server.AllCommands.Single(static command => command.Name == "INCR");
        Assert.NotSame(cluster[1].Server.Connections[0], served.Connection);
    }

    [Fact]
    public async Task A_lost_bulk_connection_is_made_anew_and_a_read_is_sent_again()
    {
        await using FakeServer server = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        server.Once("GET", FakeAnswer.Close);
        Assert.True((await Until.EndsAsync(redis.WithBulkConnection().StringGetAsync("k"))).IsNull);
        Assert.Equal(3, server.Accepted);
        Assert.True(server.Connections[0].IsOpen);
    }

    [Fact]
    public async Task It_ends_with_its_client()
    {
        await using FakeServer server = new();
        RedisClient redis = await TestClient.ConnectAsync(server);
        Gate gate = new();
        server.On("GET", FakeAnswer.Null.After(gate));
        Task<RedisValue> large = redis.WithBulkConnection().StringGetAsync("k").AsTask();
        await Until.HoldsAsync(() => server.CountOf("GET") == 1);
        await Until.EndsAsync(redis.DisposeAsync().AsTask());
        RedisConnectionException ended = await Until.FailsAsync<RedisConnectionException>(large);
        Assert.Equal((ConnectionFailure.Disposed, Outcome.Unknown), (ended.Failure, ended.Outcome));
        gate.Open();
        await Until.HoldsAsync(() => server.Connections.All(static connection => !connection.IsOpen));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_age_is_bounded_the_masters_answer_over_it(bool isBulkFirst)
    {
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 1);
        await using RedisClient redis = await cluster.ConnectAsync(static options => (options.HeartbeatInterval, options.HangTimeout) = (TimeSpan.FromMilliseconds(100), Until.Limit));
        string key = cluster.KeyOf(cluster[0]);
        foreach (FakeNode node in cluster.Nodes)
        {
            string role = node.MasterId is null ? "role:master" : "role:slave\r\nmaster_link_status:up\r\nslave_repl_offset:7";
            node.Server.On("INFO", command => command.Subcommand is "REPLICATION" ? FakeAnswer.Bulk($"# Replication\r\n{role}\r\nmaster_replid:{new string('a', 40)}\r\nmaster_repl_offset:7\r\n") : null);
        }

        ReadFrom policy = ReadFrom.Replica.WithMaxStaleness(TimeSpan.FromMinutes(1));
        await cluster.ReplicasAnswerAsync(redis.WithReadFrom(policy), key);
        FakeConnection[] shared = [.. cluster[0].Server.Connections];
        IRedisView bounded = isBulkFirst ? redis.WithBulkConnection().WithReadFrom(policy) : redis.WithReadFrom(policy).WithBulkConnection();
        for (int i = 0; i < 20; i++) Assert.True((await Until.EndsAsync(bounded.StringGetAsync(key))).IsNull);
        Assert.Equal((20, 0), (cluster[0].Server.CountOf("GET"), cluster[1].Server.CountOf("GET")));
        Assert.DoesNotContain(cluster[0].Server.Of("GET"), command => shared.Contains(command.Connection));
    }

    [Fact]
    public async Task A_replica_whose_bulk_connection_cannot_be_made_is_read_round()
    {
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 2);
        await using RedisClient redis = await cluster.ConnectAsync(static options => (options.ReadFrom, options.HeartbeatInterval, options.HangTimeout) = (ReadFrom.Replica, TimeSpan.FromMilliseconds(100), Until.Limit));
        string key = cluster.KeyOf(cluster[0]);
        await cluster.ReplicasAnswerAsync(redis, key, forget: false);
        FakeConnection[] first = [.. cluster[1].Server.Connections];
        cluster[1].Server.On(command => first.Contains(command.Connection) ? null : FakeAnswer.Close);
        NodeEndpoint unreached = cluster[1].Server.Endpoint;
        IRedisView bulk = redis.WithBulkConnection().WithTimeout(TimeSpan.FromSeconds(20)).WithReadFrom(ReadFrom.Custom(candidates =>
        {
            for (int i = 0; i < candidates.Length; i++)
            {
                if (candidates[i].Endpoint == unreached) return i;
            }

            return candidates.Length - 1;
        }));
        await Until.EndsAsync(Task.WhenAll(Enumerable.Range(0, 100).Select(_ => bulk.StringGetAsync(key).AsTask())));
        Assert.Contains(first, static connection => connection.IsOpen);
        Assert.Equal(0, cluster[0].Server.CountOf("GET"));
    }
}
