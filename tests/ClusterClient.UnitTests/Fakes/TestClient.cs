// Clients of fake servers.
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
using ClusterClient.Routing;

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

    /// <summary>The inside of a client that looks at the topology but once, for tests that look into it.</summary>
    public static async Task<Router> RouterAsync(FakeServer server, Action<RedisClientOptions>? configure = null)
    {
        ClientSettings settings = Options(server.Endpoint, options =>
        {
            (options.Topology, options.TopologyRefreshInterval) = (TopologyMode.Auto, TimeSpan.FromHours(1));
            configure?.Invoke(options);
        }).Snapshot();
        Router router = new(settings, new Telemetry(settings), new TestLog());
        await Until.EndsAsync(router.ConnectAsync(CancellationToken.None).AsTask());
        return router;
    }

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
