// How figures are written for people: three significant digits, units, a dash for what is not known.
using System.Globalization;

namespace ClusterClient.Bench.Load;

internal static class Figures
{
    public const string Unknown = "–";

    /// <summary>Commands per second.</summary>
    public static string Rate(double? value) => value switch
    {
        null => Unknown,
        >= 999_500 => Significant(value.Value / 1e6) + " M/s",
        >= 1000 => Significant(value.Value / 1e3) + " k/s",
        _ => Significant(value.Value) + " /s",
    };

    /// <summary>A duration or CPU time given in microseconds.</summary>
    public static string Micros(double? value) => value switch
    {
        null => Unknown,
        >= 999_500 => Significant(value.Value / 1e6) + " s",
        >= 999.5 => Significant(value.Value / 1e3) + " ms",
        _ => Significant(value.Value) + " µs",
    };

    public static string Bytes(double? value) => value switch
    {
        null => Unknown,
        < 0.05 => "0",
        < 10 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("#,0", CultureInfo.InvariantCulture),
    };

    public static string Count(double? value) => value is null ? Unknown : Significant(value.Value);

    public static string Times(double? value) => value is null ? Unknown : Significant(value.Value) + "×";

    private static string Significant(double value) => Math.Abs(value) switch
    {
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 0.0995 => value.ToString("0.00", CultureInfo.InvariantCulture),
        0 => "0",
        _ => value.ToString("0.000", CultureInfo.InvariantCulture),
    };
}
