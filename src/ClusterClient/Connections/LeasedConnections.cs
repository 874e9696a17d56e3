// The connections of one node that one caller at a time has to himself.
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Connections;

/// <summary>
/// For what must not travel among others' commands: WAIT, which holds up everybody behind it and speaks only of the writes of its own connection, and
/// whatever else blocks or changes a connection. A lease is dialled when no idle one is left, and kept for the next caller when it is given back whole.
/// </summary>
internal sealed class LeasedConnections(NodeEndpoint endpoint, ClientSettings settings, NodeTelemetry telemetry, ILogger logger) : IDisposable
{
    /// <summary>So many idle ones are kept; it bounds what a burst leaves behind on the server.</summary>
    private const int MaxIdle = 32;

    private readonly Connector _connector = new(endpoint, settings, telemetry, logger);
    private readonly LeasePlaces _places = new(settings.MaxLeasedConnections, settings.MaxWaitingCommands);
    private readonly Lock _gate = new();
    private readonly Stack<Connection> _idle = [];
    private readonly Dictionary<Connection, int> _open = [];
    private CancellationTokenSource _dialling = new();
    private RedisConnectionException? _closed;
    private int _generation;

    /// <summary>Whether anybody has one, or waits for one.</summary>
    internal bool IsInUse => _places.IsInUse;

    /// <summary>How many calls wait until they may have one.</summary>
    internal int Waiting => _places.Waiting;

    /// <summary>The first step to a connection of one's own: returns when the caller may have one. Callers wait in line while there are as many as may be.</summary>
    /// <param name="command">What it is for, for errors.</param>
    /// <param name="belongsElsewhere">Whether who waits should rather ask another node by now; runs under a lock.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="RedisConnectionException">The node is not to be waited for; nothing was sent.</exception>
    /// <exception cref="RedisOverloadedException">As many wait already as may.</exception>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    internal ValueTask EnterAsync(string command, Func<bool> belongsElsewhere, CancellationToken cancellationToken)
        => _places.TakeAsync(command, endpoint.ToString(), belongsElsewhere, cancellationToken);

    /// <summary>The second step: gives a connection that is the caller's alone until he gives it back (<see cref="Return"/>), at once if an idle one is there. When none can be made, the caller may have none any more.</summary>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="RedisConnectionException">None could be made; nothing was sent.</exception>
    internal async ValueTask<Connection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (RedisConnectionException failure) when (failure.Outcome != Outcome.NotExecuted)
        {
            // What may have run is a command of the handshake; the caller's was not sent.
            _places.Return();
            throw new RedisConnectionException($"The connection to {endpoint} ended while it was made ({failure.Failure}).", failure.Failure, Outcome.NotExecuted, failure) { Node = failure.Node };
        }
        catch
        {
            _places.Return();
            throw;
        }
    }

    private async ValueTask<Connection> GetAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            CancellationToken end;
            int generation;
            lock (_gate)
            {
                if (_closed is { } closed) throw closed;
                while (_idle.TryPop(out Connection? idle))
                {
                    if (idle.IsOpen) return idle;
                }

                end = _dialling.Token;
                generation = _generation;
            }

            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(end, cancellationToken);
            Connection made = await _connector.OpenAsync(reads: null, either.Token).ConfigureAwait(false);
            lock (_gate) _open[made] = generation;
            _ = ForgetAtEndAsync(made); // Never fails: a connection's end is a result, not an exception.

            // A lease that was made while its node was given up must not outlive it.
            if (end.IsCancellationRequested) made.Close(ConnectionErrors.ClosedHere(made.Node));
            if (generation == Volatile.Read(ref _generation)) return made;
            made.Close(ConnectionErrors.ClosedHere(made.Node));
        }
    }

    /// <summary>Takes a connection back. One that still owes a reply, or is broken, is closed.</summary>
    internal void Return(Connection connection)
    {
        if (!TryKeep(connection)) connection.Close(ConnectionErrors.ClosedHere(connection.Node));

        // Behind the connection, so that whoever is next finds it.
        _places.Return();
    }

    /// <summary>Closes the idle ones, and each taken one when it is given back: another process may have the address now.</summary>
    internal void Renew()
    {
        Connection[] idle;
        lock (_gate)
        {
            _generation++;
            idle = [.. _idle];
            _idle.Clear();
        }

        foreach (Connection connection in idle) connection.Close(ConnectionErrors.ClosedHere(connection.Node));
    }

    /// <summary>Closes all there are, taken ones too; new ones may be made.</summary>
    internal void CloseAll(RedisConnectionException cause)
    {
        CancellationTokenSource dialling;
        Connection[] open;
        lock (_gate)
        {
            dialling = _dialling;
            _dialling = new CancellationTokenSource();
            _idle.Clear();
            open = [.. _open.Keys];
        }

        dialling.Cancel();
        dialling.Dispose();
        foreach (Connection connection in open) connection.Close(cause);
        _places.SendAway(new RedisConnectionException(cause.Message, cause.Failure, Outcome.NotExecuted) { Node = cause.Node }, all: true);
    }

    /// <summary>Sends away those who wait here and belong elsewhere now.</summary>
    internal void Reroute()
    {
        if (_places.IsWaitedFor) _places.SendAway(new RedisConnectionException($"Others serve now what {endpoint} served.", ConnectionFailure.Superseded, Outcome.NotExecuted) { Node = endpoint.ToString() }, all: false);
    }

    /// <summary>Gives none any more and sends away who waits for one. The task ends when those that are taken have been given back.</summary>
    internal Task RetireAsync()
    {
        Renew();
        return _places.Close(ConnectionErrors.ClosedHere(endpoint.ToString()));
    }

    /// <summary>Closes all there are, and gives none any more.</summary>
    public void Dispose()
    {
        RedisConnectionException closed = ConnectionErrors.ClosedHere(endpoint.ToString());
        lock (_gate)
        {
            if (_closed is not null) return;
            _closed = closed;
        }

        _ = _places.Close(closed); // That they come back is nobody's concern here.
        CloseAll(closed);
        _dialling.Dispose();
    }

    private bool TryKeep(Connection connection)
    {
        lock (_gate)
        {
            bool isOfNow = _open.TryGetValue(connection, out int generation) && generation == _generation;
            if (_closed is not null || !isOfNow || connection is not { IsOpen: true, InFlight: 0 } || _idle.Count >= MaxIdle) return false;
            _idle.Push(connection);
            return true;
        }
    }

    private async Task ForgetAtEndAsync(Connection connection)
    {
        await connection.Ended.ConfigureAwait(false);
        lock (_gate) _open.Remove(connection);
        telemetry.ConnectionClosed();
    }
}
