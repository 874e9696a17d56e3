// Replies out of a ReadOnlySequence: what users of System.IO.Pipelines have in hand.
using System.Buffers;

namespace ClusterClient.Protocol;

/// <summary>Reads whole replies from a <see cref="ReadOnlySequence{T}"/> of bytes.</summary>
public static class RespParser
{
    /// <summary>Reads one reply, if all of it has come.</summary>
    /// <param name="sequence">What has come; on success it is moved behind the reply.</param>
    /// <param name="value">The reply, independent of the sequence.</param>
    /// <returns>False when more bytes are needed.</returns>
    /// <exception cref="RedisProtocolException">The bytes are malformed.</exception>
    public static bool TryParse(ref ReadOnlySequence<byte> sequence, out RespValue value)
    {
        var scanner = new RespFrameScanner(RespLimits.Default);
        if (scanner.TryScan(sequence.FirstSpan, out int length))
        {
            value = Read(sequence.FirstSpan[..length]);
            sequence = sequence.Slice(length);
            return true;
        }

        value = default;
        if (sequence.IsSingleSegment || scanner.NeededLength > sequence.Length)
        {
            return false;
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(checked((int)sequence.Length));
        try
        {
            sequence.CopyTo(rented);
            if (!scanner.TryScan(rented.AsSpan(0, (int)sequence.Length), out length))
            {
                return false;
            }

            value = Read(rented.AsSpan(0, length));
            sequence = sequence.Slice(length);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static RespValue Read(ReadOnlySpan<byte> frame)
    {
        var reader = new RespReader(frame);
        reader.Read();
        return reader.ReadTree();
    }
}
