// The kinds of option values: durations, sizes, counts, flags, choices and texts.
using System.Globalization;

namespace ClusterClient.Configuration;

internal static class OptionKinds
{
    private static readonly (string Suffix, long Factor)[] s_durationUnits = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
    private static readonly (string Suffix, long Factor)[] s_sizeUnits =
        [("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("GB", 1L << 30), ("MB", 1L << 20), ("KB", 1L << 10), ("B", 1), ("", 1)];

    public static OptionKind<bool> Flag { get; } = new(
        "true or false",
        static (text, out value) => bool.TryParse(text, out value),
        static value => value ? "true" : "false",
        static _ => true);

    /// <summary>A flag that may be left open.</summary>
    public static OptionKind<bool?> MaybeFlag { get; } = new(
        "true or false",
        static (text, out value) =>
        {
            bool read = bool.TryParse(text, out bool flag);
            value = flag;
            return read;
        },
        static value => value is null ? "" : Flag.Write(value.Value),
        static _ => true);

    /// <summary>A whole number and a unit. A bare number is refused, since peers disagree whether it means seconds or milliseconds; only zero needs no unit.</summary>
    public static OptionKind<TimeSpan> Duration(TimeSpan min, TimeSpan max, bool zeroIsOff = false) => new(
        $"a whole number followed by ms, s, m or h, from {Write(min)} to {Write(max)}" + (zeroIsOff ? ", or 0 to turn it off" : ""),
        ReadDuration,
        Write,
        value => (zeroIsOff && value == TimeSpan.Zero) || (value >= min && value <= max));

    public static OptionKind<long> Size(long min, long max) => new(
        $"a whole number of bytes or one followed by KiB, MiB or GiB, from {WriteSize(min)} to {WriteSize(max)}",
        static (text, out value) => TryReadScaled(text, s_sizeUnits, out value),
        WriteSize,
        value => value >= min && value <= max);

    public static OptionKind<int> Count(int min, int max) => new(
        string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}"),
        static (text, out value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value),
        static value => value.ToString(CultureInfo.InvariantCulture),
        value => value >= min && value <= max);

    public static OptionKind<T> Choice<T>() where T : struct, Enum => new(
        "one of " + string.Join(", ", Enum.GetValues<T>().Select(WriteChoice)),
        TryReadChoice,
        WriteChoice,
        static value => Enum.IsDefined(value));

    /// <summary>Text that may be left out; where it is given, <paramref name="isAllowed"/> holds and it is not empty.</summary>
    public static OptionKind<string?> Text(string allowed, Func<string, bool> isAllowed) => new(
        allowed,
        static (text, out value) =>
        {
            value = text;
            return true;
        },
        static value => value ?? "",
        value => value is null || (value.Length > 0 && isAllowed(value)));

    /// <summary>Whole milliseconds, a fraction rounded up so that a short time never becomes none.</summary>
    public static int Milliseconds(TimeSpan duration) => (int)Math.Min(int.MaxValue, Math.Ceiling(duration.TotalMilliseconds));

    private static bool ReadDuration(string text, out TimeSpan value)
    {
        if (text is "0")
        {
            value = TimeSpan.Zero;
            return true;
        }

        bool read = TryReadScaled(text, s_durationUnits, out long milliseconds) && milliseconds <= int.MaxValue;
        value = read ? TimeSpan.FromMilliseconds(milliseconds) : default;
        return read;
    }

    private static string Write(TimeSpan value) => value == TimeSpan.Zero ? "0" : WriteScaled(Milliseconds(value), s_durationUnits);

    private static string WriteSize(long value) => WriteScaled(value, s_sizeUnits);

    private static bool TryReadScaled(string text, (string Suffix, long Factor)[] units, out long value)
    {
        int digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits])) digits++;
        value = 0;
        foreach ((string suffix, long factor) in units)
        {
            if (!text.AsSpan(digits).Equals(suffix, StringComparison.OrdinalIgnoreCase)) continue;
            if (!long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out long number)) return false;
            if (number > long.MaxValue / factor) return false;
            value = number * factor;
            return true;
        }

        return false;
    }

    private static string WriteScaled(long value, (string Suffix, long Factor)[] units)
    {
        foreach ((string suffix, long factor) in units)
        {
            if (value != 0 && value % factor == 0) return string.Create(CultureInfo.InvariantCulture, $"{value / factor}{suffix}");
        }

        return "0";
    }

    private static bool TryReadChoice<T>(string text, out T value) where T : struct, Enum
    {
        foreach (T candidate in Enum.GetValues<T>())
        {
            if (!WriteChoice(candidate).Equals(text, StringComparison.OrdinalIgnoreCase)) continue;
            value = candidate;
            return true;
        }

        value = default;
        return false;
    }

    private static string WriteChoice<T>(T value) where T : struct, Enum => OptionNames.CamelCase(value.ToString());
}
