// Keeps the snapshot true: reads the topology on a cause or after a while, one read at a time, and patches what redirects teach.
using System.Threading.Channels;
using ClusterClient.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Topology;

/// <summary>
/// Keeps the snapshot true. One loop reads, so there is never more than one read at a time; requests that come during a read are joined
/// into the one after it. A read that fails is logged, counted and tried again with back-off.
/// </summary>
internal sealed class TopologyRefresher : IRefreshRequests, IAsyncDisposable
{
    private readonly ITopologySource _source;
    private readonly INodeQuery _query;
    private readonly TimeProvider _time;
    private readonly Telemetry _telemetry;
    private readonly ILogger _logger;
    private readonly TopologyState _state;
    private readonly RefreshSchedule _schedule;
    private readonly Lock _scheduleLock = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly long _epoch;
    private ITimer? _timer;
    private Task _loop = Task.CompletedTask;
    private long _reads;
    private long _failedReads;
    private Exception? _lastFailure;
    private long _failedInARow;
    private bool _isDisposed;

    public TopologyRefresher(
        ITopologySource source, INodeQuery query, LogicalClock clock, RefreshTiming timing, TimeProvider time, Telemetry telemetry, ILogger logger)
    {
        _source = source;
        _query = query;
        _time = time;
        _telemetry = telemetry;
        _logger = logger;
        _state = new(clock, logger);
        _schedule = new(timing);
        _epoch = time.GetTimestamp();
        (source as IWatchingTopologySource)?.Attach(this);
    }

    /// <summary>What is believed now; <see cref="TopologyKind.Unknown"/> until the first read succeeded.</summary>
    public TopologySnapshot Current => _state.Current;

    /// <summary>What happened last, oldest first.</summary>
    public TopologyJournal Journal => _state.Journal;

    /// <summary>Whether a MOVED to the address is not to be believed before a view confirms it.</summary>
    public bool IsSuperseded(NodeEndpoint address) => _state.IsSuperseded(address);

    /// <summary>Reads begun.</summary>
    public long Reads => Volatile.Read(ref _reads);

    /// <summary>Why the last read failed; null when it did not.</summary>
    public Exception? LastFailure => Volatile.Read(ref _lastFailure);

    /// <summary>Reads that nobody answered.</summary>
    public long FailedReads => Volatile.Read(ref _failedReads);

