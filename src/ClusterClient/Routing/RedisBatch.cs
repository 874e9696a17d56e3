// Commands of any mix, collected first and sent all in one go.
using ClusterClient.Protocol;
using ClusterClient.Routing;

namespace ClusterClient;

/// <summary>
/// Collects commands for any nodes and sends nothing until <see cref="SendAsync"/>, which hands all of them over in one go: what is for one node
/// travels together. Each command has its own result and its own failure, as if it had been called by itself; a batch is no transaction.
/// </summary>
/// <remarks>
/// <para>Await the tasks of the commands after <see cref="SendAsync"/>, not before: until then they cannot end. The deadline of each begins when it is sent.</para>
/// <para>A batch is sent once and not used again; make another, it is cheap. What is never sent fails as not executed, when the batch is disposed or
/// nobody holds it any more. Commands may be added by several threads.</para>
/// </remarks>
public sealed class RedisBatch : ICommandExecutor, IDisposable
{
    /// <summary>So many are encoded before the first bytes leave: enough to fill a send, and few enough that the nodes need not wait for the last.</summary>
    private const int Together = 512;

    private readonly ICommandExecutor _executor;
    private readonly Router _router;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<BatchItem>? _items = [];
    private int _left;
    private int _inFlight;
    private long _bytesInFlight;
    private TaskCompletionSource? _room;

    internal RedisBatch(ICommandExecutor executor, Router router)
    {
        _executor = executor;
        _router = router;
    }

#pragma warning disable MA0055 // No resource to free, but callers to wake: without it, who awaits a batch that nobody can send any more waits for ever.
    /// <summary>Ends what was never sent; see <see cref="Dispose"/>.</summary>
    ~RedisBatch()
#pragma warning restore MA0055
    {
        if (_items is { Count: > 0 } items) _ = Task.Run(() => Abandon(items, "its batch was forgotten before it was sent. Call SendAsync, and await the tasks of its commands behind that"));
    }

    /// <summary>How many commands it holds; 0 once it was sent or disposed.</summary>
    public int Count
    {
        get { lock (_gate) return _items?.Count ?? 0; }
    }

    /// <summary>Adds a command. Nothing is sent, and the task cannot end before <see cref="SendAsync"/>.</summary>
    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The batch was sent already.</exception>
    /// <exception cref="NotSupportedException">The shared connection must not carry the command; the message says what to use instead.</exception>
    public ValueTask<T> ExecuteAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentNullException.ThrowIfNull(command.Info);
        RefusedCommands.ThrowIfRefused(command);
        BatchItem<T> item = new(command, reply, cancellationToken);
        lock (_gate)
        {
            if (_items is null) throw new InvalidOperationException($"{command.Info.Name} cannot be added: this batch was sent or disposed already. Make another with CreateBatch().");
            _items.Add(item);
        }

        return item.Task;
    }

    /// <summary>
    /// Sends all commands, in the order in which they were added, and closes the batch. A batch that is larger than what may be in flight to one node
    /// (<c>maxInFlightCommands</c>, <c>maxInFlightBytes</c>) follows its own replies from there on.
    /// </summary>
    /// <returns>Ends when every command has, well or not. It never fails for a command: each one's own task does.</returns>
    /// <exception cref="InvalidOperationException">The batch was sent already.</exception>
    public ValueTask SendAsync()
    {
        List<BatchItem> items = Take() ?? throw new InvalidOperationException("This batch was sent or disposed already. Make another with CreateBatch().");
#pragma warning disable CA1816 // Sent is as good as disposed: nobody is left to wake.
        GC.SuppressFinalize(this);
#pragma warning restore CA1816
        return items.Count == 0 ? ValueTask.CompletedTask : new ValueTask(SendAllAsync(items));
    }

    /// <summary>Gives up a batch that was not sent: each command's task fails, as not executed. Does nothing once it was sent.</summary>
    public void Dispose()
    {
        if (Take() is { } items) Abandon(items, "its batch was disposed before it was sent");
        GC.SuppressFinalize(this);
    }

    private List<BatchItem>? Take()
    {
        lock (_gate)
        {
            List<BatchItem>? items = _items;
            _items = null;
            return items;
        }
    }

    private static void Abandon(List<BatchItem> items, string reason)
    {
        foreach (BatchItem item in items) item.Abandon(reason);
    }

    /// <summary>All at once, unless that is more than may be in flight to one node: then the rest follows the replies, and nothing is refused for want of room.</summary>
    private async Task SendAllAsync(List<BatchItem> items)
    {
        _left = items.Count;
        for (int next = 0; next < items.Count;)
        {
            using (_router.HoldSends())
            {
                for (int i = 0; i < Together && next < items.Count && !IsFull(1); i++)
                {
                    BatchItem item = items[next++];
                    Interlocked.Increment(ref _inFlight);
                    Interlocked.Add(ref _bytesInFlight, item.Size);
                    item.Send(_executor, this);
                }
            }

            if (IsFull(1)) await RoomAsync().ConfigureAwait(false);
        }

        await _ended.Task.ConfigureAwait(false);
    }

    /// <summary>Whether so much is in flight as may be, or as the part of it that <paramref name="divisor"/> leaves.</summary>
    private bool IsFull(int divisor)
        => Volatile.Read(ref _inFlight) >= Math.Max(1, _router.Settings.MaxInFlightCommands / divisor)
        || Volatile.Read(ref _bytesInFlight) >= Math.Max(1, _router.Settings.MaxInFlightBytes / divisor);

    /// <summary>Waits until half of what may be in flight is.</summary>
    private Task RoomAsync()
    {
        TaskCompletionSource room = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _room, room);

        // In this order: what ends from here on sees who waits, and what ended before is counted here.
        if (!IsFull(2)) room.TrySetResult();
        return room.Task;
    }

    internal void OnEnded(BatchItem item)
    {
        Interlocked.Add(ref _bytesInFlight, -item.Size);
        Interlocked.Decrement(ref _inFlight);
        if (Volatile.Read(ref _room) is { } room && !IsFull(2)) room.TrySetResult();
        if (Interlocked.Decrement(ref _left) == 0) _ended.SetResult();
    }
}
