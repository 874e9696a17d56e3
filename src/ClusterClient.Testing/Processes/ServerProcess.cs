// A server that runs: what a node needs of it, whatever it runs in.
namespace ClusterClient.Testing.Processes;

internal abstract class ServerProcess : IAsyncDisposable
{
    /// <summary>The server's own process id.</summary>
    public abstract int ProcessId { get; }

    public abstract bool HasExited { get; }

    public abstract void Send(Signal signal);

    /// <summary>Waits until the process is gone and with it its sockets.</summary>
    public Task WaitForExitAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        Condition.WaitAsync(
            $"the end of process {ProcessId}", timeout,
            _ => Task.FromResult(HasExited ? null : "it still runs"), cancellationToken);

    /// <summary>Ends it at once, frozen or not.</summary>
    public abstract ValueTask DisposeAsync();
}
