// Replies out of a ReadOnlySequence: what users of System.IO.Pipelines have in hand.
using System.Buffers;

namespace ClusterClient.Protocol;

/// <summary>
/// Reads replies from a <see cref="ReadOnlySequence{T}"/> of bytes. Not thread-safe. A reply that lies in one segment is
/// read in place; one that is spread over several is gathered in a pooled buffer, each byte once.
/// </summary>
/// <param name="limits">What the peer may send; null for <see cref="RespLimits.Default"/>.</param>
public sealed class RespParser(RespLimits? limits = null) : IDisposable
{
    private const int SmallestBuffer = 1024;

    private RespFrameScanner _scanner = new(limits ?? RespLimits.Default);
    private byte[] _gathered = [];
    private int _count;

    /// <summary>Reads one reply, if all of it is there.</summary>
    /// <param name="sequence">What has come; on success it is moved behind the reply, else it is left as it is.</param>
    /// <param name="value">The reply, independent of the sequence.</param>
    /// <returns>False when more bytes are needed.</returns>
    /// <remarks>Every call starts anew: where replies arrive in pieces, <see cref="TryRead"/> looks at each byte only once.</remarks>
    /// <exception cref="RedisProtocolException">The bytes are malformed.</exception>
    public static bool TryParse(ref ReadOnlySequence<byte> sequence, out RespValue value)
    {
        using var parser = new RespParser();
        ReadOnlySequence<byte> rest = sequence;
        bool read = parser.TryRead(ref rest, out value);
        sequence = read ? rest : sequence;
        return read;
    }

    /// <summary>Reads one reply, if all of it has come by now.</summary>
    /// <param name="sequence">
    /// What has come and was not consumed. On success it is moved behind the reply; on failure to its end, for the parser
    /// has kept the bytes: pass what comes after them next time (with a <c>PipeReader</c>: <c>AdvanceTo(sequence.Start)</c>).
    /// </param>
    /// <param name="value">The reply, independent of the sequence.</param>
    /// <returns>False when more bytes are needed.</returns>
    /// <exception cref="RedisProtocolException">The bytes are malformed. The parser and its source are of no more use.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> sequence, out RespValue value)
    {
        if (_count == 0 && _scanner.TryScan(sequence.FirstSpan, out int length))
        {
            value = ReadTree(sequence.FirstSpan[..length]);
            sequence = sequence.Slice(length);
            return true;
        }

        long passed = 0;
        foreach (ReadOnlyMemory<byte> segment in sequence)
        {
            int before = _count;
            Append(segment.Span);
            if (_scanner.TryScan(_gathered.AsSpan(0, _count), out length))
            {
                value = ReadTree(_gathered.AsSpan(0, length));
                sequence = sequence.Slice(passed + length - before);
                Dispose();
                return true;
            }

            passed += segment.Length;
        }

        sequence = sequence.Slice(sequence.End);
        value = default;
        return false;
    }

    /// <summary>Gives the buffer back and forgets what was gathered; the parser can be used again.</summary>
    public void Dispose()
    {
        byte[] gathered = _gathered;
        _gathered = [];
        _count = 0;
        _scanner.Reset();
        if (gathered.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(gathered);
        }
    }

    // Grows with what has come, never with what a header announces.
    private void Append(ReadOnlySpan<byte> segment)
    {
        int count = checked(_count + segment.Length);
        if (count > _gathered.Length)
        {
            int size = (int)Math.Min(Math.Max(2L * count, SmallestBuffer), Array.MaxLength);
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(size, count));
            _gathered.AsSpan(0, _count).CopyTo(larger);
            byte[] former = _gathered;
            _gathered = larger;
            if (former.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(former);
            }
        }

        segment.CopyTo(_gathered.AsSpan(_count));
        _count = count;
    }

    private static RespValue ReadTree(ReadOnlySpan<byte> frame)
    {
        var reader = new RespReader(frame);
        reader.Read();
        return reader.ReadTree();
    }
}
