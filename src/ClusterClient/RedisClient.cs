// The façade: wires settings, topology, connections and routing into one object for a whole application.
using System.Collections.Immutable;
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using ClusterClient.PubSub;
using ClusterClient.Routing;
using ClusterClient.Routing.Freshness;
using ClusterClient.Scanning;
using Microsoft.Extensions.Logging;

namespace ClusterClient;

/// <summary>
/// A client of one Redis, Valkey or Garnet deployment. Give it any node; it finds the rest and sends every command to the
/// right place. Thread-safe, and meant to be one for the whole application: it multiplexes all callers over one
/// connection a node. Every typed command is an extension of <see cref="ICommandExecutor"/>.
/// </summary>
public sealed class RedisClient : IRedisView, IRedisSubscriber, IAsyncDisposable, IDisposable
{
    private readonly Router _router;
    private readonly RoutedExecutor _executor;
    private readonly IRedisView? _reads;
    private readonly SubscriptionDirectory _subscriptions;

    private RedisClient(RedisClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ClientSettings settings = options.Snapshot();
        ILogger logger = new GuardedLogger(settings.LoggerFactory.CreateLogger("ClusterClient"));
        _router = new Router(settings, new Telemetry(settings), logger);
        _executor = new RoutedExecutor(_router, settings.CommandTimeoutMilliseconds, settings.RetryPolicy, reads: settings.ReadFrom.IsBounded ? null : ReadSteering.For(_router, settings.ReadFrom));
        if (settings.ReadFrom.IsBounded || settings.ReadFrom.IsHedged) _reads = ReadViews.Make(_router, _ => _executor, settings.ReadFrom);
        _subscriptions = new SubscriptionDirectory(_router);
        _router.Refresher.Subscribe(change =>
        {
            // Each subscriber hears at its own pace: the router may not have heard yet.
            _router.Adopt(change.Current);
            foreach (EventHandler<TopologyChange> handler in Delegate.EnumerateInvocationList(TopologyChanged)) Tell(handler, change, logger);
        });
    }

    /// <summary>
    /// Raised after the client has adopted a new topology, one change at a time and in order. Handlers run on a background
    /// thread; an exception they throw is logged and otherwise ignored.
    /// </summary>
    public event EventHandler<TopologyChange>? TopologyChanged;

    private IRedisView View => _reads is null ? _executor : _reads;

    /// <summary>What the client believes of its deployment and routes commands by; version 0 and no nodes before it has reached any.</summary>
    public TopologySnapshot Topology => _router.Table.Snapshot;

    /// <summary>What happened to <see cref="Topology"/> last and why, oldest first, the last 64 entries: changes, and looks that failed. For diagnosis.</summary>
    public ImmutableArray<TopologyEvent> RecentTopologyEvents => _router.Refresher.Journal.Events;

    /// <summary>Connects, finds out what the deployment is, and returns when commands can be sent.</summary>
    /// <param name="connectionString"><c>redis[s]://[user:password@]host[:port][,host[:port]…][/db][?option=value&amp;…]</c> or <c>redis+unix:///path</c>.</param>
    /// <param name="cancellationToken">Gives up connecting.</param>
    /// <exception cref="ArgumentException">The connection string is malformed; the message names the option.</exception>
    /// <exception cref="RedisConnectionException">No node could be reached within the connect timeout; the message says why for each.</exception>
    public static ValueTask<RedisClient> ConnectAsync(string connectionString, CancellationToken cancellationToken = default)
        => ConnectAsync(RedisClientOptions.Parse(connectionString), cancellationToken);

