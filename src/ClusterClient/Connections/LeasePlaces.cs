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
    private readonly LinkedList<TaskCompletionSource> _waiting = [];
    private int _taken;

    /// <summary>Whether all are taken.</summary>
    internal bool IsFull
    {
        get
        {
            lock (_gate) return _taken >= most;
        }
    }

    /// <summary>Returns when the caller has a place; it is to be given back.</summary>
    /// <param name="command">What it is for, for the error.</param>
    /// <param name="node">The node, for the error.</param>
    /// <param name="cancellationToken">Gives the wait up.</param>
    /// <exception cref="RedisOverloadedException">As many wait already as may.</exception>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    internal ValueTask TakeAsync(string command, string node, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_taken < most)
            {
                _taken++;
                return ValueTask.CompletedTask;
            }

            if (_waiting.Count < mostWaiting) return WaitAsync(_waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)), cancellationToken);
        }

        throw new RedisOverloadedException(
            $"{command} was refused: all {most} connections of their own to {node} are taken (maxLeasedConnections), and as many calls as may ({mostWaiting}) already wait for one. {OperationErrors.Explain(Outcome.NotExecuted)} Slow down, or raise maxLeasedConnections.")
        { CommandName = command, Node = node };
    }

    /// <summary>Gives a place to whoever has waited longest, or back.</summary>
    internal void Return()
    {
        TaskCompletionSource? next;
        lock (_gate)
        {
            next = _waiting.First?.Value;
            if (next is null) _taken--;
            else _waiting.RemoveFirst();
        }

        next?.TrySetResult();
    }

    /// <summary>Tells those who wait that the node is not to be waited for.</summary>
    internal void SendAway(RedisConnectionException why)
    {
        TaskCompletionSource[] waiting;
        lock (_gate)
        {
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        foreach (TaskCompletionSource one in waiting) one.TrySetException(why);
    }

    private async ValueTask WaitAsync(LinkedListNode<TaskCompletionSource> place, CancellationToken cancellationToken)
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
}
