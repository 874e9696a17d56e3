// What the person who waits sees while the measurements run.
namespace ClusterClient.Bench.Load;

internal interface IProgressDisplay
{
    void BeginWarmUp(Workload workload, string contender);

    void Begin(Workload workload, string contender, int round, int rounds);

    void Advance();

    /// <summary>A row is complete.</summary>
    void Finish(Row row);
}
