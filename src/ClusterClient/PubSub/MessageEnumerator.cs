// Reads a subscription's buffer, one message after the other.
using System.Runtime.CompilerServices;

namespace ClusterClient.PubSub;

internal sealed class MessageEnumerator : IAsyncEnumerator<RedisMessage>
{
    private readonly MessageBuffer _buffer;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenRegistration _cancellation;
    private Action? _onDispose;
    private RedisMessage _current;

    internal MessageEnumerator(MessageBuffer buffer, Action onDispose, CancellationToken cancellationToken)
    {
        _buffer = buffer;
        _onDispose = onDispose;
        _cancellationToken = cancellationToken;
        _cancellation = cancellationToken.UnsafeRegister(static buffer => ((MessageBuffer)buffer!).Interrupt(), buffer);
    }

    public RedisMessage Current => _current;

    public ValueTask<bool> MoveNextAsync()
    {
        if (_cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<bool>(_cancellationToken);
        if (_buffer.TryTake(out _current, out bool isEnded, out Exception? failure)) return ValueTask.FromResult(true);
        return isEnded ? End(failure) : WaitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _cancellation.DisposeAsync().ConfigureAwait(false);
        Interlocked.Exchange(ref _onDispose, null)?.Invoke();
    }

    private static ValueTask<bool> End(Exception? failure) => failure is null ? ValueTask.FromResult(false) : ValueTask.FromException<bool>(failure);

    // Pooled: it is waited for once for each burst of messages.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync()
    {
        while (true)
        {
            ValueTask<bool> waiting = _buffer.WaitAsync();

            // Behind the beginning of the wait: a cancellation from here on ends it.
            if (_cancellationToken.IsCancellationRequested) _buffer.Interrupt();
            await waiting.ConfigureAwait(false);
            _cancellationToken.ThrowIfCancellationRequested();
            if (_buffer.TryTake(out _current, out bool isEnded, out Exception? failure)) return true;
            if (isEnded) return await End(failure).ConfigureAwait(false);
        }
    }
}
