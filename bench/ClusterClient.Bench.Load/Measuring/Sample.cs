// What one client did with one workload in one round, and the median of several such rounds.
namespace ClusterClient.Bench.Load;

/// <summary>Figures per command unless they say otherwise. A null figure is one that cannot be told.</summary>
internal sealed record Sample
{
    /// <summary>Commands that completed, per second.</summary>
    public required double CommandsPerSecond { get; init; }

    /// <summary>CPU time of the client's process.</summary>
    public double? ClientCpuMicroseconds { get; init; }

    /// <summary>Bytes allocated on the managed heap.</summary>
    public double? AllocatedBytes { get; init; }

    /// <summary>Half of all commands took at most this long, from call to reply; in an open loop from the time it fell due.</summary>
    public double? P50Microseconds { get; init; }

    public double? P99Microseconds { get; init; }

    public double? P999Microseconds { get; init; }

    /// <summary>The longest that any timed command took.</summary>
    public double? MaxMicroseconds { get; init; }

    /// <summary>Read events that the servers counted: the client's sends, but what arrives while the server is busy is one event.</summary>
    public double? ServerReads { get; init; }

    /// <summary>Write events that the servers counted: what the client receives, if it is quick to take it.</summary>
    public double? ServerWrites { get; init; }

    /// <summary>CPU time of the servers, all nodes together.</summary>
    public double? ServerCpuMicroseconds { get; init; }

    /// <summary>The median of each figure on its own.</summary>
    public static Sample Median(IReadOnlyCollection<Sample> samples) => new()
    {
        CommandsPerSecond = Middle(samples, s => s.CommandsPerSecond) ?? 0,
        ClientCpuMicroseconds = Middle(samples, s => s.ClientCpuMicroseconds),
        AllocatedBytes = Middle(samples, s => s.AllocatedBytes),
        P50Microseconds = Middle(samples, s => s.P50Microseconds),
        P99Microseconds = Middle(samples, s => s.P99Microseconds),
        P999Microseconds = Middle(samples, s => s.P999Microseconds),
        MaxMicroseconds = Middle(samples, s => s.MaxMicroseconds),
        ServerReads = Middle(samples, s => s.ServerReads),
        ServerWrites = Middle(samples, s => s.ServerWrites),
        ServerCpuMicroseconds = Middle(samples, s => s.ServerCpuMicroseconds),
    };

    private static double? Middle(IEnumerable<Sample> samples, Func<Sample, double?> figure)
    {
        double[] sorted = [.. samples.Select(figure).OfType<double>().Order()];
        if (sorted.Length == 0) return null;
        int half = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
