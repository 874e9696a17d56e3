// The lines RESP is made of: a type byte, text and CRLF. Shared by the scanner and the reader.
namespace ClusterClient.Protocol;

internal static class RespLine
{
    // What a length can be besides a number: "$-1" and "*-1", and "$?", "*?", "~?", "%?".
    internal const int Null = -1;
    internal const int Streamed = -2;

    // "_\r\n": what an announced count has to be justified by before it is believed.
    internal const int ShortestElement = 3;

    // "txt:" before a verbatim string's text.
    internal const int FormatLength = 4;

    // The end of "$5\r\n" and the like, or 0 when bytes are missing yet. A digit loop beats every parser of the library here.
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
            i = ReadSpecialLength(bytes, start, out length);
        }

        return i == 0 ? 0 : EndOfLine(bytes, start, i);
    }

    // The position after CRLF, which must be at i; 0 when bytes are missing yet.
    internal static int EndOfLine(ReadOnlySpan<byte> bytes, int start, int i)
    {
        bool whole = (uint)i + 1 < (uint)bytes.Length;
        if ((i < bytes.Length && bytes[i] != '\r') || (whole && bytes[i + 1] != '\n'))
        {
            RespError.Throw(bytes, start, "no CRLF where the line has to end");
        }

        return whole ? i + 2 : 0;
    }

    // The position of the CR that ends a line of text, or -1. A lone LF inside is let through: it cannot be taken for the
    // end, and modules send such errors; a lone CR is an error.
    internal static int FindEnd(ReadOnlySpan<byte> bytes, int start, int from)
    {
        int offset = bytes[from..].IndexOf((byte)'\r');
        return offset < 0 || EndOfLine(bytes, start, from + offset) == 0 ? -1 : from + offset;
    }

    // What is between type byte and CR must be as the type wants it.
    internal static void Validate(ReadOnlySpan<byte> bytes, int start, int end)
    {
        ReadOnlySpan<byte> text = bytes[(start + 1)..end];
        bool valid = (RespType)bytes[start] switch
        {
            RespType.Integer => NumberText.TryParseInt64(text, out _),
            RespType.Double => NumberText.IsDouble(text),
            RespType.Boolean => text is [(byte)'t' or (byte)'f'],
            RespType.Null => text.IsEmpty,
            RespType.BigNumber => NumberText.IsInteger(text),
            _ => true,
        };
        if (!valid)
        {
            RespError.Throw(bytes, start, "the text is not of its type");
        }
    }

    internal static void ValidateFormat(ReadOnlySpan<byte> bytes, int start, ReadOnlySpan<byte> verbatim)
    {
        if (verbatim.Length < FormatLength || verbatim[FormatLength - 1] != ':')
        {
            RespError.Throw(bytes, start, "a verbatim string without its format");
        }
    }

    // The position after "-1" or "?", where the type allows it.
    private static int ReadSpecialLength(ReadOnlySpan<byte> bytes, int start, out int length)
    {
        var type = (RespType)bytes[start];
        length = 0;
        ReadOnlySpan<byte> rest = bytes[(start + 1)..];
        switch (rest)
        {
            case [] or [(byte)'-'] when rest.IsEmpty || type is RespType.BulkString or RespType.Array:
                return 0;
            case [(byte)'-', (byte)'1', ..] when type is RespType.BulkString or RespType.Array:
                length = Null;
                return start + 3;
            case [(byte)'?', ..] when type is RespType.BulkString or RespType.Array or RespType.Set or RespType.Map:
                length = Streamed;
                return start + 2;
            default:
                RespError.Throw(bytes, start, "no valid length");
                return 0;
        }
    }
}
