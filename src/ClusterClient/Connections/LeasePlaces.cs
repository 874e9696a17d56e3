// How many leased connections one node may have at a time, and who is next.
namespace ClusterClient.Connections;

/// <summary>
/// A bounded number of places, given in the order in which they were asked for. Every leased connection is one more client of the server: unbounded, calls that wait
/// for a slow replica would open connections until the server admits nobody (<c>maxclients</c>).
/// </summary>
/// <param name="most">How many places there are.</param>
/// <param name="mostWaiting">How many may wait for one.</param>
internal sealed class LeasePlaces(int most, int mostWaiting)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private RedisConnectionException? _closed;
    private TaskCompletionSource? _emptied;
    private int _taken;

    /// <summary>How many wait for a place.</summary>
    internal int Waiting
    {
        get
        {
            lock (_gate) return _waiting.Count;
        }
    }

    /// <summary>Whether anybody waits for a place, as it was a moment ago; without the lock, since every new topology asks it of every node.</summary>
    internal bool IsWaitedFor => _waiting.Count > 0;

    /// <summary>Whether anybody has a place, or waits for one.</summary>
    internal bool IsInUse => Volatile.Read(ref _taken) > 0;

    /// <summary>Returns when the caller has a place; it is to be given back.</summary>
    /// <param name="command">What it is for, for the error.</param>
    /// <param name="node">The node, for the error.</param>
    /// <param name="belongsElsewhere">Whether who waits should rather ask another node by now; runs under the line's lock.</param>
    /// <param name="cancellationToken">Gives the wait up.</param>
    /// <exception cref="RedisOverloadedException">As many wait already as may.</exception>
    /// <exception cref="RedisConnectionException">The node is not to be waited for.</exception>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    internal ValueTask TakeAsync(string command, string node, Func<bool> belongsElsewhere, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_closed is { } closed) throw closed;
            if (_taken < most)
            {
                _taken++;
                return ValueTask.CompletedTask;
            }

            if (_waiting.Count < mostWaiting) return WaitAsync(_waiting.AddLast(new Waiter(belongsElsewhere)), cancellationToken);
        }

        throw new RedisOverloadedException(
            $"{command} was refused: all {most} connections of their own to {node} are taken (maxLeasedConnections), and as many calls as may ({mostWaiting}) already wait for one. {OperationErrors.Explain(Outcome.NotExecuted)} Slow down, or raise maxLeasedConnections.")
        { CommandName = command, Node = node };
    }

    /// <summary>Gives a place to whoever has waited longest, or back.</summary>
    internal void Return()
    {
        TaskCompletionSource? next, emptied = null;
        lock (_gate)
        {
            next = _waiting.First?.Value;
            if (next is not null) _waiting.RemoveFirst();
            else if (--_taken == 0) emptied = _emptied;
        }

        next?.TrySetResult();
        emptied?.TrySetResult();
    }

    /// <summary>Tells all who wait that the node is not to be waited for, or only those who belong elsewhere by now.</summary>
    internal void SendAway(RedisConnectionException why, bool all)
    {
        List<Waiter> leaving = [];
        lock (_gate)
        {
            for (LinkedListNode<Waiter>? place = _waiting.First, next; place is not null; place = next)
            {
                next = place.Next;
                if (!all && !place.Value.BelongsElsewhere()) continue;
                leaving.Add(place.Value);
                _waiting.Remove(place);
            }
        }

        foreach (Waiter one in leaving) one.TrySetException(why);
    }

    /// <summary>Gives no more places, and sends away who waits. The task ends when all places have been given back.</summary>
    internal Task Close(RedisConnectionException why)
    {
        Task emptied;
        lock (_gate)
        {
            _closed ??= why;
            _emptied ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_taken == 0) _emptied.TrySetResult();
            emptied = _emptied.Task;
        }

        SendAway(why, all: true);
        return emptied;
    }

    private async ValueTask WaitAsync(LinkedListNode<Waiter> place, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration end = cancellationToken.UnsafeRegister(
            (_, token) =>
            {
                lock (_gate)
                {
                    // Who has been given a place, or was sent away, is in no line any more.
                    if (place.List is null) return;
                    _waiting.Remove(place);
                }

                place.Value.TrySetCanceled(token);
            },
            null);
        await place.Value.Task.ConfigureAwait(false);
    }

    private sealed class Waiter(Func<bool> belongsElsewhere) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        internal Func<bool> BelongsElsewhere => belongsElsewhere;
    }
}
