// What 64 callers feel of one on the same client that behaves badly.
namespace ClusterClient.Bench.Load;

internal static class Neighbours
{
    private static readonly Workload _alone = new(Operation.GetLease, ValueBytes: 32, Callers: 64);

    public static IReadOnlyList<Workload> Workloads { get; } = [.. Enum.GetValues<Disturbance>().Select(kind => _alone with { Disturbance = kind })];

    public static IEnumerable<Finding> Findings(IReadOnlyList<Row> rows)
    {
        Row? alone = rows.FirstOrDefault(row => row.Workload.Disturbance == Disturbance.None);
        return
            from row in rows
            from entry in row.Entries
            let median = entry.Median
            where median is not null
            select new Finding(row.Name, entry.Contender,
                $"p99 {Figures.Micros(median.P99Microseconds)}, longest {Figures.Micros(median.MaxMicroseconds)}",
                row == alone ? "undisturbed" : $"p99 {Figures.Times(median.P99Microseconds / alone?[entry.Contender]?.Median?.P99Microseconds)} the undisturbed one");
    }
}
