// Something that can be measured: a client inside this process, or another program.
namespace ClusterClient.Bench.Load;

internal interface IContender
{
    string Name { get; }

    /// <summary>Why this contender has no figure for the workload on that target; null if it can run.</summary>
    string? WhyNot(Target target, Workload workload);

    Task<Sample> MeasureAsync(Target target, Workload workload, DataSet data, Timing timing, CancellationToken cancellationToken);
}
