// A node that is farther away, or behind NAT: a TCP proxy in front of it that holds every byte for a while.
using System.Net;
using System.Net.Sockets;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Reading;

internal sealed class DelayingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly NodeEndpoint _node;
    private readonly IPAddress _from;
    private readonly Task _accepting;
    private int _delayMilliseconds;

    public DelayingProxy(LocalNode node)
        : this(new NodeEndpoint(node.Host, node.Port), IPAddress.Loopback, IPAddress.Loopback)
    {
    }

    /// <param name="node">The node behind it.</param>
    /// <param name="listenAt">Where it is reached.</param>
    /// <param name="from">Whom the node sees.</param>
    /// <param name="port">The port at which it is reached; 0 for any that is free.</param>
    public DelayingProxy(NodeEndpoint node, IPAddress listenAt, IPAddress from, int port = 0)
    {
        (_node, _from) = (node, from);
        _listener = new(listenAt, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public NodeEndpoint Endpoint
    {
        get
        {
            IPEndPoint at = (IPEndPoint)_listener.LocalEndpoint;
            return new(at.Address.ToString(), at.Port);
        }
    }

    /// <summary>How long bytes on their way to the node are held.</summary>
    public int DelayMilliseconds
    {
        get => Volatile.Read(ref _delayMilliseconds);
        set => Volatile.Write(ref _delayMilliseconds, value);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        List<Task> links = [];
        try
        {
            while (true) links.Add(LinkAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(links);
        }
    }

    private async Task LinkAsync(TcpClient client)
    {
        using (client)
        {
            using TcpClient server = new(new IPEndPoint(_from, 0));
            client.NoDelay = server.NoDelay = true;
            try
            {
                await server.ConnectAsync(_node.Host, _node.Port, _stop.Token);
                await Task.WhenAny(PumpAsync(client, server, isDelayed: true), PumpAsync(server, client, isDelayed: false));
            }
            catch (Exception ended) when (ended is OperationCanceledException or SocketException)
            {
                // The node or the test is gone, and so is the link.
            }
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, bool isDelayed)
    {
        byte[] buffer = new byte[64 << 10];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, _stop.Token) is var read and > 0)
            {
                if (isDelayed && DelayMilliseconds > 0) await Task.Delay(DelayMilliseconds, _stop.Token);
                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // One side has closed: so does the other.
        }
    }
}
