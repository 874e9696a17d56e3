// A view of the client: runs commands with its own timeout, retry policy and, if pinned, its own node; decides what becomes of those that are refused or lost.
using System.Diagnostics;
using System.Text;
using ClusterClient.Connections;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using ClusterClient.Topology;

namespace ClusterClient.Routing;

/// <summary>Begins operations, and is asked again when one is refused or lost. What a refusal means, <see cref="Redirects"/> knows.</summary>
internal sealed class RoutedExecutor : OperationOwner, IRedisView
{
    private static readonly TimeSpan _minPause = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan _maxPause = TimeSpan.FromMilliseconds(100);

    private readonly Router _router;
    private readonly int _timeoutMilliseconds;
    private readonly RetryPolicy _retry;
    private readonly NodeEndpoint? _pinned;
    private readonly bool _isBulk;
    private readonly ReadSteering? _reads;
    private readonly bool _steers;

    internal RoutedExecutor(Router router, int timeoutMilliseconds, RetryPolicy retry, NodeEndpoint? pinned = null, bool isBulk = false, ReadSteering? reads = null)
    {
        _reads = reads;
        _steers = pinned is not null || reads is not null;
        _isBulk = isBulk;
        _router = router;
        _timeoutMilliseconds = timeoutMilliseconds;
        _retry = retry;
        _pinned = pinned;
    }

    /// <summary>The deadline of its calls.</summary>
    internal TimeSpan Timeout => TimeSpan.FromMilliseconds(_timeoutMilliseconds);

    /// <summary>Whether it sends over the second connections.</summary>
    internal bool IsBulk => _isBulk;

    internal int TimeoutMilliseconds => _timeoutMilliseconds;

    /// <summary>The same view, with what a call that began at <paramref name="started"/> has left of its deadline.</summary>
    internal RoutedExecutor WithTimeLeft(long started) => new(_router, TimeLeft(started), _retry, _pinned, _isBulk, _reads);

