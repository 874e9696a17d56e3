// Conversions of a scalar's text: which type may be read as what, and what to say when it may not.
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ClusterClient.Protocol;

internal static class RespScalar
{
    internal static long ToInt64(RespType type, ReadOnlySpan<byte> text, bool isNull)
    {
        bool tooBig = false;
        if (!isNull && IsText(type))
        {
            if (NumberText.TryParseWhole(text, out long value, out tooBig))
            {
                return value;
            }

            if (type == RespType.Boolean)
            {
                return text[0] == 't' ? 1 : 0;
            }
        }

        ThrowNotA(type, text, isNull, tooBig ? "an integer of 64 bits" : "an integer");
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
            _ => ToArray(text),
        };
    }

    internal static byte[] ToArray(ReadOnlySpan<byte> text) => text.IsEmpty ? [] : text.ToArray();

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
