// The results as a chart: one small panel a workload, written as SVG by hand.
using System.Globalization;
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
    private const int PanelGap = 22;
    private const int FooterHeight = 52;

    public static string Render(Results results)
    {
        string[] contenders = [.. results.Rows.SelectMany(row => row.Entries).Select(entry => entry.Contender).Distinct().Where(results.Has)];
        int panelHeight = SvgPanel.Height(contenders.Length) + PanelGap;
        int lines = (results.Rows.Count + 1) / 2;
        int height = HeaderHeight + (lines * panelHeight) + FooterHeight;

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" width="{Width}" height="{height}" role="img" aria-label="Commands per second by client and workload">
            {SvgStyle.Sheet}
            <rect class="page" width="{Width}" height="{height}" rx="10"/>
            <text class="heading" x="{Margin}" y="40">Commands per second</text>
            <text class="note" x="{Margin}" y="62">{SvgPanel.Escape(results.Servers)} · {SvgPanel.Escape(results.Machine.Processor)}, {results.Machine.Cores} cores · {SvgPanel.Escape(results.Machine.Runtime)}</text>

            """);

        for (int i = 0; i < results.Rows.Count; i++)
        {
            // Down the left column first, then down the right one, so that related rows stand under each other.
            int x = Margin + (i / lines * (PanelWidth + Gutter));
            int y = HeaderHeight + (i % lines * panelHeight);
            SvgPanel.Append(svg, results.Rows[i], contenders, x, y);
        }

        svg.Append(CultureInfo.InvariantCulture, $"""
            <text class="note" x="{Margin}" y="{height - 36}">Beside each bar: commands per second (open loop: p99), then client CPU and bytes allocated per command. A stroke marks the target.</text>
            <text class="note" x="{Margin}" y="{height - 18}">Each panel has its own scale. {SvgPanel.Escape(results.Settings)}</text>
            </svg>

            """);
        return svg.ToString();
    }
}
