// The reading half of a connection: one loop that receives, finds whole frames and hands them on.
using System.Buffers;
using System.Runtime.CompilerServices;
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

    /// <summary>From this size on a value is received into an array of its own, which a lease takes over.</summary>
    private const int OwnArraySize = 32 * 1024;

    /// <summary>Up to this size a length is believed at once; room for a larger one is made as its bytes arrive.</summary>
    private const int BelievedSize = 4 * 1024 * 1024;

    /// <summary>After so many receives that a quarter of the buffer would have held, it is halved.</summary>
    private const int QuietReceives = 256;

    private readonly byte[] _resident = GC.AllocateUninitializedArray<byte>(ResidentSize);
    private readonly FrameBuffer _offer = new();
    private readonly TaskCompletionSource<Exception> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RespFrameScanner _scanner = new(limits);
    private Action? _onReceived;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _awaiter;
    private CompletionBatch? _batch;
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _limit;
    private int _quiet;

    /// <summary>When the last byte came, on the clock of <see cref="Environment.TickCount64"/>.</summary>
    internal long LastReceived { get; private set; } = Environment.TickCount64;

    internal long Receives { get; private set; }

    /// <summary>How many replies came with the last receive: a measure of how many callers there are.</summary>
    internal int LastBatch { get; private set; }

    /// <summary>Reads until the connection ends; gives the reason.</summary>
    internal Task<Exception> RunAsync()
    {
        _buffer = _resident;
        _limit = _buffer.Length;
        _onReceived = OnReceived;
        Receive();
        return _ended.Task;
    }

    /// <summary>A call's reply is read and something awaits it.</summary>
    internal void Answered(Operation operation)
    {
        (_batch ??= CompletionBatch.Rent()).Add(operation);
        if (_batch.Count == CompletionBatch.Capacity) TakeBatch()!.RunElsewhere();
    }

    /// <summary>Receives and hands on until no more is there. A chain of callbacks and no async method: who was answered goes on after the next receive has begun.</summary>
    private void Receive()
    {
        while (true)
        {
            CompletionBatch? batch = null;
            bool isPending;
            try
            {
#pragma warning disable CA2012 // The awaiter is consumed once, by TryTake.
                _awaiter = transport.ReceiveAsync(_buffer.AsMemory(_end, _limit - _end)).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
                isPending = !_awaiter.IsCompleted;
                if (isPending)
                {
                    batch = TakeBatch();
                    _awaiter.UnsafeOnCompleted(_onReceived!);
                }
            }
            catch (Exception failure)
            {
                batch?.RunElsewhere();
                End(failure);
                return;
            }

            if (isPending)
            {
                // Another thread may be the reader by now: this one is the callers', unless the application has sockets complete on their
                // engine's own thread, which no caller may hold up.
                if (Thread.CurrentThread.IsThreadPoolThread) batch?.Run();
                else batch?.RunElsewhere();
                return;
            }

            // More is there already: those who were answered need not wait until it is read.
            TakeBatch()?.RunElsewhere();
            if (!TryTake()) return;
        }
    }

    private void OnReceived()
    {
        if (TryTake()) Receive();
    }

    /// <summary>Takes what was received and hands on the frames in it. False when the connection has ended.</summary>
    private bool TryTake()
    {
        try
        {
#pragma warning disable VSTHRD002 // The receive has completed: this only takes its result.
            int received = _awaiter.GetResult();
#pragma warning restore VSTHRD002
            if (received == 0) throw new EndOfStreamException("the server closed the connection");
            LastReceived = Environment.TickCount64;
            Receives++;
            _end += received;
            Process();
            MakeRoom(received);
            return true;
        }
        catch (Exception failure)
        {
            End(failure);
            return false;
        }
    }

    private void End(Exception failure)
    {
        TakeBatch()?.RunElsewhere();
        Replace(_resident, 0);
        _ended.SetResult(failure);
    }

    private CompletionBatch? TakeBatch()
    {
        CompletionBatch? batch = _batch;
        _batch = null;
        return batch;
    }

    private void Process()
    {
        int frames = 0;
        while (_start < _end)
        {
            ReadOnlySpan<byte> unread = _buffer.AsSpan(_start, _end - _start);
            if (!_scanner.TryScan(unread, out int length)) break;
            frames++;
            if (_start == 0 && length == _end && IsOwnArray(length))
            {
                HandOver(length);
                break;
            }

            _start += length;
            connection.OnFrame(unread[..length], _scanner.FrameType, buffer: null);
        }

        if (frames == 0) return;
        LastBatch = frames;
        connection.OnBatchEnd();
    }

    private bool IsOwnArray(int length) => length >= OwnArraySize && length >= _buffer.Length / 4 && !ReferenceEquals(_buffer, _resident);

    /// <summary>Hands on a large frame that has the buffer for itself, and the buffer with it if it is wanted.</summary>
    private void HandOver(int length)
    {
        _offer.Offer(_buffer, 0);
        _start = length;
        try
        {
            connection.OnFrame(_buffer.AsSpan(0, length), _scanner.FrameType, _offer);
        }
        finally
        {
            if (_offer.IsTaken)
            {
                _buffer = _resident;
                _start = _end = 0;
            }

            _offer.Withdraw();
        }
    }

    private void MakeRoom(int received)
    {
        FitBuffer(received);

        // The bytes behind a large value belong to the next reply: they are not received into its array.
        int needed = _end - _start == 0 ? 0 : _scanner.NeededLength;
        bool isLarge = _start == 0 && needed > _end && IsOwnArray(needed) && _buffer[0] == (byte)RespType.BulkString && _buffer[1] != (byte)'?';
        _limit = isLarge ? Math.Min(needed, _buffer.Length) : _buffer.Length;
    }

    private void FitBuffer(int received)
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

        int size = needed <= BelievedSize ? needed : (int)Math.Min(needed, Math.Max(BelievedSize, 4L * unread));
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
