// What a value is as a number or a truth value: the rules behind RedisValue's conversions.
using System.Globalization;
using System.Runtime.CompilerServices;

namespace ClusterClient.Protocol;

internal static class ValueConversion
{
    internal static bool TryToInt64(Payload payload, out long value) => TryToInt64(payload, out value, out _);

    [SkipLocalsInit]
    internal static bool TryToDouble(Payload payload, out double value)
    {
        value = payload.IsInteger ? payload.Integer
            : payload.IsUnsigned ? unchecked((ulong)payload.Integer)
            : payload.IsDouble ? payload.Double
            : 0;
        if (payload.IsNull || payload.IsNumber)
        {
            return !payload.IsNull;
        }

        using var text = new PayloadBytes(payload, stackalloc byte[PayloadBytes.ScratchLength]);
        return NumberText.TryParseDouble(text.Span, out value);
    }

    internal static long ToInt64(Payload payload)
    {
        if (TryToInt64(payload, out long value, out bool tooBig) || payload.IsNull)
        {
            return value;
        }

        return tooBig
            ? throw new OverflowException("The value does not fit into a 64-bit signed integer.")
            : throw NotA(payload, "an integer");
    }

    [SkipLocalsInit]
    internal static ulong ToUInt64(Payload payload)
    {
        if (payload.IsUnsigned)
        {
            return unchecked((ulong)payload.Integer);
        }

        if (!payload.IsNull && !payload.IsNumber)
        {
            using var text = new PayloadBytes(payload, stackalloc byte[PayloadBytes.ScratchLength]);
            if (NumberText.TryParseUInt64(text.Span, out ulong value))
            {
                return value;
            }
        }

        return checked((ulong)ToInt64(payload));
    }

    internal static double ToDouble(Payload payload) =>
        TryToDouble(payload, out double value) || payload.IsNull ? value : throw NotA(payload, "a number");

    [SkipLocalsInit]
    internal static decimal ToDecimal(Payload payload)
    {
        if (payload.IsNull)
        {
            return 0;
        }

        using var text = new PayloadBytes(payload, stackalloc byte[PayloadBytes.ScratchLength]);
        if (text.Span.IsEmpty || text.Span[^1] == 0)
        {
            throw NotA(payload, "a number");
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (decimal.TryParse(text.Span, Style, CultureInfo.InvariantCulture, out decimal value))
        {
            return value;
        }

        return NumberText.TryParseDouble(text.Span, out double number) && !double.IsNaN(number)
            ? throw new OverflowException("The value does not fit into a decimal.")
            : throw NotA(payload, "a number");
    }

    internal static bool ToBoolean(Payload payload)
    {
        if (payload.IsNull)
        {
            return false;
        }

        if (TryToInt64(payload, out long number) && number is 0 or 1)
        {
            return number == 1;
        }

        return !payload.IsNumber && bool.TryParse(payload.ToText(), out bool truth)
            ? truth
            : throw NotA(payload, "a truth value (0, 1, true or false)");
    }

    [SkipLocalsInit]
    private static bool TryToInt64(Payload payload, out long value, out bool tooBig)
    {
        value = payload.IsInteger ? payload.Integer : 0;
        tooBig = payload.IsUnsigned;
        if (payload.IsInteger || payload.IsUnsigned || payload.IsNull)
        {
            return payload.IsInteger;
        }

        using var text = new PayloadBytes(payload, stackalloc byte[PayloadBytes.ScratchLength]);
        return NumberText.TryParseWhole(text.Span, out value, out tooBig);
    }

    // (double)0.1f is 0.10000000149011612; who wrote 0.1f means 0.1.
    [SkipLocalsInit]
    internal static double Widen(float value)
    {
        Span<byte> text = stackalloc byte[NumberText.MaxLength];
        return float.IsFinite(value) && value.TryFormat(text, out int length, default, CultureInfo.InvariantCulture)
            ? double.Parse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture)
            : value;
    }

    // The value itself may be a secret, so the message has its length alone.
    private static InvalidCastException NotA(Payload payload, string what) =>
        new($"The value ({payload.GetByteLength()} bytes) is not {what}.");
}
