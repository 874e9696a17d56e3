// Conversions of a scalar's text: which type may be read as what, and what to say when it may not.
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ClusterClient.Protocol;

internal static class RespScalar
{
    // "txt:" before a verbatim string's text.
    internal const int FormatLength = 4;

    internal static long ToInt64(RespType type, ReadOnlySpan<byte> text, bool isNull)
    {
        if (!isNull && IsText(type))
        {
            if (NumberText.TryParseInt64(text, out long value))
            {
                return value;
            }

            if (type == RespType.Boolean)
            {
                return text[0] == 't' ? 1 : 0;
            }

            if (NumberText.TryParseDouble(text, out double number) && double.IsInteger(number))
            {
                return number is >= -9223372036854775808.0 and < 9223372036854775808.0
                    ? (long)number
                    : throw new UnexpectedReplyException("The reply does not fit into a 64-bit signed integer.");
            }
        }

        ThrowNotA(type, text, isNull, "an integer");
        return 0;
    }

    internal static double ToDouble(RespType type, ReadOnlySpan<byte> text, bool isNull)
    {
        if (isNull || !IsText(type) || type == RespType.Boolean || !NumberText.TryParseDouble(text, out double value))
        {
            ThrowNotA(type, text, isNull, "a number");
            return 0;
        }

        return value;
    }

    internal static bool ToBoolean(RespType type, ReadOnlySpan<byte> text, bool isNull)
    {
        if (isNull || !IsText(type) || text is not [(byte)'t' or (byte)'f' or (byte)'0' or (byte)'1'])
        {
            ThrowNotA(type, text, isNull, "a truth value");
        }

        return text[0] is (byte)'t' or (byte)'1';
    }

    // The text of a scalar, errors included; a boolean is 1 or 0, as the same command answers in RESP2.
    internal static ReadOnlySpan<byte> Text(RespType type, ReadOnlySpan<byte> text)
    {
        if (type == RespType.Boolean)
        {
            return text[0] == 't' ? "1"u8 : "0"u8;
        }

        if (!IsText(type) && type is not (RespType.Error or RespType.BlobError))
        {
            ThrowNotA(type, text, false, "text");
        }

        return text;
    }

    internal static RedisValue ToValue(RespType type, ReadOnlySpan<byte> text, bool isNull)
    {
        if (isNull)
        {
            return RedisValue.Null;
        }

        if (!IsText(type))
        {
            ThrowNotA(type, text, isNull, "a value");
        }

        if (NumberText.TryParseCanonicalInt64(text, out long integer))
        {
            return integer;
        }

        return type switch
        {
            RespType.Integer => ToInt64(type, text, isNull),
            RespType.Boolean => text[0] == 't',
            RespType.Double => ToDouble(type, text, isNull),
            _ => text.IsEmpty ? Array.Empty<byte>() : text.ToArray(),
        };
    }

    internal static string ToText(ReadOnlySpan<byte> text) => text.SequenceEqual("OK"u8) ? "OK" : Encoding.UTF8.GetString(text);

    // A reply's content may be a secret, an error's is for people.
    [DoesNotReturn]
    internal static void ThrowNotA(RespType type, ReadOnlySpan<byte> text, bool isNull, string what) =>
        throw new UnexpectedReplyException(
            isNull ? $"The reply is null, not {what}."
            : type is RespType.Error or RespType.BlobError ? $"The reply is an error, not {what}: {Encoding.UTF8.GetString(text)}"
            : $"The reply is of type {type} ({text.Length} bytes), which is not {what} here.");

    private static bool IsText(RespType type) =>
        type is RespType.SimpleString or RespType.BulkString or RespType.VerbatimString
            or RespType.Integer or RespType.Double or RespType.Boolean or RespType.BigNumber;
}
