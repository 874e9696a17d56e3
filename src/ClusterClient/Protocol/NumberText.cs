// Numbers as Redis writes them: culture-free text to numbers and back, without allocation.
using System.Globalization;
using System.Text;

namespace ClusterClient.Protocol;

internal static class NumberText
{
    // -1.7976931348623157E+308 has 24 characters.
    internal const int MaxLength = 32;

    // An optional sign and digits: no blanks, and (unlike long.TryParse) no trailing NUL.
    internal static bool TryParseInt64(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if (text.IsEmpty)
        {
            return false;
        }

        bool negative = text[0] == '-';
        if (!TryParseUInt64(text[0] is (byte)'-' or (byte)'+' ? text[1..] : text, out ulong magnitude)
            || magnitude > (negative ? 1UL << 63 : long.MaxValue))
        {
            return false;
        }

        value = negative ? unchecked(-(long)magnitude) : (long)magnitude;
        return true;
    }

    internal static bool TryParseUInt64(ReadOnlySpan<byte> text, out ulong value)
    {
        value = 0;
        if (text.IsEmpty)
        {
            return false;
        }

        ulong result = 0;
        for (int i = 0; i < text.Length; i++)
        {
            uint digit = (uint)text[i] - '0';
            if (digit > 9 || (i >= 19 && (result > ulong.MaxValue / 10 || result * 10 > ulong.MaxValue - digit)))
            {
                return false;
            }

            result = (result * 10) + digit;
        }

        value = result;
        return true;
    }

    // Only text that formatting the number would give back byte for byte: "5" and "-5", not "05", "+5" or "-0".
    internal static bool TryParseCanonicalInt64(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if (text.Length is 0 or > 20)
        {
            return false;
        }

        byte first = text[0];
        if (first == '0')
        {
            return text.Length == 1;
        }

        return first == '-'
            ? text.Length > 1 && text[1] != '0' && TryParseInt64(text, out value)
            : first is > (byte)'0' and <= (byte)'9' && TryParseInt64(text, out value);
    }

    internal static bool TryParseDouble(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        if (text.IsEmpty)
        {
            return false;
        }

        if (text.Length <= 15 && TryParseInt64(text, out long integer) && (integer != 0 || text[0] != '-'))
        {
            value = integer;
            return true;
        }

        ReadOnlySpan<byte> magnitude = text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        if (magnitude.IsEmpty)
        {
            return false;
        }

        // double.TryParse knows other names for these, and Redis builds on some platforms write "-nan".
        if (magnitude[0] is not ((>= (byte)'0' and <= (byte)'9') or (byte)'.'))
        {
            if (Ascii.EqualsIgnoreCase(magnitude, "inf"u8) || Ascii.EqualsIgnoreCase(magnitude, "infinity"u8))
            {
                value = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
                return true;
            }

            value = double.NaN;
            return Ascii.EqualsIgnoreCase(magnitude, "nan"u8);
        }

        // .NET ignores trailing NULs.
        return text[^1] != 0
            && double.TryParse(
                text,
                NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                CultureInfo.InvariantCulture,
                out value);
    }

    internal static int Format(long value, Span<byte> destination)
    {
        if (!value.TryFormat(destination, out int written, default, CultureInfo.InvariantCulture))
        {
            ThrowTooShort();
        }

        return written;
    }

    internal static int Format(ulong value, Span<byte> destination)
    {
        if (!value.TryFormat(destination, out int written, default, CultureInfo.InvariantCulture))
        {
            ThrowTooShort();
        }

        return written;
    }

    // The shortest text that reads back as the same number; infinities and nan by the names Redis knows.
    internal static int Format(double value, Span<byte> destination)
    {
        if (!double.IsFinite(value))
        {
            ReadOnlySpan<byte> name = double.IsNaN(value) ? "nan"u8 : value > 0 ? "inf"u8 : "-inf"u8;
            name.CopyTo(destination);
            return name.Length;
        }

        if (!value.TryFormat(destination, out int written, default, CultureInfo.InvariantCulture))
        {
            ThrowTooShort();
        }

        return written;
    }

    private static void ThrowTooShort() => throw new ArgumentException("The destination is too short for the number.");
}
