// The reading half of a connection: one loop that receives, finds whole frames and hands them on.
using System.Buffers;
using ClusterClient.Protocol;

namespace ClusterClient.Connections;

/// <summary>
/// Receives into one contiguous buffer and hands each whole frame to the connection. The buffer grows only as bytes
/// really arrive, whatever a length announces, and shrinks again when the large frame has gone.
/// </summary>
internal sealed class ReplyReader(Connection connection, Transport transport, RespLimits limits)
{
    private const int ResidentSize = 16 * 1024;

    /// <summary>How large the buffer may grow just because receives fill it to the brim.</summary>
    private const int MaxEagerSize = 256 * 1024;

    /// <summary>After so many receives that a quarter of the buffer would have held, it is halved.</summary>
    private const int QuietReceives = 256;

    private readonly byte[] _resident = GC.AllocateUninitializedArray<byte>(ResidentSize);
    private RespFrameScanner _scanner = new(limits);
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _quiet;

    /// <summary>When the last byte came, on the clock of <see cref="Environment.TickCount64"/>.</summary>
    internal long LastReceived { get; private set; } = Environment.TickCount64;

    internal long Receives { get; private set; }

    /// <summary>How many replies came with the last receive: a measure of how many callers there are.</summary>
    internal int LastBatch { get; private set; }

    /// <summary>Reads until the connection ends; gives the reason.</summary>
    internal async Task<Exception> RunAsync()
    {
        _buffer = _resident;
        try
        {
            while (true)
            {
                int received = await transport.ReceiveAsync(_buffer.AsMemory(_end)).ConfigureAwait(false);
                if (received == 0) return new EndOfStreamException("the server closed the connection");
                LastReceived = Environment.TickCount64;
                Receives++;
                _end += received;
                Process();
                MakeRoom(received);
            }
        }
        catch (Exception failure)
        {
            return failure;
        }
        finally
        {
            Replace(_resident, 0);
        }
    }

    private void Process()
    {
        int frames = 0;
        while (_start < _end)
        {
            ReadOnlySpan<byte> unread = _buffer.AsSpan(_start, _end - _start);
            if (!_scanner.TryScan(unread, out int length)) break;
            _start += length;
            frames++;
            connection.OnFrame(unread[..length], _scanner.FrameType);
        }

        if (frames == 0) return;
        LastBatch = frames;
        connection.OnBatchEnd();
    }

    private void MakeRoom(int received)
    {
        int unread = _end - _start;
        if (unread == 0)
        {
            _start = _end = 0;
            Resize(received);
            return;
        }

        // A frame is incomplete. Its announced length is a goal that is approached as fast as its bytes arrive.
        int needed = Math.Max(_scanner.NeededLength, unread + 1);
        if (needed <= _buffer.Length)
        {
            if (_start + needed <= _buffer.Length && _end < _buffer.Length) return;
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, unread);
            _start = 0;
            _end = unread;
            return;
        }

        int size = (int)Math.Min(needed, Math.Max(MaxEagerSize, 4L * unread));
        Replace(ArrayPool<byte>.Shared.Rent(Math.Max(size, unread + 1)), unread);
    }

    /// <summary>Fits an empty buffer to the flow: bursts get more room per receive, and an idle connection gives it back.</summary>
    private void Resize(int received)
    {
        if (_buffer.Length > MaxEagerSize)
        {
            Replace(_resident, 0);
        }
        else if (received == _buffer.Length && _buffer.Length < MaxEagerSize)
        {
            Replace(ArrayPool<byte>.Shared.Rent(_buffer.Length * 4), 0);
            _quiet = 0;
        }
        else if (_buffer.Length > ResidentSize && received <= _buffer.Length / 4 && ++_quiet >= QuietReceives)
        {
            Replace(_resident, 0);
            _quiet = 0;
        }
    }

    private void Replace(byte[] next, int unread)
    {
        byte[] used = _buffer;
        if (ReferenceEquals(used, next)) return;
        Buffer.BlockCopy(used, _start, next, 0, unread);
        _buffer = next;
        _start = 0;
        _end = unread;
        if (used.Length > 0 && !ReferenceEquals(used, _resident)) ArrayPool<byte>.Shared.Return(used);
    }
}