    /// <inheritdoc cref="ConnectAsync(string, CancellationToken)"/>
    /// <param name="options">How to connect and behave; a copy is taken.</param>
    /// <param name="cancellationToken">Gives up connecting.</param>
    public static async ValueTask<RedisClient> ConnectAsync(RedisClientOptions options, CancellationToken cancellationToken = default)
    {
        RedisClient client = new(options);
        try
        {
            await client._router.ConnectAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Makes a client that connects in the background: for dependency injection, and for servers that may be down at start. Commands
    /// wait for the first connection within their deadline.
    /// </summary>
    /// <param name="options">How to connect and behave; a copy is taken.</param>
    /// <exception cref="ArgumentException">An option is invalid; the message names it.</exception>
    public static RedisClient Create(RedisClientOptions options)
    {
        RedisClient client = new(options);
        client._router.Start();
        return client;
    }

    /// <summary>
    /// Runs a write, and returns when so many replicas have confirmed it (<c>WAIT</c>): <c>await redis.WaitAsync(1, TimeSpan.FromSeconds(1), write =&gt; write.StringSetAsync("k", "v"))</c>.
    /// The command and its WAIT travel together on a connection of their own, kept for the next: WAIT holds up all behind it, and speaks of its own connection's writes alone.
    /// </summary>
    /// <param name="replicas">How many replicas; at least 1.</param>
    /// <param name="timeout">How long to wait for them once the write has run; 1 ms to 1 h. The write itself has the client's command timeout, and failoverTimeout, before that.</param>
    /// <param name="write">Makes the call on the executor it is given; every command it makes is confirmed.</param>
    /// <returns>What the write answered.</returns>
    /// <exception cref="NotReplicatedException">The write ran, and fewer replicas had confirmed it in time.</exception>
    /// <remarks>It makes the loss of a write in a failover unlikely, not impossible: a replica that has not confirmed may be the one that is promoted.</remarks>
    public ValueTask<T> WaitAsync<T>(int replicas, TimeSpan timeout, Func<ICommandExecutor, ValueTask<T>> write)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        return ConfirmAsync(new Command(WaitingWrites.Wait, replicas, Milliseconds(timeout)), false, replicas, timeout, write);
    }

    /// <summary>As <see cref="WaitAsync"/>, until the append-only files of the master and of so many replicas have the write on disk (<c>WAITAOF</c>; Redis 7.2, Valkey).</summary>
    /// <param name="local">Whether the master's own file must have it; its <c>appendonly</c> must be on then.</param>
    /// <param name="replicas">How many replicas' files; 0 or more.</param>
    /// <param name="timeout">How long to wait for them once the write has run; 1 ms to 1 h.</param>
    /// <param name="write">Makes the call on the executor it is given; every command it makes is confirmed.</param>
    /// <returns>What the write answered.</returns>
    /// <exception cref="NotReplicatedException">The write ran, and fewer files had it in time.</exception>
    public ValueTask<T> WaitAofAsync<T>(bool local, int replicas, TimeSpan timeout, Func<ICommandExecutor, ValueTask<T>> write)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, local ? 0 : 1);
        return ConfirmAsync(new Command(WaitingWrites.WaitAof, local ? 1 : 0, replicas, Milliseconds(timeout)), local, replicas, timeout, write);
    }

    private static long Milliseconds(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, TimeSpan.FromHours(1));
        return (long)timeout.TotalMilliseconds;
    }

    private ValueTask<T> ConfirmAsync<T>(Command wait, bool local, int replicas, TimeSpan timeout, Func<ICommandExecutor, ValueTask<T>> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        WaitingWrites confirmed = new(Leased(_router.Settings.CommandTimeout, timeout + _router.Settings.CommandTimeout), wait, local, replicas);
        return confirmed.RunAsync(write);
    }

    /// <summary>Runs a command and a second one behind it on a connection of their own.</summary>
    internal LeasedCall Leased(TimeSpan timeout, TimeSpan nextTimeout) => new(_router, (int)timeout.TotalMilliseconds, (int)nextTimeout.TotalMilliseconds);

    private void Tell(EventHandler<TopologyChange> handler, TopologyChange change, ILogger logger)
    {
        try
        {
            handler(this, change);
        }
        catch (Exception failure)
        {
            // The other handlers hear of it all the same.
            Log.TopologySubscriberFailed(logger, failure);
        }
    }

    /// <inheritdoc/>
    public ValueTask<T> ExecuteAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken = default)
        => _reads is null ? _executor.ExecuteAsync(command, reply, cancellationToken) : _reads.ExecuteAsync(command, reply, cancellationToken);

    /// <inheritdoc/>
    public IRedisView WithTimeout(TimeSpan timeout) => View.WithTimeout(timeout);

    /// <inheritdoc/>
    public IRedisView WithRetryPolicy(RetryPolicy retry) => View.WithRetryPolicy(retry);

    /// <inheritdoc/>
    public IRedisView WithReadFrom(ReadFrom readFrom) => View.WithReadFrom(readFrom);

    /// <inheritdoc/>
    public IRedisView OnNode(TopologyNode node) => _executor.OnNode(node);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<NodeResult<T>>> OnEachMasterAsync<T>(Func<IRedisView, ValueTask<T>> ask) => _executor.OnEachMasterAsync(ask);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<NodeResult<T>>> OnEachNodeAsync<T>(Func<IRedisView, ValueTask<T>> ask) => _executor.OnEachNodeAsync(ask);

    /// <inheritdoc/>
    public RedisBatch CreateBatch() => _executor.CreateBatch();

    /// <inheritdoc/>
    public IRedisView WithBulkConnection() => View.WithBulkConnection();

    /// <summary>
    /// All keys of the deployment (<c>SCAN</c> on every master): <c>await foreach (RedisKey key in redis.ScanAsync("user:*"))</c>. Every key that exists from the begin to the end
    /// is given at least once, over failovers and resharding; a key may be given more than once.
    /// </summary>
    /// <param name="pattern">A glob: <c>user:*</c>. Null for every key.</param>
    /// <param name="type">Only keys of this type (Redis 6.0); null for all.</param>
    /// <param name="count">How many keys a node looks at in one go, 250 unless told. More is faster, and holds up the node's other callers for longer (some 100 ns a key).</param>
    /// <param name="cursor">Where to go on: the <see cref="KeyScan.Cursor"/> of an earlier scan with the same pattern and type, of this client or another.</param>
    /// <exception cref="ArgumentException">The cursor is of a scan with another pattern, type or database.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1, or the type is none that keys can be looked for by.</exception>
    public KeyScan ScanAsync(RedisValue pattern = default, RedisType? type = null, int count = 250, ScanCursor cursor = default)
        => new(_router, _executor, new ScanFilter(pattern, type, count, _router.Settings.Database), cursor);

    /// <inheritdoc/>
    public ValueTask<RedisSubscription> SubscribeAsync(SubscriptionKind kind, RedisChannel name, SubscriptionOptions? options, CancellationToken cancellationToken)
        => _subscriptions.SubscribeAsync(kind, name, options, cancellationToken);

    /// <summary>
    /// A session: an executor that reads its own writes and never reads backwards, though replicas answer what they have proved to have. See
    /// <see cref="RedisSession"/> for what that guarantees and what it costs.
    /// </summary>
    /// <param name="readFrom">Which replicas may answer, and within which bounds; sessions are not hedged. The client's maxStaleness holds unless it has a bound of its own. Null for the client's own <see cref="RedisClientOptions.ReadFrom"/>, or <see cref="ReadFrom.ReplicaPreferred"/> if that is the master alone.</param>
    /// <param name="token">What <see cref="RedisSession.GetTokenAsync"/> of another session gave, perhaps in another process: this one goes on from there. Null for a new session.</param>
    /// <exception cref="ArgumentException">The token is none, or the policy needs an option that is not set.</exception>
    public RedisSession CreateSession(ReadFrom? readFrom = null, string? token = null)
    {
        ClientSettings settings = _router.Settings;
        ReadFrom policy = readFrom?.Inherit(settings.ReadFrom.MaxStaleness) ?? (settings.ReadFrom.Policy == ReadPolicy.Master ? ReadFrom.ReplicaPreferred : settings.ReadFrom);
        return new RedisSession(_router, new RoutedExecutor(_router, settings.CommandTimeoutMilliseconds, settings.RetryPolicy), policy, token is null ? [] : SessionToken.Read(token));
    }

    /// <summary>Asks the deployment for its topology now, and returns when the answer is adopted.</summary>
    /// <param name="cancellationToken">Gives up waiting; the refresh itself goes on.</param>
    public ValueTask RefreshTopologyAsync(CancellationToken cancellationToken = default) => _router.RefreshAsync(cancellationToken);

    /// <summary>Closes all connections. Commands that were not sent fail as not executed, commands in flight with an unknown outcome; subscriptions end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _subscriptions.DisposeAsync().ConfigureAwait(false);
        await _router.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Begins what <see cref="DisposeAsync"/> does without waiting for its end; use that where you can.</summary>
    public void Dispose()
    {
        _subscriptions.Close();
        _router.BeginDispose();
    }
}
