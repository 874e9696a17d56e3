// What one client did with one workload in one round, and the median of several such rounds.
namespace ClusterClient.Bench.Load;

/// <summary>Figures per command unless they say otherwise. A null figure is one that this client cannot tell.</summary>
/// <param name="CommandsPerSecond">Commands that completed, per second.</param>
/// <param name="ClientCpuMicroseconds">CPU time of the client's process.</param>
/// <param name="AllocatedBytes">Bytes allocated on the managed heap.</param>
/// <param name="P50Microseconds">Half of all commands took at most this long, from call to reply.</param>
/// <param name="P99Microseconds">99 of 100 took at most this long.</param>
/// <param name="P999Microseconds">999 of 1000 took at most this long.</param>
/// <param name="Sends">Times that bytes were handed to the socket.</param>
/// <param name="Receives">Times that bytes were taken from the socket.</param>
/// <param name="ServerReads">Read events that the server counted (INFO stats): what arrived while it was busy is one event.</param>
/// <param name="ServerCpuMicroseconds">CPU time of the servers, all nodes together.</param>
internal sealed record Sample(
    double CommandsPerSecond,
    double? ClientCpuMicroseconds,
    double? AllocatedBytes,
    double? P50Microseconds,
    double? P99Microseconds,
    double? P999Microseconds,
    double? Sends,
    double? Receives,
    double? ServerReads,
    double? ServerCpuMicroseconds)
{
    /// <summary>The median of each figure on its own.</summary>
    public static Sample Median(IReadOnlyCollection<Sample> samples) => new(
        Middle(samples, s => s.CommandsPerSecond) ?? 0,
        Middle(samples, s => s.ClientCpuMicroseconds),
        Middle(samples, s => s.AllocatedBytes),
        Middle(samples, s => s.P50Microseconds),
        Middle(samples, s => s.P99Microseconds),
        Middle(samples, s => s.P999Microseconds),
        Middle(samples, s => s.Sends),
        Middle(samples, s => s.Receives),
        Middle(samples, s => s.ServerReads),
        Middle(samples, s => s.ServerCpuMicroseconds));

    private static double? Middle(IEnumerable<Sample> samples, Func<Sample, double?> figure)
    {
        double[] sorted = [.. samples.Select(figure).OfType<double>().Order()];
        if (sorted.Length == 0) return null;
        int half = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
