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
}