    /// <inheritdoc/>
    public IRedisView WithTimeout(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, TimeSpan.FromHours(24));
        return new RoutedExecutor(_router, (int)timeout.TotalMilliseconds, _retry, _pinned, _isBulk, _reads);
    }

    /// <inheritdoc/>
    public IRedisView WithRetryPolicy(RetryPolicy retry)
    {
        if (!Enum.IsDefined(retry)) throw new ArgumentOutOfRangeException(nameof(retry), retry, "Not a retry policy.");
        return new RoutedExecutor(_router, _timeoutMilliseconds, retry, _pinned, _isBulk, _reads);
    }

    /// <inheritdoc/>
    public IRedisView OnNode(TopologyNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return new RoutedExecutor(_router, _timeoutMilliseconds, _retry, node.Endpoint, _isBulk, _reads);
    }

    /// <inheritdoc/>
    public IRedisView WithReadFrom(ReadFrom readFrom)
    {
        readFrom = ReadViews.Inherit(_router, readFrom);
        return (readFrom.IsBounded || readFrom.IsHedged) && _pinned is null
            ? ReadViews.Make(_router, reads => new RoutedExecutor(_router, _timeoutMilliseconds, _retry, isBulk: _isBulk, reads: reads), readFrom, _isBulk)
            : new RoutedExecutor(_router, _timeoutMilliseconds, _retry, _pinned, _isBulk, ReadSteering.For(_router, readFrom));
    }

    /// <inheritdoc/>
    public IRedisView WithBulkConnection() => new RoutedExecutor(_router, _timeoutMilliseconds, _retry, _pinned, isBulk: true, _reads);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<NodeResult<T>>> OnEachMasterAsync<T>(Func<IRedisView, ValueTask<T>> ask) => OnEachAsync(ask, withReplicas: false);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<NodeResult<T>>> OnEachNodeAsync<T>(Func<IRedisView, ValueTask<T>> ask) => OnEachAsync(ask, withReplicas: true);

    /// <inheritdoc/>
    public RedisBatch CreateBatch() => new(this, _router);

    /// <inheritdoc/>
    public ValueTask<T> ExecuteAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentNullException.ThrowIfNull(command.Info);
        if (_router.IsDisposed) throw Router.Disposed(command.Info);
        RefusedCommands.ThrowIfRefused(command);
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromException<T>(Router.NotBegun(command.Info.Name, cancellationToken));
        int slot = CommandSlot.None;
        RoutingTable table = _router.Table;
        if (_pinned is null && table.NeedsSlots)
        {
            if (command.Info.SplitStride != 0 && table.IsKnown && SplitPlan.Make(command, out slot) is { } parts) return Split(command, parts, reply, cancellationToken);
            try
            {
                if (slot == CommandSlot.None) slot = CommandSlot.Of(command);
                if (slot == CommandSlot.Unknown && !_router.KeyShapes.TryGetSlot(command, out slot))
                    return table.IsKnown ? AskForKeysAsync(command, reply, cancellationToken) : OnceKnownAsync(command, reply, cancellationToken);
            }
            catch (CrossSlotException refused)
            {
                // Whether that matters depends on the deployment, which is not known yet.
                return table.IsKnown ? ValueTask.FromException<T>(refused) : OnceKnownAsync(command, reply, cancellationToken);
            }
        }

        if (slot == CommandSlot.None && _pinned is null && command.Info.Route > KeylessRoute.AnyMaster && table.NeedsSlots)
        {
            if (!table.IsKnown) return OnceKnownAsync(command, reply, cancellationToken);
            if (command.Info.Route != KeylessRoute.Pinned) return new FanOut(_router, this, _retry, _isBulk, _timeoutMilliseconds, command, cancellationToken).RunAsync(reply);
            if (table.IsSharded) FanOutErrors.ThrowMustBePinned(command.Info);
        }

        return Begin(command, reply, slot, _timeoutMilliseconds, cancellationToken);
    }

    internal override int FailoverTimeoutMilliseconds => _pinned is null ? _router.Settings.FailoverTimeoutMilliseconds : 0;

    internal override void OnReroute(Operation operation)
    {
        if (operation.Asking)
        {
            AskOwnerAgain(operation);
            return;
        }

        // Its fitness is known by its first connection; when the second cannot be made, it would be chosen again and again.
        if (operation.IsBulk && operation.Reader is { BulkIfAny.IsConnected: false } unreached) operation.Avoided |= unreached.Reads.Mark;
        Reroute(operation);
    }

    internal override void OnConnectionLost(Operation operation, bool wasHanded, RedisConnectionException cause)
    {
        operation.LastFailure = cause;
        if (_router.IsDisposed)
        {
            operation.Fail(wasHanded ? OperationErrors.Lost(operation, cause, Outcome.Unknown) : Router.Disposed(operation));
            return;
        }

        if (wasHanded)
        {
            CommandInfo command = operation.Command.Info;
            if (operation.BrokeItsConnection || !RetryRules.MayRunAgain(command, _retry))
            {
                operation.Fail(OperationErrors.Lost(operation, cause, Outcome.Unknown));
                return;
            }

            operation.MayHaveRun = true;
            operation.Note($"lost its connection to {operation.Node}");
            _router.Telemetry.Retried(command.Name);
        }
        else if (cause.Failure == ConnectionFailure.Disposed && ++operation.Attempts > Redirects.Prompt)
        {
            // The nodes it is sent to leave one after the other. At once again and again would be a recursion without an end.
            Pause(operation);
            return;
        }

        Reroute(operation);
    }

    internal override void OnErrorReply(Operation operation, ReadOnlySpan<byte> error, Connection from)
    {
        CommandInfo command = operation.Command.Info;
        Rejection rejection = Rejection.Read(error, command, operation.Slot);
        operation.Asking = false;
        operation.Target = null;
        NodeConnection? reader = operation.Reader;
        operation.Reader = null;
        bool goesElsewhere = reader is not null && _reads!.TryElsewhere(operation, reader, rejection, error, from);
        if (rejection.Kind == RejectionKind.Final || _pinned is not null)
        {
            bool isElsewhere = Redirects.IsOne(rejection) || rejection.Kind == RejectionKind.ReadOnly;
            if (isElsewhere)
                operation.Note($"OnNode follows no redirects, and {operation.Node} does not serve this; without OnNode it goes where it is served");
            Outcome outcome = operation.MayHaveRun && !command.Is(CommandFlags.ReadOnly) ? Outcome.Unknown : rejection.FinalOutcome(error, command);
            operation.Fail(OperationErrors.Refused(operation, Encoding.UTF8.GetString(error), outcome, isOfNamedNode: isElsewhere));
            return;
        }

        operation.Attempts++;
        string text = Encoding.UTF8.GetString(error);
        operation.Note($"{operation.Node} answered {text}");

        if (goesElsewhere)
        {
            Reroute(operation);
            return;
        }

        if (rejection.Kind is RejectionKind.TransactionDiscarded or RejectionKind.Unblocked)
        {
            // The transaction as a whole, or the blocking call, took no effect; repeating it is for whoever composed it.
            operation.Fail(OperationErrors.Refused(operation, text, operation.UnsentOutcome));
            return;
        }

        // Only redirects in a row are nodes that disagree: what was waited out in between (LOADING, TRYAGAIN at the target of an ASK) ends the row.
        operation.Redirects = Redirects.IsOne(rejection) ? operation.Redirects + 1 : 0;
        if (operation.Redirects > _router.Settings.MaxRedirects)
        {
            operation.Note(Redirects.TooMany(_router, operation.Slot));
            operation.Fail(OperationErrors.Refused(operation, text, operation.UnsentOutcome));
            return;
        }

        Follow(operation, rejection, text, from);
    }

    internal override void OnCompleted(Operation operation, Exception? failure)
    {
        if (operation.Trace is { } trace) (trace.On, trace.At) = (operation.Connection, Stopwatch.GetTimestamp());
        CallTelemetry.Completed(_router, operation, failure);
    }

    /// <summary>Runs a command on the keys of one slot, and tells who has answered it.</summary>
    internal ValueTask<T> ExecuteTracedAsync<T>(in Command command, ReplyParser<T> reply, int slot, CallTrace trace, int timeoutMilliseconds, CancellationToken cancellationToken)
    {
        if (_router.IsDisposed) throw Router.Disposed(command.Info);
        return cancellationToken.IsCancellationRequested ? ValueTask.FromException<T>(Router.NotBegun(command.Info.Name, cancellationToken)) : Begin(command, reply, slot, timeoutMilliseconds, cancellationToken, trace);
    }

    private ValueTask<T> Begin<T>(in Command command, ReplyParser<T> reply, int slot, int timeoutMilliseconds, CancellationToken cancellationToken, CallTrace? trace = null)
    {
        Operation<T> operation = Operation<T>.Begin(command, reply, this, timeoutMilliseconds);
        ValueTask<T> task = operation.Task;
        operation.Slot = slot;
        operation.IsBulk = _isBulk;
        if (Telemetry.IsOperationTimed || trace is not null) operation.TimedFrom = Stopwatch.GetTimestamp();
        operation.Trace = trace;
        if (Telemetry.IsTraced) operation.Activity = _router.Telemetry.StartCommand(command.Info.Name);
        operation.ListenTo(cancellationToken);
        Reroute(operation);
        return task;
    }

    /// <summary>Begins all parts of a command at once; they share its deadline, and each is redirected and sent again by itself.</summary>
    private ValueTask<T> Split<T>(in Command command, SplitPart[] parts, ReplyParser<T> reply, CancellationToken cancellationToken)
        => command.Info.SplitJoin == SplitJoin.ByKey && ReplyJoin.IsPossible<T>()
            ? SplitCall.JoinAsync(command.Info, parts, BeginAll(parts, reply, cancellationToken))
            : SplitCall.JoinTreesAsync(command, parts, BeginAll(parts, TreeParser.Instance, cancellationToken), reply);

    private ValueTask<T>[] BeginAll<T>(SplitPart[] parts, ReplyParser<T> reply, CancellationToken cancellationToken)
    {
        ValueTask<T>[] calls = new ValueTask<T>[parts.Length];
#pragma warning disable CA2012 // Each is awaited once, by the join.
        for (int i = 0; i < parts.Length; i++) calls[i] = Begin(parts[i].Command, reply, parts[i].Slot, _timeoutMilliseconds, cancellationToken);
#pragma warning restore CA2012
        return calls;
    }

    /// <summary>A command whose keys only the server knows: it is asked where they are, then the command goes to their slot.</summary>
    private async ValueTask<T> AskForKeysAsync<T>(Command command, ReplyParser<T> reply, CancellationToken cancellationToken)
    {
        long started = Environment.TickCount64;
        int slot = await _router.KeyShapes.AskAsync(this, command, cancellationToken).ConfigureAwait(false);
        return await Begin(command, reply, slot, TimeLeft(started), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A command that can only be judged when the kind of the deployment is known.</summary>
    private async ValueTask<T> OnceKnownAsync<T>(Command command, ReplyParser<T> reply, CancellationToken cancellationToken)
    {
        long started = Environment.TickCount64;
        await _router.KnownAsync(command.Info.Name, _timeoutMilliseconds, cancellationToken).ConfigureAwait(false);
        return await new RoutedExecutor(_router, TimeLeft(started), _retry, isBulk: _isBulk, reads: _reads).ExecuteAsync(command, reply, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<IReadOnlyList<NodeResult<T>>> OnEachAsync<T>(Func<IRedisView, ValueTask<T>> ask, bool withReplicas)
    {
        ArgumentNullException.ThrowIfNull(ask);
        if (!_router.Table.IsKnown) await _router.KnownAsync("A call on each node", _timeoutMilliseconds, CancellationToken.None).ConfigureAwait(false);
        return await EachNode.RunAsync(this, _router.Table.Snapshot, ask, withReplicas).ConfigureAwait(false);
    }

    internal int TimeLeft(long started) => (int)Math.Max(1, _timeoutMilliseconds - (Environment.TickCount64 - started));

    /// <summary>Sends the operation where the topology, or the pin, says; what a redirect said about it is over.</summary>
    private void Reroute(Operation operation)
    {
        operation.Asking = false;
        operation.Target = null;
        if (_steers)
        {
            if (_pinned is { } node) operation.Target = _router.Nodes.GetOrAdd(node);
            else if (!_reads!.TrySteer(operation)) return;
        }

        _router.Dispatch(operation);
    }

    private void Follow(Operation operation, in Rejection rejection, string text, Connection from)
    {
        Verdict verdict;
        try
        {
            verdict = Redirects.Judge(_router, from, operation.Command.Info, rejection, text, operation.Redirects, operation.UnsentOutcome);
        }
        catch (RedisException failure)
        {
            operation.Fail(failure);
            return;
        }

        if (verdict.Target is { } target)
        {
            operation.Target = _router.Nodes.GetOrAdd(target);
            operation.Asking = verdict.IsAsking;
            _router.Dispatch(operation);
            return;
        }

        if (verdict.IsToItself && operation.Redirects > 1) ReplaceConnection(from);
        Pause(operation, verdict.AwaitsMaster);
    }

    /// <summary>A second connection to the address of one that leads to the wrong process.</summary>
    private void ReplaceConnection(Connection from)
    {
        if (_router.Nodes.Find(from.Endpoint) is not { } node) return;
        if (ReferenceEquals(node.Current, from)) node.Replace();
        else if (node.BulkIfAny is { } bulk && ReferenceEquals(bulk.Current, from)) bulk.Replace();
    }

    /// <summary>The target of an ASK could not take it at once. What an ASK says is true for a moment: when the connection is there, the slot may have moved on.</summary>
    private void AskOwnerAgain(Operation operation)
    {
        NodeConnection? target = operation.Target is { } node && operation.IsBulk ? node.Bulk : operation.Target;
        if (target?.LastFailure is { IsTransient: false } hopeless && operation.LastFailure is { } seen && !ReferenceEquals(seen, hopeless))
        {
            // Waiting cannot mend a wrong password; but the first failure it saw may be an old one.
            operation.Fail(OperationErrors.NoConnection(operation, hopeless));
            return;
        }

        // The nodes do not disagree: there is just no connection yet.
        operation.Redirects = 0;
        Pause(operation, awaitsMaster: target is not { IsConnected: true });
    }

    /// <summary>Waits, and lets the topology decide then.</summary>
    private void Pause(Operation operation, bool awaitsMaster = false)
    {
        operation.Target = null;
        operation.Asking = false;
        _router.Telemetry.Retried(operation.Command.Info.Name);
        _router.Park(operation, CommandStage.WaitingToRetry, Backoff.Next(operation.Attempts, _minPause, _maxPause), awaitsMaster);
    }
}
