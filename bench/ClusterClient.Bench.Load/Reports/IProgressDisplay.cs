// What the person who waits sees while the measurements run.
namespace ClusterClient.Bench.Load;

internal interface IProgressDisplay
{
    void BeginWarmUp(Workload workload, string contender);

    void Begin(Workload workload, string contender, int round, int rounds);

    void Advance();

    /// <summary>Something that is not one of the measurements that are counted.</summary>
    void Note(string doing);

    /// <summary>A row is complete.</summary>
    void Finish(Row row);
}
