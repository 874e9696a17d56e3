// What a token, a timeout and listeners add to a call.
using System.Globalization;

namespace ClusterClient.Bench.Load;

internal static class CallStyles
{
    private const string Plain = "plain call";

    public static Workload Workload { get; } = new(Operation.GetLease, ValueBytes: 32, Callers: 64);

    public static IReadOnlyList<IContender> Contenders { get; } =
    [
        OwnClient.With(Plain, static () => new OwnCallStyle()),
        OwnClient.With("cancellable token", OwnCallStyle.WithToken),
        OwnClient.With("WithTimeout", OwnCallStyle.WithTimeout),
        OwnClient.With("meter listener", OwnCallStyle.WithMeterListener),
        OwnClient.With("activity listener", OwnCallStyle.WithActivityListener),
    ];

    public static IEnumerable<Finding> Findings(IReadOnlyList<Row> rows) =>
        from row in rows
        let plain = row[Plain]?.Median
        from entry in row.Entries
        let median = entry.Median
        where plain is not null && median is not null
        select new Finding($"CPU and bytes of a call: {entry.Contender}", Results.Own,
            $"{Figures.Micros(median.ClientCpuMicroseconds)}, {Figures.Bytes(median.AllocatedBytes)} B",
            entry.Contender == Plain ? "nobody listens" : Difference(median, plain));

    private static string Difference(Sample sample, Sample plain) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(sample.ClientCpuMicroseconds - plain.ClientCpuMicroseconds) * 1000:+0;-0;0} ns, {sample.AllocatedBytes - plain.AllocatedBytes:+0;-0;0} B; {sample.CommandsPerSecond / plain.CommandsPerSecond:0.00} of the plain call's rate");
}
