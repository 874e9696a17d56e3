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
            table.AddRow([Cell(row.Name, "bold"), .. columns.Select(_ => Text.Empty)]);
            foreach (Entry entry in row.Entries)
            {
                string style = entry.Contender switch { Results.Own => "green", Results.Floor => "grey", _ => "default" };
                IEnumerable<string> cells = ReportColumn.Remark(entry) is null
                    ? columns.Select(column => column.Cell(row, entry))
                    : columns.Select((_, at) => at == 0 ? (entry.Failure is null ? "none" : "failed") : "");
                table.AddRow([Cell("  " + entry.Contender, style), .. cells.Select(cell => Cell(cell, style))]);
            }
        }

        console.Write(table);
        foreach (string remark in results.Rows.SelectMany(row => row.Entries).Select(Remark).OfType<string>().Distinct())
            console.MarkupLine($"[grey]{Markup.Escape(remark)}[/]");
        if (results.Missing is not null) console.MarkupLine($"[yellow]{results.Missing}[/]");
        if (GoalTable.Summary(results) is string summary) WriteGoals(console, results, summary);
    }

    private static void WriteGoals(IAnsiConsole console, Results results, string summary)
    {
        (IReadOnlyList<string> titles, IReadOnlyList<IReadOnlyList<string>> lines) = GoalTable.For(results);
        var table = new Table().Border(TableBorder.Simple);
        foreach (string title in titles) table.AddColumn(new TableColumn(Markup.Escape(title)).NoWrap());
        foreach (IReadOnlyList<string> line in lines)
            table.AddRow([.. line.Select(cell => Cell(cell, cell.StartsWith('✗') ? "red" : "default"))]);

        console.Write(table);
        console.MarkupLine($"[bold]{summary}[/] [grey]In each cell: what {Results.Own} reached, then what was wanted.[/]");
    }

    private static string? Remark(Entry entry) => ReportColumn.Remark(entry) is string remark ? $"{entry.Contender}: {remark}" : null;

    private static Markup Cell(string text, string style) => new($"[{style}]{Markup.Escape(text)}[/]");
}
