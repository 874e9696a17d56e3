// The costs as a small table, on the console and as Markdown.
using System.Text;
using Spectre.Console;

namespace ClusterClient.Bench.Load;

internal static class CostsReport
{
    private static readonly string[] _titles = ["what", "client", "figure", "remark"];

    public static string Render(Costs costs)
    {
        var text = new StringBuilder();
        MarkdownReport.AppendHeading(text, "What calls, connections and clients cost", costs.Results);
        MarkdownReport.AppendHeader(text, _titles, leftAligned: _titles.Length);
        foreach (Finding finding in costs.Findings) MarkdownReport.AppendLine(text, Cells(finding));
        text.Append("\n## The rows behind it\n\n");
        MarkdownReport.AppendRows(text, costs.Results);
        return text.ToString();
    }

    public static void Write(IAnsiConsole console, Costs costs)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (string title in _titles) table.AddColumn(new TableColumn(title));
        foreach (Finding finding in costs.Findings) table.AddRow([.. Cells(finding).Select(Markup.Escape)]);
        console.Write(table);
        if (costs.Results.Missing is not null) console.MarkupLine($"[yellow]{costs.Results.Missing}[/]");
    }

    private static string[] Cells(Finding finding) => [finding.What, finding.Client, finding.Figure, finding.Remark];
}
