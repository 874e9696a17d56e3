// A node whose socket is full: everything behind one huge command waits unsent.
using ClusterClient.Connections;
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Connections;

/// <summary>A server that stopped reading, and a client that has filled every buffer in between.</summary>
internal sealed class StuckNode : IAsyncDisposable
{
    // More than loopback's send and receive buffers hold together, whatever the kernel grows them to.
    private const int PlugSize = 64 << 20;

    private StuckNode(FakeServer server, NodeHarness node, Task<bool> plug)
    {
        Server = server;
        Node = node;
        Plug = plug;
    }

    public FakeServer Server { get; }

    public NodeHarness Node { get; }

    /// <summary>The SET of "plug" that does not get through until the server reads again.</summary>
    public Task<bool> Plug { get; }

    public Connection Connection => Node.Node.Current!;

    public static async Task<StuckNode> StartAsync(Action<RedisClientOptions>? configure = null)
    {
        FakeServer server = new(receiveBuffer: 16 * 1024);
        NodeHarness node = await new NodeHarness(server, options =>
        {
            options.MaxInFlightBytes = 1L << 30;
            (options.HeartbeatInterval, options.HangTimeout) = (TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
            configure?.Invoke(options);
        }).ConnectedAsync();

        // What is being received already still comes in; from then on nothing is.
        server.Reading.Close();
        await node.EchoAsync("last");
        Connection connection = node.Node.Current!;
        long sends = connection.Sends;
        Task<bool> plug = node.StringSetAsync("plug", new byte[PlugSize]).AsTask();
        await Until.HoldsAsync(() => connection.Sends > sends);
        return new StuckNode(server, node, plug);
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Server.DisposeAsync();
    }
}
