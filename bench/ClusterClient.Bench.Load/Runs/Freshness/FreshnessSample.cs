// What a way to read cost in one round, and the median of several.
namespace ClusterClient.Bench.Load;

/// <param name="CommandsPerSecond">Commands that completed.</param>
/// <param name="P50Microseconds">Half of them took at most this long.</param>
/// <param name="P99Microseconds">All but one in a hundred did.</param>
/// <param name="ClientCpuMicroseconds">CPU time of this process, per command.</param>
/// <param name="AllocatedBytes">Bytes allocated on the managed heap, per command.</param>
/// <param name="ByReplicas">The part of all reads that replicas served, by the servers' own count.</param>
/// <param name="MasterInfo">INFO per second that the master was asked.</param>
/// <param name="ReplicaInfo">INFO per second that a replica was asked, on average.</param>
/// <param name="InfoShare">The part of a core's time that INFO took on the node where it took most.</param>
internal sealed record FreshnessSample(
    double CommandsPerSecond, double P50Microseconds, double P99Microseconds, double ClientCpuMicroseconds, double AllocatedBytes,
    double ByReplicas, double MasterInfo, double ReplicaInfo, double InfoShare)
{
    /// <summary>The median of each figure on its own.</summary>
    public static FreshnessSample Median(IReadOnlyCollection<FreshnessSample> samples) => new(
        Middle(samples, static s => s.CommandsPerSecond), Middle(samples, static s => s.P50Microseconds), Middle(samples, static s => s.P99Microseconds),
        Middle(samples, static s => s.ClientCpuMicroseconds), Middle(samples, static s => s.AllocatedBytes), Middle(samples, static s => s.ByReplicas),
        Middle(samples, static s => s.MasterInfo), Middle(samples, static s => s.ReplicaInfo), Middle(samples, static s => s.InfoShare));

    private static double Middle(IReadOnlyCollection<FreshnessSample> samples, Func<FreshnessSample, double> figure)
    {
        double[] sorted = [.. samples.Select(figure).Order()];
        return sorted[sorted.Length / 2];
    }
}
