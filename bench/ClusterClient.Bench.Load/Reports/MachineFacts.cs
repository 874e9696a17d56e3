// The machine and runtime that figures belong to.
using System.Globalization;
using System.Runtime.InteropServices;

namespace ClusterClient.Bench.Load;

internal sealed record MachineFacts(string Processor, int Cores, string System, string Runtime, DateTimeOffset Date)
{
    public static MachineFacts Read() => new(
        ProcessorName(),
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        DateTimeOffset.UtcNow);

    /// <summary>The average number of processes that wanted to run in the last minute; more than the cores means that figures suffered.</summary>
    public static string? LoadAverage()
    {
        const string file = "/proc/loadavg";
        return File.Exists(file) ? File.ReadAllText(file).Split(' ')[0] : null;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Processor}, {Cores} cores, {System}, {Runtime}, {Date:yyyy-MM-dd}");

    private static string ProcessorName()
    {
        const string file = "/proc/cpuinfo";
        string? line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
