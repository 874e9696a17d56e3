// A connection of a test's own to one server: one command at a time on the caller's thread, with nothing of the client in between.
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Failover;

/// <summary>What a server answered.</summary>
/// <param name="Type">The first byte on the wire (RESP2).</param>
/// <param name="Text">A string, number or error; null for nothing and for arrays.</param>
/// <param name="Items">The elements of an array.</param>
internal sealed record RawReply(char Type, string? Text, IReadOnlyList<RawReply> Items)
{
    internal bool IsError => Type == '-';

    internal long Number => long.Parse(Text!, CultureInfo.InvariantCulture);
}

/// <summary>Blocks its thread, so that what it measures does not depend on the thread pool that the load keeps busy.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly BufferedStream _stream;

    internal RawConnection(LocalNode node, int timeoutMilliseconds = 10_000)
    {
        try
        {
            _socket.Connect(node.Host, node.Port);
            _socket.ReceiveTimeout = timeoutMilliseconds;
            _stream = new BufferedStream(new NetworkStream(_socket));
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    internal RawReply Execute(params string[] command)
    {
        StringBuilder text = new($"*{command.Length}\r\n");
        foreach (string part in command) text.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n");
        _socket.Send(Encoding.UTF8.GetBytes(text.ToString()));
        return Read();
    }

    /// <summary>What the server says about itself (INFO), as the client reads it.</summary>
    internal ServerInfo Info(string section) => new(Execute("INFO", section).Text!);

    /// <summary>Waits for the end of the connection, for so long: what asks again and again leaves the server that much time in between, and learns of its end at once.</summary>
    /// <param name="milliseconds">How long at the most.</param>
    /// <exception cref="IOException">The server closed the connection.</exception>
    internal void AwaitEnd(int milliseconds)
    {
        // Between two replies nothing is due: what can be read is the end.
        if (_socket.Poll(TimeSpan.FromMilliseconds(milliseconds), SelectMode.SelectRead)) throw new IOException("The server closed the connection.");
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private RawReply Read()
    {
        string line = ReadLine();
        switch (line[0])
        {
            case '$':
                int length = int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
                if (length < 0) return new('$', null, []);
                byte[] bytes = new byte[length + 2];
                _stream.ReadExactly(bytes);
                return new('$', Encoding.UTF8.GetString(bytes, 0, length), []);
            case '*':
                int count = int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
                return new('*', null, [.. Enumerable.Range(0, Math.Max(0, count)).Select(_ => Read())]);
            default:
                return new(line[0], line[1..], []);
        }
    }

    private string ReadLine()
    {
        StringBuilder line = new();
        while (true)
        {
            int next = _stream.ReadByte();
            if (next < 0) throw new IOException("The server closed the connection.");
            if (next == '\r')
            {
                _stream.ReadByte();
                return line.ToString();
            }

            line.Append((char)next);
        }
    }
}
