// A client under load inside this process.
namespace ClusterClient.Bench.Load;

internal interface ILoadClient : IAsyncDisposable
{
    /// <summary>Sends and receives so far, where the client can say.</summary>
    SocketCalls? SocketCalls { get; }

    /// <summary>Runs the workload's callers until the window is over. Faults when a command fails or a reply is wrong.</summary>
    Task RunAsync(Workload workload, DataSet data, RunWindow window);
}

/// <summary>How often bytes were handed to the socket and taken from it.</summary>
internal readonly record struct SocketCalls(long Sends, long Receives);
