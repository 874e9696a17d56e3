// The client's lasting relation to one node: keeps a connection to it, holds who waits for one, watches its pulse.
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Connections;

/// <summary>
/// Owns the state machine of one node's connection: one loop connects, waits for the end, backs off and connects again
/// until disposed. Commands that find no connection, or no room on it, wait in line here, their deadlines running.
/// </summary>
internal sealed class NodeConnection : IAsyncDisposable
{
    /// <summary>How much longer a question waits for a connection than the attempt to make one may take, in milliseconds.</summary>
    private const int AttemptGrace = 500;

    private readonly ClientSettings _settings;
    private readonly INodeObserver _observer;
    private readonly ILogger _logger;
    private readonly Connector _connector;
    private readonly WaitingLine _line;
    private readonly CancellationTokenSource _disposal = new();
    private readonly Heartbeat _heartbeat;
    private readonly Lock _gate = new();
    private TaskCompletionSource<Connection> _attempt = NewAttempt();
    private TaskCompletionSource _replacement = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ReplacedConnections _replaced = new();
    private readonly TimeProvider _time;
    private readonly Redial _redial;
    private Connection? _current;
    private NodeConnection? _bulk;
    private RedisConnectionException? _lastFailure;
    private Task? _loop;

    internal NodeConnection(NodeEndpoint endpoint, ClientSettings settings, Telemetry telemetry, INodeObserver observer, ILogger logger, TimeProvider? time = null)
        : this(endpoint, settings, telemetry.ForNode(endpoint), observer, logger, reads: null, time ?? TimeProvider.System) => Telemetry.WatchPending(() => _line.Count + (BulkIfAny?._line.Count ?? 0) + Leases.Waiting);

    private NodeConnection(NodeEndpoint endpoint, ClientSettings settings, NodeTelemetry telemetry, INodeObserver observer, ILogger logger, ReadFitness? reads, TimeProvider time)
    {
        Reads = reads ?? new ReadFitness(this, settings, observer, logger);
        Endpoint = endpoint;
        Name = endpoint.ToString();
        Telemetry = telemetry;
        (_settings, _observer, _logger, _time) = (settings, observer, logger, time);
        _connector = new Connector(endpoint, settings, Telemetry, logger);
        _line = new WaitingLine(settings.MaxWaitingCommands, settings.MaxWaitingBytes);
        _redial = new Redial(settings, _line, time, _disposal.Token);
        _heartbeat = new Heartbeat(this, settings, logger);
        Leases = new LeasedConnections(endpoint, settings, Telemetry, logger);
    }

    internal NodeEndpoint Endpoint { get; }

    /// <summary>The endpoint as text, for errors.</summary>
    internal string Name { get; }

    internal NodeTelemetry Telemetry { get; }

    /// <summary>Whether it may be read from; shared with its second relation.</summary>
    internal ReadFitness Reads { get; }

    /// <summary>The connection in use; null while there is none.</summary>
    internal Connection? Current => Volatile.Read(ref _current);

    /// <summary>Commands sent to it and not answered yet.</summary>
    internal long InFlight => Current?.InFlight ?? 0;

    internal bool IsConnected => Current is { IsOpen: true };

    /// <summary>When its last byte came, on the clock of <see cref="Environment.TickCount64"/>; null while it is not connected.</summary>
    internal long? LastHeard => Current is { IsOpen: true } connection ? connection.LastReceived : null;

    /// <summary>Whether it cannot be connected to, for all that is known: a connection that was only lost is none, until an attempt to make another has failed.</summary>
    internal bool IsUnreachable => !IsConnected && LastFailure is not null;

    /// <summary>Whether nobody lives there, for all that is known: unreachable, and not because it refuses this client, or because of this side.</summary>
    internal bool SeemsDead => !IsConnected && LastFailure is { LeavesNodeAlive: false };

    /// <summary>Whether the node has been silent for two heartbeats with replies outstanding.</summary>
    internal bool IsSuspect => _heartbeat.IsSuspect;

    /// <summary>When somebody last asked for this node by its address, on the clock of <see cref="Environment.TickCount64"/>.</summary>
    internal long LastWanted { get; set; } = Environment.TickCount64;

