// A transport without a network: the test says how its bytes are cut.
using System.Threading.Channels;
using ClusterClient.Connections;

namespace ClusterClient.UnitTests.Fakes;

/// <summary>Gives each chunk in receives of its own, so that a reply is cut exactly where a test wants it, and counts what is sent.</summary>
internal sealed class ScriptedTransport : Transport
{
    private readonly Channel<ReadOnlyMemory<byte>> _chunks = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();
    private ReadOnlyMemory<byte> _rest;
    private long _sent;

    public long SentBytes => Volatile.Read(ref _sent);

    public void Deliver(ReadOnlyMemory<byte> chunk) => Assert.True(_chunks.Writer.TryWrite(chunk));

    public override async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        if (_rest.IsEmpty)
        {
            if (!await _chunks.Reader.WaitToReadAsync()) return 0;
            _chunks.Reader.TryRead(out _rest);
        }

        int length = Math.Min(buffer.Length, _rest.Length);
        _rest.Span[..length].CopyTo(buffer.Span);
        _rest = _rest[length..];
        return length;
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        Interlocked.Add(ref _sent, bytes.Length);
        return ValueTask.CompletedTask;
    }

    public override void Dispose() => _chunks.Writer.TryComplete();
}
