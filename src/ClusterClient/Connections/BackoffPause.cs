// The pause before the next attempt to connect, which somebody may cut short.
namespace ClusterClient.Connections;

/// <summary>One waits at a time; anybody may hurry, and whoever hurries while nobody waits has no effect.</summary>
internal sealed class BackoffPause
{
    private TaskCompletionSource? _waiting;

    /// <summary>Ends the pause that is being waited out, if there is one.</summary>
    internal void Hurry() => Volatile.Read(ref _waiting)?.TrySetResult();

    /// <summary>False when it was cancelled: there is no next attempt.</summary>
    internal async ValueTask<bool> WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        TaskCompletionSource waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _waiting, waiting);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(waiting.Task, Task.Delay(wait, end.Token)).ConfigureAwait(false);
        Volatile.Write(ref _waiting, null);
        await end.CancelAsync().ConfigureAwait(false);
        return !cancellationToken.IsCancellationRequested;
    }
}