    /// <summary>Whether anything stands in its line.</summary>
    internal bool IsWaitedFor => _line.IsOccupied;

    /// <summary>When those who wait for it were last sent to ask elsewhere, on the same clock; its router's to keep.</summary>
    internal long LastHandedBack { get; set; }

    /// <summary>Whether anybody waits for it, or for a reply of it.</summary>
    internal bool IsInUse => _line.IsOccupied || Current is { InFlight: > 0 } || Leases.IsInUse || BulkIfAny is { IsInUse: true };

    /// <summary>Why the last attempt to connect failed; null while connected.</summary>
    internal RedisConnectionException? LastFailure => Volatile.Read(ref _lastFailure);

    /// <summary>The second relation to the same node, for large values; made when it is first asked for, and ended with this one.</summary>
    internal NodeConnection Bulk
    {
        get
        {
            if (BulkIfAny is { } bulk) return bulk;
            lock (_gate)
            {
                if (_bulk is null)
                {
                    NodeConnection made = new(Endpoint, _settings, Telemetry, _observer, _logger, Reads, _time);
                    if (_disposal.IsCancellationRequested) made._disposal.Cancel();
                    Volatile.Write(ref _bulk, made);
                }

                return _bulk;
            }
        }
    }

    /// <summary>Connections for one caller at a time.</summary>
    internal LeasedConnections Leases { get; }

    /// <summary>The second relation, if it was ever asked for.</summary>
    internal NodeConnection? BulkIfAny => Volatile.Read(ref _bulk);

    /// <summary>Begins to connect, once; later calls do nothing.</summary>
    internal void Start()
    {
        if (Volatile.Read(ref _loop) is not null) return;
        lock (_gate)
        {
            if (_loop is not null || _disposal.IsCancellationRequested) return;
            using (ExecutionContext.SuppressFlow())
            {
                _loop = Task.Run(RunAsync);
                _heartbeat.Start();
            }
        }
    }

    /// <summary>Sends a dispatching operation, or puts it in line. It is never lost: every way out ends in its owner or its consumer.</summary>
    /// <returns>Whether it is done with here; false when it may stand in line.</returns>
    internal bool Enqueue(Operation operation)
    {
        Connection? connection = Current;
        CommandStage stage = CommandStage.WaitingForConnection;
        if (connection is not null && !_line.IsOccupied)
        {
            AppendResult result;
            try
            {
                result = connection.TryAppend(operation);
            }
            catch (Exception failure)
            {
                operation.Fail(failure);
                return true;
            }

            if (result == AppendResult.Appended) return true;
            if (result == AppendResult.Full) stage = CommandStage.WaitingForCapacity;
        }

        operation.Node = Name;
        if (_disposal.IsCancellationRequested)
        {
            OperationOwner.HandLost(operation, wasHanded: false, Closed());
            return true;
        }

        operation.LastFailure ??= connection is null ? LastFailure : null;
        bool comesBack = operation.Asking; // after its owner has been asked again; it is not ours any more then
        _line.Add(operation, stage, Name);
        Start();

        // Room may have come, or the connection been made, before the operation was seen in line.
        Interlocked.MemoryBarrier();
        if (Current is { } now) _line.Pump(now);
        else _redial.HurryForThoseWhoWait(comesBack);
        if (_disposal.IsCancellationRequested) HandBack();
        return false;
    }

