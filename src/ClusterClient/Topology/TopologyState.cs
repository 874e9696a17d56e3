// The one owner of the current snapshot: publishes each next one, wakes who waits, tells who listens.
using System.Collections.Immutable;
using ClusterClient.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Topology;

/// <summary>
/// Owns the current snapshot and what redirects taught. Reading it takes no lock; everything that changes it takes one short lock, so that a redirect
/// and a refresh never undo each other.
/// </summary>
internal sealed class TopologyState(LogicalClock clock, ILogger logger) : IDisposable
{
    private const int OptimisticTries = 4;
    private readonly Lock _lock = new();
    private TopologySnapshot _current = TopologySnapshot.Unknown;
    private LearnedMoves _learned = LearnedMoves.None;
    private SupersededNodes _superseded = SupersededNodes.None;
    private ImmutableArray<ChangeSubscription> _subscriptions = [];
    private TaskCompletionSource<TopologySnapshot>? _next;
    private bool _isDisposed;

    public TopologySnapshot Current => Volatile.Read(ref _current);

    /// <summary>Whether a higher epoch has taken everything from the master at an address, and none has given it back.</summary>
    public bool IsSuperseded(NodeEndpoint address) => Volatile.Read(ref _superseded).Bars(address, Current);

    /// <summary>What happened last, oldest first.</summary>
    public TopologyJournal Journal { get; } = new();

    /// <summary>Gives one slot another owner at once, so that no second command pays for the same redirect.</summary>
    /// <returns>Whether the map changed: false when it said so already, and outside a cluster.</returns>
    public bool ApplyMoved(int slot, NodeEndpoint target)
    {
        TopologyNode? before;
        lock (_lock)
        {
            TopologySnapshot current = _current;
            if (_isDisposed || current.Kind != TopologyKind.Cluster) return false;
            TopologySnapshot next = current.WithSlotOwner(slot, target);
            if (ReferenceEquals(next, current)) return false;
            before = current.MasterOf(slot);
            long epoch = Math.Max(before?.ConfigEpoch ?? 0, current.NodeAt(target)?.ConfigEpoch ?? 0);
            _learned = _learned.With(slot, new(target, clock.Next(), epoch));
            Publish(next, TopologyChangeReason.Moved, $"slot {slot} to {target}");
            Journal.AddMove(next.Version, $"slot {slot} to {target}");
        }

        Log.SlotMoved(logger, slot, before?.Endpoint ?? default, target);
        return true;
    }

    /// <summary>Weighs a reading against what redirects taught meanwhile, and publishes what comes out. One at a time.</summary>
    public TopologyVerdict Conclude(ITopologyReading reading, TopologyChangeReason reason, string detail)
    {
        TopologyVerdict? verdict = null;
        for (int attempt = 1; verdict is null; attempt++) verdict = TryConclude(reading, reason, detail, isLast: attempt == OptimisticTries);
        return verdict;
    }

    // A merge takes about a millisecond, and whoever brings a MOVED must not wait for it: it is done outside the lock, and again when a redirect
    // came in between; when they do not stop coming, inside.
    private TopologyVerdict? TryConclude(ITopologyReading reading, TopologyChangeReason reason, string detail, bool isLast)
    {
        TopologySnapshot current;
        LearnedMoves learned;
        lock (_lock) (current, learned) = (_current, _learned);
        TopologyVerdict? verdict = isLast ? null : reading.Conclude(current, learned);
        TopologyChange change;
        lock (_lock)
        {
            if (verdict is not null && !(ReferenceEquals(current, _current) && ReferenceEquals(learned, _learned))) return null;
            verdict ??= reading.Conclude(_current, _learned);
            if (_isDisposed) return verdict;
            _learned = verdict.Learned;
            if (ReferenceEquals(verdict.Snapshot, _current)) return verdict;
            Volatile.Write(ref _superseded, _superseded.After(_current, verdict.Snapshot));
            change = Publish(verdict.Snapshot, reason = verdict.Reason ?? reason, detail);
        }

        Journal.Add(change);
        TopologySnapshot next = verdict.Snapshot;
        Log.TopologyChanged(logger, next.Version, next.Masters.Length, next.Replicas.Length, reason.ToString());
        return verdict;
    }

    /// <summary>The first snapshot with a version above the given one.</summary>
    public Task<TopologySnapshot> WaitForChangeAsync(long version, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_isDisposed) return Task.FromException<TopologySnapshot>(Disposed());
            if (_current.Version > version) return Task.FromResult(_current);
            _next ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _next.Task.WaitAsync(cancellationToken);
        }
    }

    public IDisposable Subscribe(Action<TopologyChange> handler)
    {
        var subscription = new ChangeSubscription(handler, logger, Unsubscribe);
        lock (_lock) _subscriptions = _subscriptions.Add(subscription);
        return subscription;
    }

    /// <summary>Nothing is published from here on; who waits fails.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _subscriptions = [];
            _next?.TrySetException(Disposed());
            _ = _next?.Task.Exception; // perhaps nobody waits any more
        }
    }

    public static RedisConnectionException Disposed() => new("The client is disposed.", ConnectionFailure.Disposed, Outcome.NotExecuted);

    private TopologyChange Publish(TopologySnapshot next, TopologyChangeReason reason, string detail)
    {
        var change = new TopologyChange(_current, next, reason, detail);
        Volatile.Write(ref _current, next);
        TaskCompletionSource<TopologySnapshot>? waiting = _next;
        _next = null;

        // Under the lock, for the order's sake; neither runs anybody's code here.
        waiting?.SetResult(next);
        foreach (ChangeSubscription subscription in _subscriptions) subscription.Add(change);
        return change;
    }

    private void Unsubscribe(ChangeSubscription subscription)
    {
        lock (_lock) _subscriptions = _subscriptions.Remove(subscription);
    }
}
