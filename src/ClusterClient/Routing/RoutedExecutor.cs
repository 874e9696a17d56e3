// A view of the client: runs commands with its own timeout, retry policy and, if pinned, its own node; decides what a refusal means.
using System.Diagnostics;
using System.Text;
using ClusterClient.Connections;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using ClusterClient.Topology;

namespace ClusterClient.Routing;

/// <summary>Begins operations, and is asked again when one is refused or lost. The redirect table of the design is this class.</summary>
internal sealed class RoutedExecutor : OperationOwner, IRedisView
{
    /// <summary>So many redirects in a row are followed at once; later ones wait in between, lest two nodes that disagree are hammered.</summary>
    private const int PromptRedirects = 3;

    private static readonly TimeSpan _minPause = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan _maxPause = TimeSpan.FromMilliseconds(200);

    private readonly Router _router;
    private readonly int _timeoutMilliseconds;
    private readonly RetryPolicy _retry;
    private readonly NodeEndpoint? _pinned;

    internal RoutedExecutor(Router router, int timeoutMilliseconds, RetryPolicy retry, NodeEndpoint? pinned = null)
    {
        _router = router;
        _timeoutMilliseconds = timeoutMilliseconds;
        _retry = retry;
        _pinned = pinned;
    }

    /// <inheritdoc/>
    public IRedisView WithTimeout(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, TimeSpan.FromHours(24));
        return new RoutedExecutor(_router, (int)timeout.TotalMilliseconds, _retry, _pinned);
    }

    /// <inheritdoc/>
    public IRedisView WithRetryPolicy(RetryPolicy retry)
    {
        if (!Enum.IsDefined(retry)) throw new ArgumentOutOfRangeException(nameof(retry), retry, "Not a retry policy.");
        return new RoutedExecutor(_router, _timeoutMilliseconds, retry, _pinned);
    }

    /// <inheritdoc/>
    public IRedisView OnNode(TopologyNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return new RoutedExecutor(_router, _timeoutMilliseconds, _retry, node.Endpoint);
    }

    /// <inheritdoc/>
    public ValueTask<T> ExecuteAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentNullException.ThrowIfNull(command.Info);
        if (_router.IsDisposed) throw Router.Disposed(command.Info);
        RefusedCommands.ThrowIfRefused(command);
        if (cancellationToken.IsCancellationRequested) return NotBegun<T>(command, cancellationToken);
        int slot = CommandSlot.None;
        if (_pinned is null && _router.Table.NeedsSlots)
        {
            try
            {
                slot = CommandSlot.Of(command);
                if (slot == CommandSlot.Unknown && !_router.KeyShapes.TryGetSlot(command, out slot)) return AskForKeysAsync(command, reply, cancellationToken);
            }
            catch (CrossSlotException refused)
            {
                return ValueTask.FromException<T>(refused);
            }
        }

        return Begin(command, reply, slot, cancellationToken);
    }

    internal override void OnReroute(Operation operation) => Reroute(operation);

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
            if (!MayRunAgain(command))
            {
                operation.Fail(OperationErrors.Lost(operation, cause, Outcome.Unknown));
                return;
            }

            operation.MayHaveRun |= !command.Is(CommandFlags.ReadOnly);
            Note(operation, $"lost its connection to {operation.Node}");
            _router.Telemetry.Retried(command.Name);
        }

        Reroute(operation);
    }

    internal override void OnErrorReply(Operation operation, ReadOnlySpan<byte> error, Connection from)
    {
        Rejection rejection = Rejection.Read(error, operation.Command.Info);
        operation.Asking = false;
        operation.Target = null;
        if (rejection.Kind == RejectionKind.Final || _pinned is not null)
        {
            operation.Fail(OperationErrors.Refused(operation, Encoding.UTF8.GetString(error), FinalOutcome(operation, error)));
            return;
        }

        operation.Attempts++;
        string text = Encoding.UTF8.GetString(error);
        Note(operation, $"{operation.Node} answered {text}");

        // Only redirects in a row are nodes that disagree: what was waited out before (LOADING, CLUSTERDOWN, TRYAGAIN at the target of an ASK) is no redirect.
        bool isRedirect = rejection.Kind is RejectionKind.Moved or RejectionKind.Ask or RejectionKind.Redirect;
        operation.Redirects = isRedirect ? operation.Redirects + 1 : 0;
        switch (rejection.Kind)
        {
            case RejectionKind.Moved or RejectionKind.Ask or RejectionKind.Redirect:
                if (operation.Redirects > _router.Settings.MaxRedirects)
                {
                    operation.History += $"; gave up after {_router.Settings.MaxRedirects} redirects (maxRedirects): the nodes do not agree on who serves slot {operation.Slot}";
                    operation.Fail(OperationErrors.Refused(operation, text, operation.UnsentOutcome));
                    return;
                }

                Redirect(operation, rejection, from);
                return;
            case RejectionKind.ReadOnly or RejectionKind.MasterDown:
                _router.Refresher.RequestRefresh(TopologyChangeReason.ReadOnly, from.Endpoint, $"{from.Node} answered {text}");
                Pause(operation);
                return;
            case RejectionKind.ClusterDown:
                _router.Refresher.RequestRefresh(TopologyChangeReason.ClusterDown, from.Endpoint, $"{from.Node} answered {text}");
                Pause(operation);
                return;
            case RejectionKind.TryLater:
                Pause(operation);
                return;
            default:
                // The transaction as a whole, or the blocking call, took no effect; repeating it is for whoever composed it.
                operation.Fail(OperationErrors.Refused(operation, text, operation.UnsentOutcome));
                return;
        }
    }

    internal override void OnCompleted(Operation operation, Exception? failure)
    {
        CommandInfo command = operation.Command.Info;
        NodeTelemetry? node = operation.Connection?.Telemetry;
        if (failure is RedisException { Outcome: Outcome.Unknown } unknown and not (RedisProtocolException or UnexpectedReplyException))
        {
            _router.Telemetry.UnknownOutcome(command.Name);
            if (operation.Connection is { } connection) Log.UnknownOutcome(_router.Logger, command.Name, connection.Endpoint, unknown.GetType().Name);
        }

        if (failure is RedisTimeoutException { Stage: CommandStage.WaitingForConnection or CommandStage.WaitingForCapacity, Node: { } name }
            && NodeEndpoint.TryParse(name, out NodeEndpoint waitedFor)) _router.Nodes.Find(waitedFor)?.Telemetry.WaitTimedOut();
        if (operation.TimedFrom != 0) _router.Telemetry.RecordOperation(command.Name, operation.TimedFrom, node, failure);
        if (operation.Activity is not { } activity) return;
        if (node is not null) Telemetry.SetNode(activity, node);
        if (failure is null) Telemetry.Stop(activity);
        else Telemetry.Fail(activity, failure);
    }

    private static ValueTask<T> NotBegun<T>(in Command command, CancellationToken cancellationToken)
        => ValueTask.FromException<T>(new RedisCanceledException(
            $"{command.Info.Name} was cancelled by its caller before it began. {OperationErrors.Explain(Outcome.NotExecuted)}", Outcome.NotExecuted, cancellationToken));

    private ValueTask<T> Begin<T>(in Command command, ReplyParser<T> reply, int slot, CancellationToken cancellationToken)
    {
        Operation<T> operation = Operation<T>.Begin(command, reply, this, _timeoutMilliseconds);
        ValueTask<T> task = operation.Task;
        operation.Slot = slot;
        if (Telemetry.IsOperationTimed) operation.TimedFrom = Stopwatch.GetTimestamp();
        if (Telemetry.IsTraced) operation.Activity = _router.Telemetry.StartCommand(command.Info.Name);
        operation.ListenTo(cancellationToken);
        Reroute(operation);
        return task;
    }

    /// <summary>A command whose keys only the server knows: it is asked where they are, then the command goes to their slot.</summary>
    private async ValueTask<T> AskForKeysAsync<T>(Command command, ReplyParser<T> reply, CancellationToken cancellationToken)
    {
        int slot = await _router.KeyShapes.AskAsync(this, command, cancellationToken).ConfigureAwait(false);
        return await Begin(command, reply, slot, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends the operation where the topology, or the pin, says; what a redirect said about it is over.</summary>
    private void Reroute(Operation operation)
    {
        operation.Asking = false;
        operation.Target = _pinned is { } node ? _router.Nodes.GetOrAdd(node) : null;
        _router.Dispatch(operation);
    }

    private void Redirect(Operation operation, Rejection rejection, Connection from)
    {
        NodeTelemetry? telemetry = from.Telemetry;
        if (rejection.Kind == RejectionKind.Ask) telemetry?.Asked();
        else telemetry?.Moved();
        TopologySnapshot snapshot = _router.Table.Snapshot;
        NodeEndpoint? target;
        try
        {
            target = RedirectTarget.Resolve(snapshot, rejection.Host, rejection.Port, from.Endpoint, _router.Settings.EndpointMap);
        }
        catch (Exception failure)
        {
            // The user's code, on the connection's reader: it must cost this call and not the connection, and the call must end.
            operation.Fail(OperationErrors.NowhereToGo(operation, $"the endpointMap failed for {rejection.Host}:{rejection.Port}", failure));
            return;
        }

        Follow(operation, rejection, from, snapshot, target);
    }

    private void Follow(Operation operation, Rejection rejection, Connection from, TopologySnapshot snapshot, NodeEndpoint? resolved)
    {
        if (resolved is not { } target)
        {
            // "?:port": the server does not know its own name. Another node's view of the topology does.
            _router.Refresher.RequestRefresh(TopologyChangeReason.Moved, from.Endpoint, $"{from.Node} named a node without its address");
            Pause(operation);
            return;
        }

        if (target == (snapshot.NodeAt(from.Endpoint)?.Endpoint ?? from.Endpoint))
        {
            FollowToItself(operation, from);
            return;
        }

        switch (rejection.Kind)
        {
            case RejectionKind.Moved:
                _router.Moved(rejection.Slot, target, from.Endpoint);
                break;
            case RejectionKind.Ask:
                operation.Asking = true;
                if (snapshot.NodeAt(target) is null)
                    _router.Refresher.RequestRefresh(TopologyChangeReason.Ask, from.Endpoint, $"{from.Node} asks to go to {target}, which is not known");
                break;
            default:
                _router.Refresher.RequestRefresh(TopologyChangeReason.ReadOnly, from.Endpoint, $"{from.Node} redirects to {target}");
                break;
        }

        if (operation.Redirects > PromptRedirects)
        {
            // After the pause the topology decides, which knows by then what MOVED has taught.
            Pause(operation);
            return;
        }

        operation.Target = _router.Nodes.GetOrAdd(target);
        _router.Dispatch(operation);
    }

    /// <summary>
    /// MOVED to the node that sent it: the address has changed hands, or stands before several nodes. A fresh look first; if that does not
    /// help, a second connection to the same address.
    /// </summary>
    private void FollowToItself(Operation operation, Connection from)
    {
        _router.Refresher.RequestRefresh(TopologyChangeReason.Moved, from.Endpoint, $"{from.Node} answered MOVED to itself");
        if (operation.Redirects > 1 && _router.Nodes.Find(from.Endpoint) is { } node && ReferenceEquals(node.Current, from)) node.Replace();
        Pause(operation);
    }

    private void Pause(Operation operation)
    {
        _router.Telemetry.Retried(operation.Command.Info.Name);
        operation.Target = null;
        operation.Asking = false;
        _router.Waiting.Add(operation, CommandStage.WaitingToRetry, Backoff.Next(operation.Attempts, _minPause, _maxPause));
    }

    private bool MayRunAgain(CommandInfo command)
    {
        if (command.Is(CommandFlags.ProcessBound)) return false;
        return command.Is(CommandFlags.ReadOnly)
            || _retry == RetryPolicy.All
            || (_retry == RetryPolicy.Idempotent && command.Is(CommandFlags.Idempotent));
    }

    /// <summary>A script that raised an error may have written before it did; everything else that is refused changed nothing.</summary>
    private static Outcome FinalOutcome(Operation operation, ReadOnlySpan<byte> error)
    {
        if (operation.MayHaveRun) return Outcome.Unknown;
        if (!operation.Command.Info.Is(CommandFlags.Script)) return Outcome.Rejected;
        return error.StartsWith("NOSCRIPT"u8) || error.StartsWith("NOPERM"u8) || error.StartsWith("NOAUTH"u8)
            || error.StartsWith("CROSSSLOT"u8) || error.StartsWith("ERR wrong number of arguments"u8)
            ? Outcome.Rejected
            : Outcome.PartlyExecuted;
    }

    private static void Note(Operation operation, string event_)
    {
        // Bounded: what matters at 3 a.m. is how it began and what it was told last.
        if (operation.History is null) operation.History = event_;
        else if (operation.History.Length < 1000) operation.History = $"{operation.History}; {event_}";
    }
}
