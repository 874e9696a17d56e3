// Ten thousand callers on one client.
namespace ClusterClient.Bench.Load;

internal static class Crowd
{
    public static Workload Workload { get; } = new(Operation.GetLease, ValueBytes: 32, Callers: 10_000);

    public static IEnumerable<Finding> Findings(IReadOnlyList<Row> rows) =>
        from row in rows
        from entry in row.Entries
        let median = entry.Median
        where median is not null
        select new Finding("10,000 callers", entry.Contender,
            $"{Figures.Rate(median.CommandsPerSecond)}, p99 {Figures.Micros(median.P99Microseconds)}", $"{Figures.Bytes(median.AllocatedBytes)} B per command");
}
