// One node connection by itself, without topology and routing, as an executor with the plainest rules.
using System.Collections.Concurrent;
using ClusterClient.Configuration;
using ClusterClient.Connections;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Connections;

/// <summary>
/// Every typed command runs on it. Refusals fail; what was unsent when its connection ended is sent again; what was sent fails as
/// unknown. What the node's observer hears is kept.
/// </summary>
internal sealed class NodeHarness : OperationOwner, ICommandExecutor, INodeObserver, IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _heard = new();
    private readonly ConcurrentQueue<RedisConnectionException> _failures = new();
    private volatile bool _isDisposed;

    public NodeHarness(NodeEndpoint endpoint, Action<RedisClientOptions>? configure = null, TimeProvider? time = null)
    {
        RedisClientOptions options = new() { Endpoints = { endpoint }, LoggerFactory = Log, CommandTimeout = Until.Limit, ConnectTimeout = Until.Limit };
        configure?.Invoke(options);
        Settings = options.Snapshot();
        Node = new NodeConnection(endpoint, Settings, new Telemetry(Settings), this, Log, time);
    }

    public NodeHarness(FakeServer server, Action<RedisClientOptions>? configure = null, TimeProvider? time = null) : this(server.Endpoint, configure, time)
    {
    }

    public TestLog Log { get; } = new();

    public ClientSettings Settings { get; }

    public NodeConnection Node { get; }

    /// <summary>What the observer heard, in order: Connected, ConnectFailed, Lost, Suspect, and Told of a node that is watched for reads.</summary>
    public IReadOnlyCollection<string> Heard => _heard;

    /// <summary>The failures and losses the observer heard of, in order.</summary>
    public IReadOnlyCollection<RedisConnectionException> Failures => _failures;

    /// <summary>The timeout of calls; the settings' own at first.</summary>
    public int? TimeoutMilliseconds { get; set; }

    public ValueTask<T> ExecuteAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken = default)
    {
        Operation<T> operation = Operation<T>.Begin(command, reply, this, TimeoutMilliseconds ?? Settings.CommandTimeoutMilliseconds);
        ValueTask<T> task = operation.Task;
        operation.ListenTo(cancellationToken);
        Node.Enqueue(operation);
        return task;
    }

    /// <summary>Begins to connect.</summary>
    public Task<NodeHarness> StartedAsync()
    {
        Node.Start();
        return Task.FromResult(this);
    }

    /// <summary>Connects, and returns when a connection is there.</summary>
    public async Task<NodeHarness> ConnectedAsync()
    {
        Node.Start();
        await Until.HoldsAsync(() => Node.IsConnected, Log.ToString);
        return this;
    }

    internal override void OnErrorReply(Operation operation, ReadOnlySpan<byte> error, Connection from)
        => operation.Fail(OperationErrors.Refused(operation, System.Text.Encoding.UTF8.GetString(error), Outcome.Rejected));

    internal override void OnConnectionLost(Operation operation, bool wasHanded, RedisConnectionException cause)
    {
        if (wasHanded || _isDisposed) operation.Fail(OperationErrors.Lost(operation, cause, wasHanded ? Outcome.Unknown : Outcome.NotExecuted));
        else Node.Enqueue(operation);
    }

    internal override void OnReroute(Operation operation) => Node.Enqueue(operation);

    void INodeObserver.OnConnected(NodeConnection node) => _heard.Enqueue("Connected");

    void INodeObserver.OnConnectFailed(NodeConnection node, RedisConnectionException failure) => Hear("ConnectFailed", failure);

    void INodeObserver.OnConnectionLost(NodeConnection node, RedisConnectionException cause) => Hear("Lost", cause);

    void INodeObserver.OnSuspect(NodeConnection node) => _heard.Enqueue("Suspect");

    void INodeObserver.OnReplicationTold(NodeConnection node, bool isMaster) => _heard.Enqueue("Told");

    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        return Node.DisposeAsync();
    }

    private void Hear(string what, RedisConnectionException failure)
    {
        _failures.Enqueue(failure);
        _heard.Enqueue(what);
    }
}
