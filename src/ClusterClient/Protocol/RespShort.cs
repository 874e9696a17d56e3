// The elements most replies are made of, recognised in one go: +OK, :5, $5 with its bytes, and RESP2's null.
using System.Buffers.Binary;

namespace ClusterClient.Protocol;

// 0 says everywhere: not one of these, or not all there, or not well-formed; the long way finds out which.
internal static class RespShort
{
    private const ushort LineEnd = ('\n' << 8) | '\r';

    // More digits could overflow.
    private const int MaxLengthDigits = 9;
    private const int MaxIntegerDigits = 18;

    // The position after the element at a position.
    internal static int Scan(ReadOnlySpan<byte> buffer, int position, int maxBulk)
    {
        ReadOnlySpan<byte> bytes = buffer[position..];
        if (bytes.Length < 4)
        {
            return 0;
        }

        int end = 0;
        switch ((RespType)bytes[0])
        {
            case RespType.BulkString:
                end = Bulk(bytes, out int start);
                if (end == 0)
                {
                    end = bytes.StartsWith("$-1\r\n"u8) ? 5 : 0;
                }
                else if (end - start - 2 > maxBulk)
                {
                    end = 0;
                }

                break;
            case RespType.Integer:
                end = Integer(bytes, out _);
                break;
            case RespType.SimpleString:
                end = bytes.StartsWith("+OK\r\n"u8) ? 5 : 0;
                break;
        }

        return end == 0 ? 0 : position + end;
    }

    // The end of a bulk string (or another type with a length) at the start of the bytes, and where its payload starts,
    // which ends two bytes before the end.
    internal static int Bulk(ReadOnlySpan<byte> bytes, out int start)
    {
        start = 0;
        uint length = 0;
        int i = 1;
        while (true)
        {
            if ((uint)i >= (uint)bytes.Length)
            {
                return 0;
            }

            uint digit = (uint)bytes[i] - '0';
            if (digit > 9)
            {
                break;
            }

            length = (length * 10) + digit;
            i++;
        }

        int end = i + 2 + (int)length;
        if ((uint)(i - 2) >= MaxLengthDigits || (uint)end > (uint)bytes.Length - 2 || !IsLineEnd(bytes, i) || !IsLineEnd(bytes, end))
        {
            return 0;
        }

        start = i + 2;
        return end + 2;
    }

    // The end of an integer at the start of the bytes.
    internal static int Integer(ReadOnlySpan<byte> bytes, out long value)
    {
        value = 0;
        if (bytes.Length < 4)
        {
            return 0;
        }

        bool negative = bytes[1] == '-';
        int first = negative ? 2 : 1;
        int i = first;
        long magnitude = 0;
        while ((uint)i < (uint)bytes.Length)
        {
            uint digit = (uint)bytes[i] - '0';
            if (digit > 9)
            {
                break;
            }

            magnitude = (magnitude * 10) + digit;
            i++;
        }

        if (i == first || i - first > MaxIntegerDigits || i > bytes.Length - 2 || !IsLineEnd(bytes, i))
        {
            return 0;
        }

        value = negative ? -magnitude : magnitude;
        return i + 2;
    }

    private static bool IsLineEnd(ReadOnlySpan<byte> bytes, int i) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[i..]) == LineEnd;
}
