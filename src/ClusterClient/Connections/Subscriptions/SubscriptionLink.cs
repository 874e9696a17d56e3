// The client's lasting subscription connection to one node: what is wanted there is subscribed to again after every reconnect.
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Connections.Subscriptions;

/// <summary>
/// Keeps a connection of its own to one node, so that the commands' connection stays as it is, and keeps what is subscribed there equal to what is
/// wanted. It connects when the first topic is wanted, and from then on until it is disposed.
/// </summary>
internal sealed class SubscriptionLink : IAsyncDisposable
{
    private readonly ClientSettings _settings;
    private readonly ISubscriptionObserver _observer;
    private readonly ILogger _logger;
    private readonly NodeTelemetry _telemetry;
    private readonly Connector _connector;
    private readonly CancellationTokenSource _disposal = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Topic> _wanted = [];
    private SubscriptionConversation? _conversation;
    private RedisConnectionException? _lastFailure;
    private readonly RedialPace _pace;
    private volatile bool _isDisposed;
    private Task? _loop;

    /// <param name="endpoint">The node.</param>
    /// <param name="settings">How to connect.</param>
    /// <param name="telemetry">Where its connection is counted.</param>
    /// <param name="observer">Hears what comes.</param>
    /// <param name="logger">The log.</param>
    internal SubscriptionLink(NodeEndpoint endpoint, ClientSettings settings, Telemetry telemetry, ISubscriptionObserver observer, ILogger logger)
    {
        Endpoint = endpoint;
        Name = endpoint.ToString();
        _settings = settings;
        _observer = observer;
        _logger = logger;
        _telemetry = telemetry.ForNode(endpoint, "subscriptions");
        _connector = new Connector(endpoint, settings, _telemetry, logger);
        _pace = new RedialPace(settings, TimeProvider.System);
    }

    internal NodeEndpoint Endpoint { get; }

    /// <summary>The endpoint as text, for errors.</summary>
    internal string Name { get; }

    internal bool IsConnected => Volatile.Read(ref _conversation) is not null;

    /// <summary>Whether the last attempt to connect failed, or the connection is silent: another node is the better choice.</summary>
    internal bool IsAiling => Volatile.Read(ref _lastFailure) is not null || Volatile.Read(ref _conversation) is { IsSilent: true };

    /// <summary>Why the last attempt to connect failed; null while connected.</summary>
    internal RedisConnectionException? LastFailure => Volatile.Read(ref _lastFailure);

    /// <summary>The server is to send this topic's messages from now on. Never fails: the observer hears what becomes of it.</summary>
    internal void Subscribe(Topic topic)
    {
        lock (_gate)
        {
            if (_isDisposed || !_wanted.Add(topic)) return;
            _conversation?.Ask(topic, isWanted: true);
            if (_loop is not null) return;
            using (ExecutionContext.SuppressFlow()) _loop = Task.Run(RunAsync);
        }
    }

    /// <summary>The server is to send this topic's messages no more.</summary>
    internal void Unsubscribe(Topic topic)
    {
        lock (_gate)
        {
            if (_wanted.Remove(topic)) _conversation?.Ask(topic, isWanted: false);
        }
    }

    /// <summary>Closes the connection. The observer hears nothing more of it.</summary>
    public async ValueTask DisposeAsync()
    {
        Task? loop;
        lock (_gate)
        {
            // Under the lock, lest a topic come and start a loop that nobody waits for.
            _isDisposed = true;
            loop = _loop;
        }

        await _disposal.CancelAsync().ConfigureAwait(false);
        Volatile.Read(ref _conversation)?.Connection.Close(ConnectionErrors.ClosedHere(Name));
        if (loop is not null) await loop.ConfigureAwait(false);
        _telemetry.Dispose();
    }

    /// <summary>Whether it is this very topic that is wanted: one that was given up and asked for anew is another.</summary>
    internal bool Wants(Topic topic)
    {
        lock (_gate) return _wanted.TryGetValue(topic, out Topic? wanted) && ReferenceEquals(wanted, topic);
    }

    /// <summary>What the server does not send any more by its own will is not wanted either, until somebody says so again. Null when it was not.</summary>
    internal Topic? Forget(Topic topic)
    {
        lock (_gate) return _wanted.TryGetValue(topic, out Topic? wanted) && _wanted.Remove(topic) ? wanted : null;
    }

    private async Task RunAsync()
    {
        while (!_isDisposed)
        {
            Connection connection;
            try
            {
                connection = await _connector.OpenAsync(reads: null, _disposal.Token).ConfigureAwait(false);
            }
            catch (RedisConnectionException failure)
            {
                if (_isDisposed) return;
                Volatile.Write(ref _lastFailure, failure);
                _observer.OnConnectFailed(this, failure);
                TimeSpan wait = _pace.Failed(failure, isWaitedFor: false);
                Log.ConnectFailed(_logger, Endpoint, failure.Failure, _pace.Failures, wait, failure);
                if (!await DelayAsync(wait).ConfigureAwait(false)) return;
                continue;
            }

            await ServeAsync(connection).ConfigureAwait(false);
            _telemetry.ConnectionClosed();
            if (_isDisposed) return;
            if (!await DelayAsync(_pace.Lost(connection.Opened, isWaitedFor: false)).ConfigureAwait(false)) return;
        }
    }

    /// <summary>Subscribes to all that is wanted and stays until the connection ends.</summary>
    private async ValueTask ServeAsync(Connection connection)
    {
        SubscriptionConversation conversation = new(this, connection, _observer);
        Volatile.Write(ref _lastFailure, null);
        lock (_gate)
        {
            Volatile.Write(ref _conversation, conversation);
            conversation.AskAll(_wanted);
        }

        if (_isDisposed) connection.Close(ConnectionErrors.ClosedHere(Name));
        RedisConnectionException cause = await conversation.WatchAsync(_settings).ConfigureAwait(false);
        lock (_gate) Volatile.Write(ref _conversation, null);
        if (_isDisposed) return;
        Log.ConnectionLost(_logger, Endpoint, cause.Failure, 0, cause.InnerException);
        _observer.OnConnectionLost(this, cause);
    }

    /// <summary>False when the link was disposed meanwhile.</summary>
    private async ValueTask<bool> DelayAsync(TimeSpan wait)
    {
        await Task.Delay(wait, _disposal.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !_isDisposed;
    }
}