    /// <summary>Starts the loop and its first read, without waiting for it; the read is tried again until it succeeds.</summary>
    /// <returns>Ends with the first read: the first snapshot, or why no seed could tell it.</returns>
    /// <exception cref="RedisConnectionException">No seed could be used; names each with its cause. The loop goes on trying until disposal.</exception>
    public Task<TopologySnapshot> Start()
    {
        Task<TopologySnapshot> first = RefreshAsync(TopologyChangeReason.Bootstrap, CancellationToken.None);

        // The loop and its timer must not carry whatever flows with the caller who happened to connect.
        AsyncFlowControl? flow = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        try
        {
            _timer = _time.CreateTimer(static self => ((TopologyRefresher)self!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _loop = Task.Run(RunAsync);
        }
        finally
        {
            flow?.Undo();
        }

        return first;
    }

    /// <summary>Asks for a read soon and returns at once. Any number of requests before the next read cost one read.</summary>
    /// <param name="reason">The cause.</param>
    /// <param name="node">The node it came from, or that is down.</param>
    /// <param name="detail">The cause in words, for people.</param>
    public void RequestRefresh(TopologyChangeReason reason, NodeEndpoint? node = null, string? detail = null)
    {
        RefreshRequest request = RefreshRequest.Create(reason, node, detail);

        if (node is { } named && !IsNews(request, named)) return;
        Add(request, node);
    }

    /// <summary>Asks for a read and waits for the end of one that began after this call.</summary>
    /// <exception cref="RedisException">Nobody answered; names each node with its cause.</exception>
    public Task<TopologySnapshot> RefreshAsync(TopologyChangeReason reason, CancellationToken cancellationToken)
    {
        RefreshRequest joined = Add(
            RefreshRequest.Create(reason, node: null, detail: null) with { Completion = new(TaskCreationOptions.RunContinuationsAsynchronously) }, node: null);
        return joined.Completion!.Task.WaitAsync(cancellationToken);
    }

    /// <summary>A node answered MOVED: patches the slot at once and has the patch confirmed. Safe during a read: the patch outlives what was asked before it.</summary>
    /// <param name="slot">0 to 16383.</param>
    /// <param name="target">The owner, as <see cref="RedirectTarget"/> resolved it.</param>
    /// <param name="sender">The node that answered.</param>
    /// <returns>The current snapshot, in which the slot has that owner.</returns>
    public TopologySnapshot ApplyMoved(int slot, NodeEndpoint target, NodeEndpoint? sender = null)
    {
        if (!_state.ApplyMoved(slot, target)) return Current;
        RefreshRequest request = RefreshRequest.Create(TopologyChangeReason.Moved, target, $"slot {slot} to {target}");
        Add(sender is { } from ? request with { Involved = request.Involved.Add(from) } : request, node: null);
        return Current;
    }

    /// <summary>The first snapshot with a version above the given one; at once when there is one already.</summary>
    public Task<TopologySnapshot> WaitForChangeAsync(long version, CancellationToken cancellationToken) => _state.WaitForChangeAsync(version, cancellationToken);

    /// <summary>Calls a handler for every change from now on, in order, outside locks, on the thread pool; each handler at its own pace.</summary>
    /// <returns>Ends the subscription.</returns>
    public IDisposable Subscribe(Action<TopologyChange> handler) => _state.Subscribe(handler);

    /// <summary>Ends the loop, the read it is in and everybody's waiting.</summary>
    public async ValueTask DisposeAsync()
    {
        RefreshRequest? abandoned;
        lock (_scheduleLock)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            abandoned = _schedule.Pending;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        if (_source is IWatchingTopologySource watching) await watching.DisposeAsync().ConfigureAwait(false);
        if (_timer is not null) await _timer.DisposeAsync().ConfigureAwait(false);
        Fail(abandoned, TopologyState.Disposed());
        _state.Dispose();
        _stop.Dispose();
    }

    // That a node cannot be reached which left or is known to have failed is none: what waits for its heir is read for anyway. Neither is that a healthy one can.
    private bool IsNews(RefreshRequest request, NodeEndpoint node)
    {
        bool isDown = request.Suspects.Contains(node);
        if (!isDown && request.Reason != TopologyChangeReason.NodeRecovered) return true;
        return Current.NodeAt(node) is { } known && (isDown ? known.IsAvailable : known.Flags != ClusterNodeFlags.None);
    }

    private RefreshRequest Add(RefreshRequest request, NodeEndpoint? node)
    {
        RefreshRequest joined;
        lock (_scheduleLock)
        {
            if (_isDisposed)
            {
                Fail(request, TopologyState.Disposed());
                return request;
            }

            joined = _schedule.Add(request);
            if (node is { } named && request.Suspects.Contains(named) && OwnsSlots(named)) _schedule.MasterDown(named, Now());
        }

        Wake();
        return joined;
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private async Task RunAsync()
    {
        try
        {
            while (await _wake.Reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false))
            {
                _wake.Reader.TryRead(out _);
                while (BeginIfDue() is { } request) await ReadAsync(request).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private RefreshRequest? BeginIfDue()
    {
        _stop.Token.ThrowIfCancellationRequested();
        lock (_scheduleLock)
        {
            TimeSpan now = Now(), due = _schedule.Due(now);
            if (due <= now) return _schedule.Begin(now);
            if (due != TimeSpan.MaxValue) _timer?.Change(RoundedUp(due - now), Timeout.InfiniteTimeSpan);
            return null;
        }
    }

    private async Task ReadAsync(RefreshRequest request)
    {
        Interlocked.Increment(ref _reads);
        try
        {
            ITopologyReading reading = await _source.ReadAsync(new(Current, request.Involved, request.Suspects) { WantsFigures = request.IsExplicit }, _query, _stop.Token).ConfigureAwait(false);
            TopologyVerdict verdict = _state.Conclude(reading, request.Reason, request.Detail);
            TopologyChangeReason next = request.Reason == TopologyChangeReason.Bootstrap ? request.Reason : TopologyChangeReason.Disputed;
            RefreshRequest? leftOpen = verdict.NeedsAnotherLook
                ? new(next, $"the look for {request.Reason} left something open") { Involved = [.. verdict.ToAsk] }
                : null;
            IReadOnlyList<TimeSpan> gaps;
            lock (_scheduleLock)
            {
                _schedule.IsByHand = Current.Kind == TopologyKind.Replicated;
                _schedule.ScaleTo(Current.Nodes.Length);
                gaps = _schedule.Succeed(Now(), reading.Answered, OwnsSlots, leftOpen);
            }

            foreach (TimeSpan gap in gaps) _telemetry.MasterlessGap(gap);
            _failedInARow = 0;
            Volatile.Write(ref _lastFailure, null);
            _telemetry.TopologyRefreshed(succeeded: true);
            request.Completion?.TrySetResult(Current);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            Fail(request, TopologyState.Disposed());
            throw;
        }
        catch (Exception error)
        {
            // Whatever a source or the user's endpoint map throws: the loop must go on, or the client goes blind.
            Interlocked.Increment(ref _failedReads);
            Volatile.Write(ref _lastFailure, error);
            lock (_scheduleLock) _schedule.Fail(Now(), request);

            // The first failures, then ever fewer: an outage of an hour is one story.
            _state.Journal.Add(request.Reason, $"no node could tell the topology: {error.Message}");
            if (long.IsPow2(++_failedInARow)) Log.TopologyRefreshFailed(_logger, Current.Version, $"{request.Reason} {request.Detail}".TrimEnd(), error);
            _telemetry.TopologyRefreshed(succeeded: false);
            Fail(request, error);
        }
    }

    private static void Fail(RefreshRequest? request, Exception error)
    {
        if (request?.Completion is not { } completion) return;
        completion.TrySetException(error);
        _ = completion.Task.Exception; // who asked may have stopped waiting; the failure is logged
    }

    private bool OwnsSlots(NodeEndpoint endpoint) => Current is { Kind: not TopologyKind.Standalone } current && current.OwnsSlots(endpoint);

    private TimeSpan Now() => _time.GetElapsedTime(_epoch);

    // Timers count in whole milliseconds: rounded down they would fire before the read is due and spin.
    private static TimeSpan RoundedUp(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
}
