// The lines RESP is made of: a type byte, text and CRLF. Shared by the scanner and the reader.
namespace ClusterClient.Protocol;

internal static class RespLine
{
    internal const int Null = -1;
    internal const int Streamed = -2;

    // "_\r\n": what an announced count has to be justified by before it is believed.
    internal const int ShortestElement = 3;

    // The end of "$5\r\n" and the like, or 0 when bytes are missing yet. The length may be Null or Streamed; whether the
    // type may be so is the caller's to say. A digit loop beats every parser of the library here.
    internal static int ReadLength(ReadOnlySpan<byte> bytes, int start, out int length)
    {
        int i = start + 1;
        long value = 0;
        while ((uint)i < (uint)bytes.Length)
        {
            uint digit = (uint)bytes[i] - '0';
            if (digit > 9)
            {
                break;
            }

            value = (value * 10) + digit;
            if (value > int.MaxValue || i - start > RespLimits.HeaderLength)
            {
                RespError.Throw(bytes, start, "a length beyond any limit");
            }

            i++;
        }

        length = (int)value;
        if (i == start + 1)
        {
            i = ReadSpecialLength(bytes, i, out length);
            if (i == 0)
            {
                return 0;
            }
        }

        return EndOfLine(bytes, start, i);
    }

    // The position after CRLF, which must be at i; 0 when bytes are missing yet.
    internal static int EndOfLine(ReadOnlySpan<byte> bytes, int start, int i)
    {
        if ((uint)(i + 1) < (uint)bytes.Length)
        {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n')
            {
                return i + 2;
            }

            RespError.Throw(bytes, start, "no CRLF where the line must end");
        }

        if ((uint)i < (uint)bytes.Length && bytes[i] != '\r')
        {
            RespError.Throw(bytes, start, "no CRLF where the line must end");
        }

        return 0;
    }

    // The position of the CR that ends a line of text, or -1. A lone LF inside is let through: it cannot be taken for the
    // end, and modules send such errors; a lone CR cannot.
    internal static int FindEnd(ReadOnlySpan<byte> bytes, int start, int from)
    {
        int offset = bytes[from..].IndexOf((byte)'\r');
        if (offset < 0)
        {
            return -1;
        }

        int end = from + offset;
        return EndOfLine(bytes, start, end) == 0 ? -1 : end;
    }

    // True for the types whose line holds more than digits; what is between type byte and CR must be well-formed.
    internal static void Validate(ReadOnlySpan<byte> bytes, int start, int end)
    {
        ReadOnlySpan<byte> text = bytes[(start + 1)..end];
        bool valid = (RespType)bytes[start] switch
        {
            RespType.Integer => NumberText.TryParseInt64(text, out _),
            RespType.Double => NumberText.TryParseDouble(text, out _),
            RespType.Boolean => text is [(byte)'t' or (byte)'f'],
            RespType.Null => text.IsEmpty,
            RespType.BigNumber => IsInteger(text),
            _ => true,
        };
        if (!valid)
        {
            RespError.Throw(bytes, start, $"no valid {(RespType)bytes[start]}");
        }
    }

    private static int ReadSpecialLength(ReadOnlySpan<byte> bytes, int i, out int length)
    {
        length = 0;
        if (i >= bytes.Length)
        {
            return 0;
        }

        if (bytes[i] == '?')
        {
            length = Streamed;
            return i + 1;
        }

        if (bytes[i] == '-' && i + 1 >= bytes.Length)
        {
            return 0;
        }

        if (bytes[i] != '-' || bytes[i + 1] != '1')
        {
            RespError.Throw(bytes, i - 1, "no valid length");
        }

        length = Null;
        return i + 2;
    }

    private static bool IsInteger(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> digits = text is [(byte)'-' or (byte)'+', ..] ? text[1..] : text;
        return !digits.IsEmpty && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }
}
