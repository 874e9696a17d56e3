// A plain request-and-reply connection for preparing and asking servers, independent of every client that is measured.
using System.Globalization;
using System.Text;

namespace ClusterClient.Bench.Load;

/// <summary>One command at a time, RESP2, nothing clever: what measures must not depend on what is measured.</summary>
internal sealed class AdminConnection : IAsyncDisposable
{
    private readonly Node _node;
    private readonly BufferedStream _stream;
    private readonly byte[] _one = new byte[1];

    private AdminConnection(Node node, Stream stream)
    {
        _node = node;
        _stream = new BufferedStream(stream, 64 << 10);
    }

    public static async Task<AdminConnection> ConnectAsync(Target target, Node node, CancellationToken cancellationToken) =>
        new(node, await target.OpenAsync(node, cancellationToken));

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    public Task<object?> ExecuteAsync(string command, CancellationToken cancellationToken) =>
        ExecuteAsync([.. command.Split(' ').Select(Encoding.UTF8.GetBytes)], cancellationToken);

    /// <summary>A string, a long, an <c>object?[]</c>, or null.</summary>
    /// <exception cref="InvalidOperationException">The server answered an error.</exception>
    public async Task<object?> ExecuteAsync(byte[][] command, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(Encode(command), cancellationToken);
        await _stream.FlushAsync(cancellationToken);
        object? reply = await ReadAsync(cancellationToken);
        if (reply is ServerError error)
            throw new InvalidOperationException($"{_node} refused {Encoding.UTF8.GetString(command[0])}: {error.Message}");

        return reply;
    }

    /// <summary>The command as it goes on the wire.</summary>
    public static byte[] Encode(byte[][] command)
    {
        using var bytes = new MemoryStream();
        bytes.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"*{command.Length}\r\n")));
        foreach (byte[] argument in command)
        {
            bytes.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"${argument.Length}\r\n")));
            bytes.Write(argument);
            bytes.Write("\r\n"u8);
        }

        return bytes.ToArray();
    }

    private async Task<object?> ReadAsync(CancellationToken cancellationToken)
    {
        string line = await ReadLineAsync(cancellationToken);
        switch (line[0])
        {
            case '+':
                return line[1..];
            case '-':
                return new ServerError(line[1..]);
            case ':':
                return long.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
            case '$':
                int length = int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
                return length < 0 ? null : await ReadBulkAsync(length, cancellationToken);
            case '*':
                int count = int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
                if (count < 0) return null;
                object?[] items = new object?[count];
                for (int i = 0; i < items.Length; i++) items[i] = await ReadAsync(cancellationToken);
                return items;
            default:
                throw new InvalidDataException($"{_node} does not speak RESP2: it answered '{line}'.");
        }
    }

    private async Task<string> ReadBulkAsync(int length, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[length + 2];
        await _stream.ReadExactlyAsync(bytes, cancellationToken);
        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        while (true)
        {
            await _stream.ReadExactlyAsync(_one, cancellationToken);
            if (_one[0] == '\n' && line.Length > 1) return line.ToString(0, line.Length - 1);
            line.Append((char)_one[0]);
        }
    }

    private sealed record ServerError(string Message);
}
