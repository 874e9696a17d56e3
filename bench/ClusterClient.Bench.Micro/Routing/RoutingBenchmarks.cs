// From a command to the connection of the node that serves it: the keys' slot, then the table.
using BenchmarkDotNet.Attributes;
using ClusterClient.Configuration;
using ClusterClient.Connections;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using ClusterClient.Routing;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterClient.Bench.Micro;

public class RoutingBenchmarks
{
    private readonly List<NodeConnection> _connections = [];
    private readonly Command _get = new(CommandTable.Get("GET"), "user:12345:profile");
    private readonly Command _ping = new(CommandTable.Get("PING"));
    private readonly Command _many = new(CommandTable.Get("MGET"), [.. Enumerable.Range(0, 100).Select(i => (RedisValue)$"{{user:1}}:{i}")]);
    private RoutingTable _table = null!;

    [Params(3, 100)]
    public int Masters { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        TopologySnapshot snapshot = ClusterOf.Masters(Masters);
        ClientSettings settings = RedisClientOptions.Parse("redis://127.0.0.1").Snapshot();
        var telemetry = new Telemetry(settings);
        // Never dialled: a command is only asked where it would go.
        foreach (TopologyNode node in snapshot.Nodes)
            _connections.Add(new NodeConnection(node.Endpoint, settings, telemetry, new NoObserver(), NullLogger.Instance));

        _table = new RoutingTable(snapshot, [.. _connections]);
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        foreach (NodeConnection connection in _connections) await connection.DisposeAsync();
        _connections.Clear();
    }

    [Benchmark(Description = "GET")]
    public object? Get() => Route(_get);

    [Benchmark(Description = "MGET of 100 keys of a slot")]
    public object? Many() => Route(_many);

    [Benchmark(Description = "PING, any master, none connected")]
    public object? Keyless() => Route(_ping);

    private NodeConnection? Route(in Command command)
    {
        RefusedCommands.ThrowIfRefused(command);
        int slot = CommandSlot.Of(command);
        return slot >= 0 ? _table.OwnerOf(slot) : _table.AnyMaster();
    }

    private sealed class NoObserver : INodeObserver
    {
        public void OnConnected(NodeConnection node)
        {
        }

        public void OnConnectFailed(NodeConnection node, RedisConnectionException failure)
        {
        }

        public void OnConnectionLost(NodeConnection node, RedisConnectionException cause)
        {
        }

        public void OnSuspect(NodeConnection node)
        {
        }
    }
}
