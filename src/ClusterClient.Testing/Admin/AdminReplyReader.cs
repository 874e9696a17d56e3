// Reads RESP2 replies from a stream, one after the other.
using System.Globalization;
using System.Text;

namespace ClusterClient.Testing.Admin;

internal sealed class AdminReplyReader(Stream stream)
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    public async Task<AdminReply> ReadAsync(CancellationToken cancellationToken)
    {
        var line = await ReadLineAsync(cancellationToken).ConfigureAwait(false);
        if (line.Length == 0)
            throw new LocalTopologyException("the server sent an empty line where a reply was due.");
        var rest = line[1..];
        switch ((char)line[0])
        {
            case '+': return new AdminReply(AdminReplyKind.Status, rest, []);
            case '-': return new AdminReply(AdminReplyKind.Error, rest, []);
            case ':': return new AdminReply(AdminReplyKind.Number, rest, []);
            case '$':
                var length = Length(rest);
                return length < 0
                    ? new AdminReply(AdminReplyKind.Null, [], [])
                    : new AdminReply(AdminReplyKind.Bulk, await ReadBytesAsync(length, cancellationToken).ConfigureAwait(false), []);
            case '*':
                var count = Length(rest);
                if (count < 0)
                    return new AdminReply(AdminReplyKind.Null, [], []);
                var items = new List<AdminReply>();
                for (var i = 0; i < count; i++)
                    items.Add(await ReadAsync(cancellationToken).ConfigureAwait(false));
                return new AdminReply(AdminReplyKind.Array, [], items);
            default:
                throw new LocalTopologyException($"the server sent a reply of unknown type 0x{line[0]:x2}: is it a Redis, and is TLS set alike on both ends?");
        }
    }

    private static int Length(byte[] digits) => int.Parse(Encoding.ASCII.GetString(digits), CultureInfo.InvariantCulture);

    private async Task<byte[]> ReadLineAsync(CancellationToken cancellationToken)
    {
        var searched = 0;
        while (true)
        {
            var end = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf("\r\n"u8);
            if (end >= 0)
            {
                var line = _buffer.AsSpan(_start, searched + end).ToArray();
                _start += searched + end + 2;
                return line;
            }
            searched = Math.Max(0, _end - _start - 1);
            await FillAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<byte[]> ReadBytesAsync(int length, CancellationToken cancellationToken)
    {
        while (_end - _start < length + 2)
            await FillAsync(cancellationToken).ConfigureAwait(false);
        var bytes = _buffer.AsSpan(_start, length).ToArray();
        _start += length + 2;
        return bytes;
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        if (read == 0)
            throw new EndOfStreamException("the server closed the connection.");
        _end += read;
    }
}
