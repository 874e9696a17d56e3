// One accepted connection of a fake server: reads commands, records them, carries out the answers in order.
using System.Buffers;
using System.Net.Sockets;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Fakes;

internal sealed class FakeConnection
{
    private const int FlushAt = 64 * 1024;
    private readonly FakeServer _server;
    private readonly Socket _socket;
    private readonly ArrayBufferWriter<byte> _unsent = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RespFrameScanner _scanner = new(RespLimits.Default);
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;
    private volatile bool _isHeld;

    public FakeConnection(FakeServer server, Socket socket, int number)
    {
        _server = server;
        _socket = socket;
        Number = number;
        socket.NoDelay = true;
    }

    /// <summary>Which connection of its server it is, from 1.</summary>
    public int Number { get; }

    /// <summary>What the handshake agreed on.</summary>
    public int Protocol { get; set; } = 2;

    public bool IsAuthenticated { get; set; }

    public string? ClientName { get; set; }

    public int Database { get; set; }

    /// <summary>Whether the command before this one was ASKING.</summary>
    public bool Asking { get; set; }

    /// <summary>Whether it said READONLY: a replica answers its reads then.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Ends when the connection has, from either side.</summary>
    public Task Ended => _ended.Task;

    public bool IsOpen => !_ended.Task.IsCompleted;

    /// <summary>How many bytes wait unread in the kernel's buffer.</summary>
    public int Unread => _socket.Available;

    /// <summary>Whether the client has closed its side, seen even while a script holds the connection still; what was not read is dropped then.</summary>
    public bool IsLeftByClient
    {
        get
        {
            try
            {
                if (!IsOpen) return true;
                if (!_isHeld) return false;
                while (_socket.Available > 0) _socket.Receive(new byte[_socket.Available]);
                return _socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0;
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                return true;
            }
        }
    }

    /// <summary>Sends bytes that no command asked for: pushes, garbage.</summary>
    public async Task SendAsync(FakeAnswer answer)
    {
        foreach (FakeStep step in answer.Steps)
        {
            // Not through what is unsent: the answer to a command may just be on its way from there.
            if (step.Kind == FakeStepKind.Write) await SendAsync(step.Bytes);
            else await DoAsync(step);
        }
    }

    /// <summary>Closes in an orderly way, whatever has not been read.</summary>
    public void Close() => _socket.Dispose();

    /// <summary>Closes with a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Dispose();
    }

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            if (_server.Greeting is { } greeting) await SendAsync(greeting(this));
            while (await ReceiveAsync(stop)) await ServeAsync(stop);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client, the script or the end of the test closed it.
        }
        finally
        {
            _socket.Dispose();
            _ended.TrySetResult();
        }
    }

    private async ValueTask<bool> ReceiveAsync(CancellationToken stop)
    {
        Task mayRead = _server.Reading.WaitAsync();
        if (!mayRead.IsCompleted) await mayRead.WaitAsync(stop);
        if (_end == _buffer.Length) MakeRoom();
        int received = await _socket.ReceiveAsync(_buffer.AsMemory(_end), stop);
        _end += received;
        return received > 0;
    }

    private void MakeRoom()
    {
        byte[] next = _start > 0 ? _buffer : new byte[_buffer.Length * 2];
        Buffer.BlockCopy(_buffer, _start, next, 0, _end - _start);
        _buffer = next;
        _end -= _start;
        _start = 0;
    }

    private async ValueTask ServeAsync(CancellationToken stop)
    {
        while (TryRead(out FakeCommand? command))
        {
            FakeAnswer answer = _server.Answer(command);
            Asking = command.Is("ASKING");
            foreach (FakeStep step in answer.Steps)
            {
                if (step.Kind == FakeStepKind.Write && _unsent.WrittenCount + step.Bytes.Length < FlushAt) _unsent.Write(step.Bytes.Span);
                else await DoAsync(step).WaitAsync(stop);
            }
        }

        await FlushAsync();
        if (_start == _end) _start = _end = 0;
    }

    private bool TryRead([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out FakeCommand? command)
    {
        command = null;
        try
        {
            if (_start == _end || !_scanner.TryScan(_buffer.AsSpan(_start, _end - _start), out int length)) return false;
            RespReader reader = new(_buffer.AsSpan(_start, length));
            byte[][]? words = Read(ref reader);
            if (words is null) throw new RedisProtocolException("A command has to be an array of bulk strings.");
            _start += length;
            command = _server.Note(this, words, length);
            return true;
        }
        catch (RedisProtocolException broken)
        {
            _server.ReportViolation($"connection {Number}: {broken.Message}");
            throw new SocketException((int)SocketError.ConnectionAborted);
        }
    }

    /// <summary>The words of a command; null when it is none, for a server takes nothing but arrays of bulk strings.</summary>
    private static byte[][]? Read(ref RespReader reader)
    {
        if (!reader.Read() || reader.Type != RespType.Array || reader.IsNull || reader.Count == 0) return null;
        byte[][] words = new byte[reader.Count][];
        for (int i = 0; i < words.Length; i++)
        {
            if (!reader.Read() || reader.Type != RespType.BulkString || reader.IsNull) return null;
            words[i] = reader.Span.ToArray();
        }

        return words;
    }

    private async Task DoAsync(FakeStep step)
    {
        switch (step.Kind)
        {
            case FakeStepKind.Write:
                _unsent.Write(step.Bytes.Span);
                await FlushAsync();
                break;
            case FakeStepKind.WriteByteByByte:
                await FlushAsync();
                for (int i = 0; i < step.Bytes.Length; i++)
                {
                    await _socket.SendAsync(step.Bytes.Slice(i, 1));
                    await Task.Yield();
                }

                break;
            case FakeStepKind.Wait:
                await FlushAsync();
                _isHeld = true;
                await step.Gate!.WaitAsync();
                _isHeld = false;
                break;
            case FakeStepKind.Close:
                await FlushAsync();
                Close();
                throw new ObjectDisposedException(nameof(FakeConnection));
            default:
                await FlushAsync();
                Reset();
                throw new ObjectDisposedException(nameof(FakeConnection));
        }
    }

    private async Task FlushAsync()
    {
        if (_unsent.WrittenCount == 0) return;
        await SendAsync(_unsent.WrittenMemory);
        _unsent.ResetWrittenCount();
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _sending.WaitAsync();
        try
        {
            for (int sent = 0; sent < bytes.Length;) sent += await _socket.SendAsync(bytes[sent..]);
        }
        finally
        {
            _sending.Release();
        }
    }
}
