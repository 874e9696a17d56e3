// The results as Markdown, for a README or an issue.
using System.Text;

namespace ClusterClient.Bench.Load;

internal static class MarkdownReport
{
    public static string Render(Results results)
    {
        var text = new StringBuilder();
        AppendHeading(text, "Load comparison", results);
        AppendRows(text, results);
        if (GoalTable.Summary(results) is string summary) AppendGoals(text, results, summary);
        return text.ToString();
    }

    /// <summary>What was measured, and where.</summary>
    public static void AppendHeading(StringBuilder text, string title, Results results)
    {
        text.Append($"# {title}\n\n");
        if (results.Missing is not null) text.Append($"**{results.Missing}**\n\n");
        text.Append($"- Servers: {results.Servers}\n");
        text.Append($"- Machine: {results.Machine}\n");
        text.Append($"- {results.Settings}\n");
        if (results.LoadBefore is not null) text.Append($"- Load average before and after: {results.LoadBefore}, {results.LoadAfter}\n");
        text.Append($"- Arguments: `{results.Command}`\n\n");
    }

    /// <summary>Every row with every client, and how to read them.</summary>
    public static void AppendRows(StringBuilder text, Results results)
    {
        IReadOnlyList<ReportColumn> columns = ReportColumn.For(results);
        AppendHeader(text, ["workload", "client", .. columns.Select(column => column.Title)], leftAligned: 2);
        foreach (Row row in results.Rows)
            for (int i = 0; i < row.Entries.Count; i++) AppendEntry(text, columns, row, row.Entries[i], isFirst: i == 0);

        text.Append(Legend);
    }

    private static void AppendEntry(StringBuilder text, IReadOnlyList<ReportColumn> columns, Row row, Entry entry, bool isFirst)
    {
        IEnumerable<string> cells = columns.Select((column, at) =>
            at == 0 && ReportColumn.Remark(entry) is string remark ? remark : column.Cell(row, entry));
        AppendLine(text, [isFirst ? row.Name : "", entry.Contender, .. cells]);
    }

    private static void AppendGoals(StringBuilder text, Results results, string summary)
    {
        text.Append($"\n## Targets\n\n{summary} In each cell: what {Results.Own} reached, then what was wanted of this run.\n\n");
        (IReadOnlyList<string> titles, IReadOnlyList<IReadOnlyList<string>> lines) = GoalTable.For(results);
        AppendHeader(text, titles, leftAligned: titles.Count);
        foreach (IReadOnlyList<string> line in lines) AppendLine(text, line);
    }

    public static void AppendHeader(StringBuilder text, IReadOnlyList<string> titles, int leftAligned)
    {
        AppendLine(text, titles);
        text.Append('|').AppendJoin("", titles.Select((_, at) => at < leftAligned ? "---|" : "--:|")).Append('\n');
    }

    public static void AppendLine(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(OneCell)).Append(" |\n");

    private static string OneCell(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);

    private const string Legend = """

        Each figure is the median of its rounds. CPU and bytes are those of the client's process, per command. Latency is from call to reply
        in a closed loop, where a caller sends its next command when it has the reply; in an open loop commands fall due at a fixed rate and
        are timed from then on, so that a stall counts for all that fell due in it. *raw* is a bare socket with commands batched by hand and
        replies counted but not read: what machine and server can do. *redis-benchmark* runs with one connection and the same number in flight.
        *sends* and *receives* are the read and write events that the servers counted (INFO stats), for all clients alike: a send that arrives
        while the server is busy adds no read event, and a large value is several events. MGET over all slots of a cluster: *raw* and *se*
        (which refuses such a command) get each key by a command of its own, all at once.

        """;
}
