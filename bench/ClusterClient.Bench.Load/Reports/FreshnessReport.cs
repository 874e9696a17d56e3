// What fresh reads cost, as a table.
using System.Globalization;
using System.Text;

namespace ClusterClient.Bench.Load;

internal static class FreshnessReport
{
    private static readonly string[] _titles =
        ["load", "reads", "commands/s", "p50", "p99", "client CPU", "bytes", "reads by replicas", "INFO/s on master", "on a replica", "INFO's share of a server's core"];

    public static string Render(Run run, IReadOnlyList<(FreshnessCase Case, FreshnessSample Sample)> rows)
    {
        var text = new StringBuilder();
        MarkdownReport.AppendHeading(text, "What fresh reads cost", run.Results());
        MarkdownReport.AppendHeader(text, _titles, leftAligned: 2);
        string? last = null;
        foreach ((FreshnessCase one, FreshnessSample sample) in rows)
        {
            MarkdownReport.AppendLine(text, [one.Load == last ? "" : one.Load, one.Name, .. Cells(sample)]);
            last = one.Load;
        }

        text.Append("\nEach figure is the median of its rounds. CPU and bytes are those of the client's process, per command. Reads and INFO are counted by the servers (INFO commandstats).\n");
        return text.ToString();
    }

    public static string Line(FreshnessSample sample) => string.Join(" | ", Cells(sample));

    private static IEnumerable<string> Cells(FreshnessSample sample) =>
    [
        Figures.Rate(sample.CommandsPerSecond), Figures.Micros(sample.P50Microseconds), Figures.Micros(sample.P99Microseconds), Figures.Micros(sample.ClientCpuMicroseconds), Figures.Bytes(sample.AllocatedBytes),
        string.Create(CultureInfo.InvariantCulture, $"{sample.ByReplicas * 100:0} %"), Whole(sample.MasterInfo), Whole(sample.ReplicaInfo), string.Create(CultureInfo.InvariantCulture, $"{sample.InfoShare * 100:0.00} %"),
    ];

    private static string Whole(double number) => number.ToString("0", CultureInfo.InvariantCulture);
}
