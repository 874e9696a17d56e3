// A client under load inside this process.
namespace ClusterClient.Bench.Load;

internal interface ILoadClient : IAsyncDisposable
{
    /// <summary>Runs the workload's callers until the window is over. Faults when a command fails or a reply is wrong.</summary>
    Task RunAsync(Workload workload, DataSet data, RunWindow window);
}
