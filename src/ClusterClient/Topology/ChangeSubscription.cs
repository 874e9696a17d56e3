// Tells one subscriber of every change, in order, on a thread of its own.
using ClusterClient.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Topology;

/// <summary>
/// Tells one subscriber of every change, in order, outside all locks, on the thread pool: a subscriber that blocks delays nobody but itself. When it
/// falls far behind, the changes it has yet to see are joined into one, so that the queue stays bounded.
/// </summary>
internal sealed class ChangeSubscription(Action<TopologyChange> handler, ILogger logger, Action<ChangeSubscription> onDispose) : IThreadPoolWorkItem, IDisposable
{
    private const int MostWaiting = 64;
    private readonly Lock _lock = new();
    private readonly LinkedList<TopologyChange> _waiting = [];
    private bool _isRunning;
    private bool _isDisposed;

    public void Add(TopologyChange change)
    {
        lock (_lock)
        {
            if (_isDisposed) return;
            if (_waiting.Count == MostWaiting)
            {
                TopologyChange last = _waiting.Last!.Value;
                _waiting.RemoveLast();
                change = new(last.Previous, change.Current, change.Reason, change.Detail);
            }

            _waiting.AddLast(change);
            if (_isRunning) return;
            _isRunning = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (Next() is { } change)
        {
            try
            {
                handler(change);
            }
            catch (Exception error)
            {
                Log.TopologySubscriberFailed(logger, error);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _waiting.Clear();
        }

        onDispose(this);
    }

    private TopologyChange? Next()
    {
        lock (_lock)
        {
            if (_waiting.First is not { } first)
            {
                _isRunning = false;
                return null;
            }

            _waiting.RemoveFirst();
            return first.Value;
        }
    }
}