    /// <summary>Asks this very node something, connecting first if need be; fails with the next failed attempt to connect.</summary>
    internal async ValueTask<T> QueryAsync<T>(Command command, ReplyParser<T> parser, int timeoutMilliseconds, CancellationToken cancellationToken)
    {
        Start();
        long deadline = Environment.TickCount64 + timeoutMilliseconds;

        // In this order: a connection that is made in between has ended the attempt that was read.
        Task<Connection> attempt = Volatile.Read(ref _attempt).Task;
        Connection? connection = Current;
        if (connection is not { IsOpen: true })
        {
            try
            {
                // A little longer than the attempt itself may take: it knows why it failed, and this wait does not.
                connection = await attempt.WaitAsync(TimeSpan.FromMilliseconds(timeoutMilliseconds + AttemptGrace), cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                throw LastFailure ?? new RedisConnectionException($"{Name} gave no connection within {timeoutMilliseconds} ms.", ConnectionFailure.TimedOut, Outcome.NotExecuted) { Node = Name };
            }
        }

        int left = (int)Math.Max(1, deadline - Environment.TickCount64);
        return await connection.ExecuteAsync(command, parser, left, isAsking: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Asks for a second connection in place of the present one, which then ends when its replies have come. A server behind an
    /// address that changed hands answers MOVED to itself: only a new connection reaches the new owner.
    /// </summary>
    internal void Replace()
    {
        Leases.Renew();
        Volatile.Read(ref _replacement).TrySetResult();
    }

    /// <summary>Tries to connect now, if it is waiting to do so.</summary>
    internal void Hurry() => _redial.Hurry();

    /// <summary>Closes the connection in use, because others serve now what this node served.</summary>
    internal void Supersede()
    {
        RedisConnectionException cause = new($"{Name} is silent, and others serve its slots now.", ConnectionFailure.Superseded, Outcome.Unknown) { Node = Name };
        Current?.Close(cause);
        Leases.CloseAll(cause);
    }

    /// <summary>Hands what waits here and belongs elsewhere now back to its owner, to be routed anew.</summary>
    /// <param name="belongsElsewhere">Runs under the line's lock.</param>
    internal void Reroute(Func<Operation, bool> belongsElsewhere)
    {
        foreach (Operation operation in _line.Take(belongsElsewhere)) OperationOwner.HandRerouted(operation);
    }

    /// <summary>Ends the relation gently: what waits is routed anew, what is in flight is still answered.</summary>
    internal async ValueTask RetireAsync()
    {
        await _disposal.CancelAsync().ConfigureAwait(false);
        ValueTask bulk = BulkIfAny?.RetireAsync() ?? default;
        HandBack();
        Task leased = Leases.RetireAsync(), shared = Current is { } connection ? connection.Ended : Task.CompletedTask;
        Current?.Retire();
        if (!leased.IsCompleted || !shared.IsCompleted)
            await Task.WhenAny(Task.WhenAll(leased, shared), Task.Delay(TimeSpan.FromSeconds(Math.Min(5, _settings.CommandTimeout.TotalSeconds)))).ConfigureAwait(false);
        await bulk.ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Closes the connection and fails what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        await _disposal.CancelAsync().ConfigureAwait(false);
        Task? loop;
        NodeConnection? bulk;
        lock (_gate) (loop, bulk) = (_loop, _bulk);
        if (bulk is not null) await bulk.DisposeAsync().ConfigureAwait(false);
        Current?.Close(Closed());
        Leases.Dispose();
        if (loop is not null) await loop.ConfigureAwait(false);
        Volatile.Read(ref _attempt).TrySetException(Closed()); // Whoever asks now is told at once.
        await _replaced.CloseAsync(Closed()).ConfigureAwait(false);
        HandBack();
        await _heartbeat.DisposeAsync().ConfigureAwait(false);
        Telemetry.Dispose();
    }

    internal void OnSuspect() => _observer.OnSuspect(this);

    /// <summary>Closes replaced connections whose last replies do not come.</summary>
    internal void CloseHungReplaced() => _replaced.CloseHung(_settings.HangTimeout);

    private static TaskCompletionSource<Connection> NewAttempt()
    {
        TaskCompletionSource<Connection> attempt = new(TaskCreationOptions.RunContinuationsAsynchronously);

        // An attempt that nobody waited for may fail unseen here: it is logged, and kept in LastFailure.
        _ = attempt.Task.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return attempt;
    }

    private RedisConnectionException Closed()
        => ConnectionErrors.ClosedHere(Name);

    private void HandBack()
    {
        foreach (Operation operation in _line.TakeAll()) OperationOwner.HandLost(operation, wasHanded: false, Closed());
    }

    private async Task RunAsync()
    {
        bool isFirst = true;
        while (!_disposal.IsCancellationRequested)
        {
            Connection connection;
            try
            {
                connection = await _connector.OpenAsync(Reads, _disposal.Token).ConfigureAwait(false);
            }
            catch (RedisConnectionException failure)
            {
                if (!await WaitAfterAsync(failure).ConfigureAwait(false)) return;
                continue;
            }

            if (!isFirst) Telemetry.Reconnected();
            isFirst = false;
            Publish(connection);
            RedisConnectionException cause = await WatchAsync(connection).ConfigureAwait(false);
            if (_disposal.IsCancellationRequested) return;
            Connection lost = Current!; // perhaps one that replaced the first
            if (cause.Failure == ConnectionFailure.Protocol) Log.ProtocolViolation(_logger, Endpoint, cause);
            else Log.ConnectionLost(_logger, Endpoint, cause.Failure, lost.LostOnTheWire, cause.InnerException);
            _observer.OnConnectionLost(this, cause);
            Volatile.Write(ref _current, null);
            if (!await _redial.PauseAfterLossAsync(lost).ConfigureAwait(false)) return;
        }
    }

    private void Publish(Connection connection)
    {
        connection.CapacityFreed = () => _line.Pump(connection);
        _heartbeat.Reset();
        Volatile.Write(ref _lastFailure, null);
        Volatile.Write(ref _current, connection);
        TaskCompletionSource<Connection> attempt = Interlocked.Exchange(ref _attempt, NewAttempt());
        attempt.TrySetResult(connection);
        if (_disposal.IsCancellationRequested) connection.Close(Closed());
        Reads.OnConnected(connection);
        _line.Pump(connection);
        _observer.OnConnected(this);
    }

    /// <summary>Waits for the end of the connection in use, swapping in another when asked to.</summary>
    private async Task<RedisConnectionException> WatchAsync(Connection connection)
    {
        while (true)
        {
            Task replacement = Volatile.Read(ref _replacement).Task;
            await Task.WhenAny(connection.Ended, replacement).ConfigureAwait(false);
            if (connection.Ended.IsCompleted)
            {
                Telemetry.ConnectionClosed();
                return await connection.Ended.ConfigureAwait(false);
            }

            try
            {
                Connection next = await _connector.OpenAsync(Reads, _disposal.Token).ConfigureAwait(false);
                Publish(next);
                _replaced.Add(connection);
                _ = TellOfLossAsync(connection); // Never fails: a connection's end is a result, not an exception.
                Telemetry.ConnectionClosed();
                connection = next;
            }
            catch (RedisConnectionException failure)
            {
                // The old connection goes on serving; whoever asked will ask again if it still has to.
                Log.ConnectFailed(_logger, Endpoint, failure.Failure, 1, TimeSpan.Zero, failure);
                if (!await _redial.PauseAsync(_settings.ReconnectBackoffMin).ConfigureAwait(false)) continue;
            }
            finally
            {
                Volatile.Write(ref _replacement, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }
        }
    }

    /// <summary>A connection that was swapped out ends in silence when its last reply has come; commands that it lost are told of.</summary>
    private async Task TellOfLossAsync(Connection connection)
    {
        RedisConnectionException cause = await connection.Ended.ConfigureAwait(false);
        if (connection.LostOnTheWire > 0) Log.ConnectionLost(_logger, Endpoint, cause.Failure, connection.LostOnTheWire, cause.InnerException);
    }

    private async ValueTask<bool> WaitAfterAsync(RedisConnectionException failure)
    {
        Volatile.Write(ref _lastFailure, failure);
        TaskCompletionSource<Connection> attempt = Interlocked.Exchange(ref _attempt, NewAttempt());
        attempt.TrySetException(failure);
        if (_disposal.IsCancellationRequested) return false;
        _observer.OnConnectFailed(this, failure);

        // Waiting cannot mend a wrong password or database: those in line hear of it now. Everything else may pass within their deadlines.
        if (!failure.IsTransient)
        {
            foreach (Operation operation in _line.TakeAll()) operation.Fail(OperationErrors.NoConnection(operation, failure));
        }
        else
        {
            _line.Explain(failure);
        }

        TimeSpan wait = _redial.After(failure);
        Log.ConnectFailed(_logger, Endpoint, failure.Failure, _redial.Failures, wait, failure);
        return await _redial.PauseAsync(wait).ConfigureAwait(false);
    }
}
