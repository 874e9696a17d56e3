// The seam to the network: receive into memory, send from memory.
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace ClusterClient.Connections;

/// <summary>One bidirectional byte channel. One receive and one send may be under way at the same time, no more.</summary>
internal abstract class Transport : IDisposable
{
    /// <summary>Receives some bytes; 0 when the peer closed its side.</summary>
    public abstract ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Sends all the bytes. Completes at once whenever the socket's buffer takes them; it never blocks.</summary>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Closes the channel; a receive or send under way fails.</summary>
    public abstract void Dispose();
}

/// <summary>A plain TCP or Unix socket.</summary>
internal sealed class SocketTransport(Socket socket) : Transport
{
    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => socket.ReceiveAsync(buffer, SocketFlags.None, CancellationToken.None);

    // Pooled: a socket whose buffer is full would otherwise cost a box a send.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        do
        {
            int sent = await socket.SendAsync(bytes, SocketFlags.None, CancellationToken.None).ConfigureAwait(false);
            bytes = bytes[sent..];
        }
        while (!bytes.IsEmpty);
    }

    public override void Dispose() => socket.Dispose();
}

/// <summary>A stream: TLS over a socket, or what a user's tunnel gives.</summary>
internal sealed class StreamTransport(Stream stream) : Transport
{
    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => stream.ReadAsync(buffer, CancellationToken.None);

    public override ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes, CancellationToken.None);

    public override void Dispose() => stream.Dispose();
}

/// <summary>A pair of pipes: in-memory tests and tunnels.</summary>
internal sealed class PipeTransport(IDuplexPipe pipe) : Transport
{
    private readonly Stream _input = pipe.Input.AsStream();

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _input.ReadAsync(buffer, CancellationToken.None);

    public override async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
        => _ = await pipe.Output.WriteAsync(bytes, CancellationToken.None).ConfigureAwait(false);

    public override void Dispose()
    {
        pipe.Output.Complete();
        pipe.Input.CancelPendingRead();
    }
}
