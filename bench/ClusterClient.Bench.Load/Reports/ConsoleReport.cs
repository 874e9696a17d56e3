// The results as a table on the console.
using Spectre.Console;

namespace ClusterClient.Bench.Load;

internal static class ConsoleReport
{
    // With the detail columns the table is this wide.
    private const int WideEnough = 150;

    /// <summary>A console that neither colours nor wraps when its output goes to a file or a pipe.</summary>
    public static IAnsiConsole CreateConsole()
    {
        if (!Console.IsOutputRedirected) return AnsiConsole.Console;
        IAnsiConsole plain = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        plain.Profile.Width = 200;
        return plain;
    }

    public static void Write(IAnsiConsole console, Results results)
    {
        ReportColumn[] columns = [.. ReportColumn.For(results).Where(column => !column.IsDetail || console.Profile.Width >= WideEnough)];
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("workload, client").NoWrap());
        foreach (ReportColumn column in columns) table.AddColumn(new TableColumn(column.Title).RightAligned().NoWrap());

        foreach (Row row in results.Rows)
        {
            table.AddRow([Cell(row.Workload.Name, "bold"), .. columns.Select(_ => Text.Empty)]);
            foreach (Entry entry in row.Entries)
            {
                string style = entry.Contender switch { "cluster-client" => "green", Results.Floor => "grey", _ => "default" };
                IEnumerable<string> cells = ReportColumn.Remark(entry) is null
                    ? columns.Select(column => column.Cell(row, entry))
                    : columns.Select((_, at) => at == 0 ? (entry.Failure is null ? "none" : "failed") : "");
                table.AddRow([Cell("  " + entry.Contender, style), .. cells.Select(cell => Cell(cell, style))]);
            }
        }

        console.Write(table);
        foreach (string remark in results.Rows.SelectMany(row => row.Entries).Select(Remark).OfType<string>().Distinct())
            console.MarkupLine($"[grey]{Markup.Escape(remark)}[/]");
    }

    private static string? Remark(Entry entry) => ReportColumn.Remark(entry) is string remark ? $"{entry.Contender}: {remark}" : null;

    private static Markup Cell(string text, string style) => new($"[{style}]{Markup.Escape(text)}[/]");
}
