// The results as Markdown, for a README or an issue.
using System.Text;

namespace ClusterClient.Bench.Load;

internal static class MarkdownReport
{
    public static string Render(Results results)
    {
        var text = new StringBuilder();
        text.Append("# Load comparison\n\n");
        text.Append($"- Server: {results.Server}\n");
        text.Append($"- Machine: {results.Machine}\n");
        text.Append($"- {results.Settings}\n");
        if (results.LoadBefore is not null) text.Append($"- Load average before and after: {results.LoadBefore}, {results.LoadAfter}\n");
        text.Append($"- Arguments: `{results.Command}`\n\n");

        IReadOnlyList<ReportColumn> columns = ReportColumn.For(results);
        text.Append("| workload | client | ").AppendJoin(" | ", columns.Select(column => column.Title)).Append(" |\n");
        text.Append("|---|---|").AppendJoin("", columns.Select(_ => "--:|")).Append('\n');
        foreach (Row row in results.Rows)
            for (int i = 0; i < row.Entries.Count; i++) AppendEntry(text, columns, row, row.Entries[i], isFirst: i == 0);

        text.Append(Legend);
        return text.ToString();
    }

    private static void AppendEntry(StringBuilder text, IReadOnlyList<ReportColumn> columns, Row row, Entry entry, bool isFirst)
    {
        text.Append($"| {(isFirst ? row.Workload.Name : "")} | {entry.Contender} | ");
        IEnumerable<string> cells = columns.Select((column, at) =>
            at == 0 && ReportColumn.Remark(entry) is string remark ? OneCell(remark) : column.Cell(row, entry));
        text.AppendJoin(" | ", cells).Append(" |\n");
    }

    private static string OneCell(string remark) => remark.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);

    private const string Legend = """

        Each figure is the median of its rounds. CPU and bytes are those of the client's process, per command. Latency is from call to reply
        in a closed loop: a caller sends its next command when it has the reply. *raw* is a bare socket with commands batched by hand and replies
        counted but not read: what machine and server can do. *redis-benchmark* runs with one connection and the same number in flight.
        *server reads* are the read events the server counted; a send that arrives while the server is busy adds none.

        """;
}
