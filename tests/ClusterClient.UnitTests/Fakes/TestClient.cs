// Clients of fake servers.
namespace ClusterClient.UnitTests.Fakes;

internal static class TestClient
{
    /// <summary>Options with deadlines that only a failing test reaches.</summary>
    public static RedisClientOptions Options(NodeEndpoint endpoint, Action<RedisClientOptions>? configure = null)
    {
        RedisClientOptions options = new()
        {
            Endpoints = { endpoint },
            Topology = TopologyMode.Standalone,
            CommandTimeout = Until.Limit,
            ConnectTimeout = Until.Limit,
            LoggerFactory = new TestLog(),
        };
        configure?.Invoke(options);
        return options;
    }

    /// <summary>A client of one server, which is there.</summary>
    public static Task<RedisClient> ConnectAsync(FakeServer server, Action<RedisClientOptions>? configure = null)
        => Until.EndsAsync(RedisClient.ConnectAsync(Options(server.Endpoint, configure)));

    /// <summary>A client that connects in the background.</summary>
    public static RedisClient Create(FakeServer server, Action<RedisClientOptions>? configure = null) => RedisClient.Create(Options(server.Endpoint, configure));

    /// <summary>Refreshes the topology until it says what is waited for.</summary>
    public static async Task RefreshUntilAsync(RedisClient redis, Func<TopologySnapshot, bool> condition)
    {
        long started = Environment.TickCount64;
        do
        {
            Assert.True(Environment.TickCount64 - started < Until.Limit.TotalMilliseconds, $"The topology never said it: {redis.Topology}");
            await Until.EndsAsync(redis.RefreshTopologyAsync().AsTask());
        }
        while (!condition(redis.Topology));
    }
}
