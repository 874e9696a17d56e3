// Numbers as Redis writes them: culture-free text to numbers and back, without allocation.
using System.Globalization;
using System.Numerics;
using System.Text;

namespace ClusterClient.Protocol;

internal static class NumberText
{
    // -1.7976931348623157E+308 has 24 characters.
    internal const int MaxLength = 32;

    // Up to here, every integer is a double.
    internal const double MaxExactDouble = 1L << 53;

    private const NumberStyles Float = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    // All powers of ten that a ulong holds.
    private static readonly ulong[] s_powersOf10 =
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
        10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000,
        1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000,
        10_000_000_000_000_000_000,
    ];

    // How many digits Format writes; 1233/4096 is log10(2).
    internal static int Length(ulong value)
    {
        int estimate = ((BitOperations.Log2(value | 1) + 1) * 1233) >> 12;
        return value >= s_powersOf10[estimate] ? estimate + 1 : Math.Max(estimate, 1);
    }

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

    // As TryParseInt64, and numbers written with a fraction or exponent that are whole nevertheless ("5.0", "1e3"), as far
    // as a double is exact. Otherwise it says whether the number is an integer that is too big.
    internal static bool TryParseWhole(ReadOnlySpan<byte> text, out long value, out bool tooBig)
    {
        tooBig = false;
        if (TryParseInt64(text, out value))
        {
            return true;
        }

        tooBig = IsInteger(text);
        if (tooBig || !TryParseDouble(text, out double number) || !double.IsInteger(number) || Math.Abs(number) > MaxExactDouble)
        {
            return false;
        }

        value = (long)number;
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
        // Most scores are small whole numbers; "-0" is not one.
        if (text.Length <= 15 && TryParseInt64(text, out long integer) && integer != 0)
        {
            value = integer;
            return true;
        }

        value = 0;
        if (!IsDouble(text))
        {
            return false;
        }

        if (IsNamed(Unsigned(text)))
        {
            value = text[^1] is (byte)'n' or (byte)'N' ? double.NaN
                : text[0] == '-' ? double.NegativeInfinity
                : double.PositiveInfinity;
            return true;
        }

        return double.TryParse(text, Float, CultureInfo.InvariantCulture, out value);
    }

    // An optional sign and digits, as many as there may be.
    internal static bool IsInteger(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> digits = Unsigned(text);
        return !digits.IsEmpty && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    // Whether TryParseDouble would take it, at a fraction of the cost.
    internal static bool IsDouble(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> rest = Unsigned(text);
        int whole = CountDigits(rest);
        rest = rest[whole..];
        int fraction = 0;
        if (rest is [(byte)'.', ..])
        {
            fraction = CountDigits(rest[1..]);
            rest = rest[(1 + fraction)..];
        }

        if (whole + fraction == 0)
        {
            return IsNamed(Unsigned(text));
        }

        return rest.IsEmpty || (rest[0] is (byte)'e' or (byte)'E' && IsInteger(rest[1..]));
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

    private static ReadOnlySpan<byte> Unsigned(ReadOnlySpan<byte> text) =>
        text is [(byte)'-' or (byte)'+', ..] ? text[1..] : text;

    private static int CountDigits(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return end < 0 ? text.Length : end;
    }

    // Redis says inf and nan ("-nan" on some platforms).
    private static bool IsNamed(ReadOnlySpan<byte> magnitude) =>
        magnitude.Length is 3 or 8
        && (Ascii.EqualsIgnoreCase(magnitude, "inf"u8) || Ascii.EqualsIgnoreCase(magnitude, "nan"u8)
            || Ascii.EqualsIgnoreCase(magnitude, "infinity"u8));

    private static void ThrowTooShort() => throw new ArgumentException("The destination is too short for the number.");
}
