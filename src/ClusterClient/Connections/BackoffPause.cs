// The pause before the next attempt to connect, which somebody may cut short.
namespace ClusterClient.Connections;

/// <summary>One waits at a time; anybody may cut it short, and whoever does while nobody waits has no effect.</summary>
internal sealed class BackoffPause(TimeProvider time)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _waiting;
    private ITimer? _timer;
    private TimeSpan _length;
    private long _began;

    /// <summary>Ends the pause that is being waited out, if there is one.</summary>
    internal void Hurry() => ShortenTo(TimeSpan.Zero);

    /// <summary>Has the pause that is being waited out end when it has lasted so long, which may be at once; a shorter one stays as it is.</summary>
    internal void ShortenTo(TimeSpan length)
    {
        if (Volatile.Read(ref _waiting) is null) return;
        lock (_gate)
        {
            if (_waiting is null || length >= _length) return;
            _length = length;
            TimeSpan left = length - time.GetElapsedTime(_began);
            if (left <= TimeSpan.Zero) _waiting.TrySetResult();
            else _timer!.Change(left, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>False when it was cancelled: there is no next attempt. When it returns its task, the pause has begun and can be cut short.</summary>
    internal async ValueTask<bool> WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        if (wait <= TimeSpan.Zero) return !cancellationToken.IsCancellationRequested;
        TaskCompletionSource waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using ITimer timer = time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), waiting, wait, Timeout.InfiniteTimeSpan);
        using CancellationTokenRegistration end = cancellationToken.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), waiting);
        lock (_gate) (_timer, _length, _began, _waiting) = (timer, wait, time.GetTimestamp(), waiting);
        await waiting.Task.ConfigureAwait(false);
        lock (_gate) _waiting = null;
        return !cancellationToken.IsCancellationRequested;
    }
}
