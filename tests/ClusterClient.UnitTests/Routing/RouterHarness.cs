// A router of its own, to begin what the public API refuses: EXEC, blocking commands.
using ClusterClient.Configuration;
using ClusterClient.Connections;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using ClusterClient.Routing;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

internal sealed class RouterHarness : IAsyncDisposable
{
    private readonly Router _router;
    private readonly RoutedExecutor _executor;

    private RouterHarness(ClientSettings settings)
    {
        _router = new Router(settings, new Telemetry(settings), new TestLog());
        _executor = new RoutedExecutor(_router, settings.CommandTimeoutMilliseconds, settings.RetryPolicy);
    }

    public static async Task<RouterHarness> ConnectAsync(FakeServer server)
    {
        RouterHarness harness = new(TestClient.Options(server.Endpoint, static o => o.Topology = TopologyMode.Auto).Snapshot());
        await Until.EndsAsync(harness._router.ConnectAsync(CancellationToken.None).AsTask());
        return harness;
    }

    /// <summary>How many sends were made on the connections to the nodes, by port.</summary>
    public IReadOnlyDictionary<int, long> Sends => _router.Nodes.All.ToDictionary(static node => node.Endpoint.Port, static node => node.Current?.Sends ?? 0);

    public RedisBatch CreateBatch() => _executor.CreateBatch();

    /// <summary>Sends a command as those rooms will that own a connection for it.</summary>
    public ValueTask<RespValue> ExecuteAsync(in Command command)
    {
        Operation<RespValue> operation = Operation<RespValue>.Begin(command, Replies.Tree, _executor, (int)Until.Limit.TotalMilliseconds);
        ValueTask<RespValue> task = operation.Task;
        _executor.OnReroute(operation);
        return task;
    }

    public ValueTask DisposeAsync() => _router.DisposeAsync();
}
