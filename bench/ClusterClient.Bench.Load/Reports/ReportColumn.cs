// The columns that the console's table and the Markdown table share.
namespace ClusterClient.Bench.Load;

internal sealed record ReportColumn(string Title, Func<Row, Entry, string> Cell)
{
    /// <summary>The columns that a narrow console can do without.</summary>
    public bool IsDetail { get; init; }

    /// <summary>The columns that say something in these results: a ratio to a peer that was not measured is left out.</summary>
    public static IReadOnlyList<ReportColumn> For(Results results)
    {
        var columns = new List<ReportColumn> { new("commands/s", (_, entry) => Figures.Rate(entry.Median?.CommandsPerSecond)) };
        if (results.Has(Results.Peer)) columns.Add(new("× SE", (row, entry) => Figures.Times(row.Ratio(entry, Results.Peer))));
        if (results.Has(Results.Floor)) columns.Add(new("× floor", (row, entry) => Figures.Times(row.Ratio(entry, Results.Floor))));
        if (results.Rows.Any(row => Throughput(row) is not null)) columns.Add(new("target", TargetCell));
        columns.AddRange(
        [
            new("CPU/cmd", (_, entry) => Figures.Micros(entry.Median?.ClientCpuMicroseconds)),
            new("B/cmd", (_, entry) => Figures.Bytes(entry.Median?.AllocatedBytes)),
            new("p50", (_, entry) => Figures.Micros(entry.Median?.P50Microseconds)),
            new("p99", (_, entry) => Figures.Micros(entry.Median?.P99Microseconds)),
            new("p99.9", (_, entry) => Figures.Micros(entry.Median?.P999Microseconds)),
            new("max", (_, entry) => Figures.Micros(entry.Median?.MaxMicroseconds)) { IsDetail = true },
            new("sends/cmd", (_, entry) => Figures.Count(entry.Median?.ServerReads)) { IsDetail = true },
            new("recvs/cmd", (_, entry) => Figures.Count(entry.Median?.ServerWrites)) { IsDetail = true },
        ]);
        return columns;
    }

    /// <summary>What stands in a row's place when there are no figures.</summary>
    public static string? Remark(Entry entry) => entry.Failure is string failure ? $"failed: {failure}" : entry.Note;

    private static string TargetCell(Row row, Entry entry)
    {
        if (entry.Contender != Results.Own || Throughput(row) is not GoalCheck check) return "";
        return check.IsMet ? $"{Figures.Rate(check.WantedRate)} met" : $"{Figures.Rate(check.WantedRate)} missed";
    }

    private static GoalCheck? Throughput(Row row) => row.Goals.FirstOrDefault(check => check.Kind == GoalKind.Throughput);
}
