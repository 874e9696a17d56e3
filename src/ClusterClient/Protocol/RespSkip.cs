// Passes over whole elements of complete frames without looking at their contents.
namespace ClusterClient.Protocol;

internal static class RespSkip
{
    // The position after the element at a position and after the attributes before it. Counted aggregates need no stack,
    // only how many elements are still to come; streamed ones recurse, so their depth is bounded.
    internal static int Element(ReadOnlySpan<byte> bytes, int position, int depth = 0)
    {
        long pending = 1;
        while (pending > 0)
        {
            if ((uint)position >= (uint)bytes.Length)
            {
                RespError.ThrowTruncated(bytes, position);
            }

            var type = (RespType)bytes[position];
            switch (type)
            {
                case RespType.BulkString or RespType.BlobError or RespType.VerbatimString:
                    int start = Length(bytes, position, out int length);
                    position = length >= 0 ? Payload(bytes, position, start, length)
                        : length == RespLine.Streamed ? Chunks(bytes, start, out _)
                        : start;
                    pending--;
                    break;
                case RespType.SimpleString or RespType.Error or RespType.Integer or RespType.Double
                    or RespType.Boolean or RespType.BigNumber or RespType.Null:
                    position = Line(bytes, position) + 2;
                    pending--;
                    break;
                case RespType.Array or RespType.Map or RespType.Set or RespType.Push or RespType.Attribute:
                    position = Header(bytes, position, out int elements);
                    position = elements == RespLine.Streamed ? Streamed(bytes, position, depth + 1, out _) : position;
                    pending += Math.Max(elements, 0) - (type == RespType.Attribute ? 0 : 1);
                    break;
                default:
                    RespError.ThrowUnknownType(bytes, position);
                    break;
            }
        }

        return position;
    }

    // Counts the elements of a streamed aggregate; the position after its end mark.
    internal static int Streamed(ReadOnlySpan<byte> bytes, int position, int depth, out int count)
    {
        if (depth > RespLimits.DepthCeiling)
        {
            RespError.ThrowOverLimit(bytes, position, "nesting", RespLimits.DepthCeiling, nameof(RespLimits.MaxDepth));
        }

        for (count = 0; (uint)position >= (uint)bytes.Length || bytes[position] != '.'; count++)
        {
            position = Element(bytes, position, depth);
        }

        return End(bytes, position);
    }

    // The position after the end mark of a streamed aggregate.
    internal static int End(ReadOnlySpan<byte> bytes, int position) =>
        Complete(bytes, position, RespLine.EndOfLine(bytes, position, position + 1));

    // The position of the CR that ends a line, whose text is valid for its type.
    internal static int Line(ReadOnlySpan<byte> bytes, int position)
    {
        int end = RespLine.FindEnd(bytes, position, position + 1);
        if (end < 0)
        {
            RespError.ThrowTruncated(bytes, position);
        }

        return end;
    }

    // The position after a header with a length, which may be Null or Streamed where the type allows it.
    internal static int Length(ReadOnlySpan<byte> bytes, int position, out int length) =>
        Complete(bytes, position, RespLine.ReadLength(bytes, position, out length));

    // The position after so many bytes and CRLF.
    internal static int Payload(ReadOnlySpan<byte> bytes, int position, int start, int length)
    {
        if (length > bytes.Length - start - 2)
        {
            RespError.ThrowTruncated(bytes, position);
        }

        return RespLine.EndOfLine(bytes, position, start + length);
    }

    // The position after the last chunk of a streamed string, and the length of them all.
    internal static int Chunks(ReadOnlySpan<byte> bytes, int position, out int total)
    {
        total = 0;
        while (true)
        {
            if ((uint)position >= (uint)bytes.Length || bytes[position] != ';')
            {
                RespError.Throw(bytes, position, RespError.NoChunk);
            }

            int start = Length(bytes, position, out int length);
            if (length == 0)
            {
                return start;
            }

            position = Payload(bytes, position, start, length);
            total += length;
        }
    }

    // The position after an aggregate's header, and how many elements it announces: Null and Streamed are possible.
    internal static int Header(ReadOnlySpan<byte> bytes, int position, out int elements)
    {
        int next = Length(bytes, position, out int length);
        long count = length > 0 && bytes[position] is (byte)RespType.Map or (byte)RespType.Attribute ? 2L * length : length;
        if (count > (bytes.Length - next) / RespLine.ShortestElement)
        {
            RespError.ThrowTruncated(bytes, position);
        }

        elements = (int)count;
        return next;
    }

    private static int Complete(ReadOnlySpan<byte> bytes, int position, int next)
    {
        if (next == 0)
        {
            RespError.ThrowTruncated(bytes, position);
        }

        return next;
    }
}
