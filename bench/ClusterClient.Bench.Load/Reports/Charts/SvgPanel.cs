// One panel of the chart: a workload, and a bar for each client.
using System.Globalization;
using System.Security;
using System.Text;

namespace ClusterClient.Bench.Load;

/// <summary>Bars are commands per second; at a fixed rate, where those are all alike, the p99 latency.</summary>
internal static class SvgPanel
{
    private const int TitleHeight = 24;
    private const int BarHeight = 16;
    private const int BarPitch = 22;
    private const int NameWidth = 138;
    private const int MostBar = 154;

    public static int Height(int contenders) => TitleHeight + (contenders * BarPitch);

    public static void Append(StringBuilder svg, Row row, string[] contenders, int x, int y)
    {
        bool isLatency = row.Workload.Rate is not null;
        Func<Sample, double> length = isLatency ? sample => sample.P99Microseconds ?? 0 : sample => sample.CommandsPerSecond;
        double most = row.Entries.Select(entry => entry.Median).OfType<Sample>().Select(length).DefaultIfEmpty(1).Max();
        double scale = MostBar / Math.Max(most, double.Epsilon);
        string title = isLatency ? $"{row.Name}: p99, less is better" : row.Name;
        svg.Append(CultureInfo.InvariantCulture, $"""<text class="title" x="{x}" y="{y + 14}">{Escape(title)}</text>""").Append('\n');
        for (int i = 0; i < contenders.Length; i++)
        {
            int top = y + TitleHeight + (i * BarPitch);
            int baseline = top + BarHeight - 4;
            svg.Append(CultureInfo.InvariantCulture, $"""<text class="name" x="{x + NameWidth - 8}" y="{baseline}">{Escape(ContenderCatalog.TitleOf(contenders[i]))}</text>""");
            if (row[contenders[i]]?.Median is not Sample median)
            {
                svg.Append(CultureInfo.InvariantCulture, $"""<text class="detail" x="{x + NameWidth}" y="{baseline}">not measured</text>""").Append('\n');
                continue;
            }

            double bar = Math.Max(2, scale * length(median));
            string value = isLatency ? Figures.Micros(median.P99Microseconds) : Figures.Rate(median.CommandsPerSecond);
            svg.Append(CultureInfo.InvariantCulture, $"""<rect class="bar {ClassOf(contenders[i])}" x="{x + NameWidth}" y="{top}" width="{bar:0.0}" height="{BarHeight}" rx="2"/>""");
            double? target = contenders[i] == Results.Own ? Target(row) * scale : null;
            if (target is not null) AppendTarget(svg, x + NameWidth + target.Value, top);
            double label = x + NameWidth + Math.Max(bar, target ?? 0) + 6;
            svg.Append(CultureInfo.InvariantCulture, $"""<text class="value" x="{label:0.0}" y="{baseline}">{Escape(value)}<tspan class="detail" dx="6">{Escape(Detail(median))}</tspan></text>""");
            svg.Append('\n');
        }
    }

    public static string Escape(string text) => SecurityElement.Escape(text);

    private static double? Target(Row row) => row.Goals.FirstOrDefault(check => check.Kind == GoalKind.Throughput)?.WantedRate;

    private static void AppendTarget(StringBuilder svg, double x, int top) =>
        svg.Append(CultureInfo.InvariantCulture, $"""<line class="target" x1="{x:0.0}" x2="{x:0.0}" y1="{top - 2}" y2="{top + BarHeight + 2}"/>""");

    private static string Detail(Sample sample) => sample.ClientCpuMicroseconds is null
        ? ""
        : $"{Figures.Micros(sample.ClientCpuMicroseconds)} · {Figures.Bytes(sample.AllocatedBytes)} B";

    private static string ClassOf(string contender) => contender switch
    {
        Results.Own => "own",
        Results.Floor => "floor",
        Results.Peer => "peer",
        _ => "other",
    };
}
