// The results as a chart: one small panel a workload, one bar a client, written as SVG by hand.
using System.Globalization;
using System.Security;
using System.Text;

namespace ClusterClient.Bench.Load;

/// <summary>
/// Workloads differ by a factor of a thousand, so each panel has its own scale; within a panel bars start at zero and
/// compare truthfully. Colours follow the reader's light or dark theme.
/// </summary>
internal static class SvgChart
{
    private const int Width = 1000;
    private const int Margin = 28;
    private const int Gutter = 32;
    private const int PanelWidth = (Width - (2 * Margin) - Gutter) / 2;
    private const int HeaderHeight = 92;
    private const int TitleHeight = 24;
    private const int BarHeight = 16;
    private const int BarPitch = 22;
    private const int PanelGap = 22;
    private const int NameWidth = 138;
    private const int MostBar = 154;
    private const int FooterHeight = 52;

    public static string Render(Results results)
    {
        string[] contenders = [.. results.Rows.SelectMany(row => row.Entries).Select(entry => entry.Contender).Distinct().Where(results.Has)];
        int panelHeight = TitleHeight + (contenders.Length * BarPitch) + PanelGap;
        int lines = (results.Rows.Count + 1) / 2;
        int height = HeaderHeight + (lines * panelHeight) + FooterHeight;

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" width="{Width}" height="{height}" role="img" aria-label="Commands per second by client and workload">
            {Style}
            <rect class="page" width="{Width}" height="{height}" rx="10"/>
            <text class="heading" x="{Margin}" y="40">Commands per second</text>
            <text class="note" x="{Margin}" y="62">{Escape(results.Servers)} · {Escape(results.Machine.Processor)}, {results.Machine.Cores} cores · {Escape(results.Machine.Runtime)}</text>

            """);

        for (int i = 0; i < results.Rows.Count; i++)
        {
            // Down the left column first, then down the right one, so that related rows stand under each other.
            int x = Margin + (i / lines * (PanelWidth + Gutter));
            int y = HeaderHeight + (i % lines * panelHeight);
            AppendPanel(svg, results.Rows[i], contenders, x, y);
        }

        svg.Append(CultureInfo.InvariantCulture, $"""
            <text class="note" x="{Margin}" y="{height - 36}">Beside each bar: commands per second, then client CPU and bytes allocated per command. Each panel has its own scale.</text>
            <text class="note" x="{Margin}" y="{height - 18}">{Escape(results.Settings)}</text>
            </svg>

            """);
        return svg.ToString();
    }

    private static void AppendPanel(StringBuilder svg, Row row, string[] contenders, int x, int y)
    {
        double most = row.Entries.Max(entry => entry.Median?.CommandsPerSecond ?? 0);
        svg.Append(CultureInfo.InvariantCulture, $"""<text class="title" x="{x}" y="{y + 14}">{Escape(row.Name)}</text>""").Append('\n');
        for (int i = 0; i < contenders.Length; i++)
        {
            int top = y + TitleHeight + (i * BarPitch);
            int baseline = top + BarHeight - 4;
            string name = contenders[i];
            svg.Append(CultureInfo.InvariantCulture, $"""<text class="name" x="{x + NameWidth - 8}" y="{baseline}">{Escape(ContenderCatalog.TitleOf(name))}</text>""");
            if (row[name]?.Median is not Sample median)
            {
                svg.Append(CultureInfo.InvariantCulture, $"""<text class="detail" x="{x + NameWidth}" y="{baseline}">not measured</text>""").Append('\n');
                continue;
            }

            double length = Math.Max(2, MostBar * median.CommandsPerSecond / most);
            double label = x + NameWidth + length + 6;
            svg.Append(CultureInfo.InvariantCulture, $"""<rect class="bar {ClassOf(name)}" x="{x + NameWidth}" y="{top}" width="{length:0.0}" height="{BarHeight}" rx="2"/>""");
            svg.Append(CultureInfo.InvariantCulture, $"""<text class="value" x="{label:0.0}" y="{baseline}">{Escape(Figures.Rate(median.CommandsPerSecond))}<tspan class="detail" dx="6">{Escape(Detail(median))}</tspan></text>""");
            svg.Append('\n');
        }
    }

    private static string Detail(Sample sample) => sample.ClientCpuMicroseconds is null
        ? ""
        : $"{Figures.Micros(sample.ClientCpuMicroseconds)} · {Figures.Bytes(sample.AllocatedBytes)} B";

    private static string ClassOf(string contender) => contender switch
    {
        "cluster-client" => "own",
        Results.Floor => "floor",
        Results.Peer => "peer",
        _ => "other",
    };

    private static string Escape(string text) => SecurityElement.Escape(text);

    private const string Style = """
        <style>
        text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; fill: #1f2328; }
        .page { fill: #ffffff; }
        .heading { font-size: 20px; font-weight: 600; }
        .title { font-size: 13px; font-weight: 600; }
        .name { font-size: 12px; text-anchor: end; fill: #59636e; }
        .value { font-size: 12px; font-weight: 600; }
        .detail { font-size: 11px; font-weight: 400; fill: #6e7781; }
        .note { font-size: 11.5px; fill: #59636e; }
        .own { fill: #1a7f6c; }
        .peer { fill: #c2703d; }
        .floor { fill: #b4bcc4; }
        .other { fill: #6f86b5; }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3; }
          .page { fill: #0d1117; }
          .name, .note, .detail { fill: #9198a1; }
          .own { fill: #3fb59b; }
          .peer { fill: #d98a57; }
          .floor { fill: #4b545e; }
          .other { fill: #7f98ca; }
        }
        </style>
        """;
}
