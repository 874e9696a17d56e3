// Sends operations to the nodes that serve them, and keeps nodes and topology in step.
using ClusterClient.Configuration;
using ClusterClient.Connections;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using ClusterClient.Routing.Freshness;
using ClusterClient.Routing.Hedging;
using ClusterClient.Topology;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Routing;

/// <summary>
/// One per client. It joins the present topology with the connections to its nodes, and owns the places where operations
/// wait for a node. What a command's error reply means is decided by the <see cref="RoutedExecutor"/> that began it.
/// </summary>
internal sealed class Router : INodeObserver, IAsyncDisposable
{
    /// <summary>The façade's name, which this room below it may say but not use.</summary>
    private const string FacadeName = "RedisClient";

    /// <summary>How often those who wait for a node that cannot be connected to, and is not the owner of their slot, ask the owner again.</summary>
    private const int HandBackMilliseconds = 500;

    /// <summary>
    /// Up to so many masters are dialled before anybody wants them, so that no first command waits for a connection. Where there are more, each is dialled when it is first
    /// wanted: 10,000 clients that each hold a connection to all of 1000 masters would be a burden to both, for nothing.
    /// </summary>
    private const int MostDialledAhead = 64;

    private readonly Lock _gate = new();
    private readonly ILogger _logger;
    private RoutingTable _table = RoutingTable.Empty;
    private bool _usesReplicas;
    private volatile bool _isDisposed;

    internal Router(ClientSettings settings, Telemetry telemetry, ILogger logger)
    {
        Settings = settings;
        Telemetry = telemetry;
        _logger = logger;
        Watches = new StalenessWatches(this);
        Nodes = new NodeDirectory(settings, telemetry, this, logger);
        Waiting = new RetryLine(settings.MaxWaitingCommands, Resume, () => Refresher?.LastFailure);
        LogicalClock clock = new();
        ITopologySource source = TopologySources.Create(settings, clock, TimeProvider.System, telemetry, logger);
        Refresher = new TopologyRefresher(source, Nodes, clock, new RefreshTiming { Interval = settings.TopologyRefreshInterval }, TimeProvider.System, telemetry, logger);
        Refresher.Subscribe(change => Adopt(change.Current));
    }

    internal ClientSettings Settings { get; }

    internal Telemetry Telemetry { get; }

    internal ILogger Logger => _logger;

    internal NodeDirectory Nodes { get; }

    internal RetryLine Waiting { get; }

    internal KeyShapes KeyShapes { get; } = new();

    internal TopologyRefresher Refresher { get; }

    /// <summary>What hedged views have in common.</summary>
    internal HedgeMemory Hedging { get; } = new();

    /// <summary>Who knows how far behind replicas are.</summary>
    internal StalenessWatches Watches { get; }

    /// <summary>What servers have told of their histories.</summary>
    internal Histories Histories { get; } = new();

    internal bool IsDisposed => _isDisposed;

    /// <summary>Who serves what at this moment.</summary>
    internal RoutingTable Table => Volatile.Read(ref _table);

    /// <summary>Sends a dispatching operation to its node, or parks it until there is one.</summary>
    internal void Dispatch(Operation operation)
    {
        if (_isDisposed)
        {
            operation.Fail(Disposed(operation));
            return;
        }

        RoutingTable table = Table;
        NodeConnection? node = operation.Target ?? (operation.Slot >= 0 ? table.OwnerOf(operation.Slot) : table.AnyMaster());
        if (node is not null)
        {
            if (operation.IsBulk) node = node.Bulk;

            // It may stand in the line of a node that was replaced just before it got there, and nobody would come to fetch it.
            if (!node.Enqueue(operation) && !ReferenceEquals(Table, table)) LeaveIfServedElsewhere(node, Table);
            return;
        }

        // Nobody serves it. A new topology wakes it; the pause only makes sure that it asks again.
        operation.LastFailure ??= Refresher.LastFailure;
        if (Table.Snapshot.Version > 0)
        {
            Refresher.RequestRefresh(TopologyChangeReason.UncoveredSlot, detail: operation.Slot >= 0 ? $"slot {operation.Slot} has no owner" : "no master is known");
            Park(operation, CommandStage.WaitingForTopology, TimeSpan.FromMilliseconds(100), awaitsMaster: true);
            return;
        }

        // Before the first topology nothing but that topology helps, and calls must not be shuffled by pauses that end one by one.
        Park(operation, CommandStage.WaitingForTopology, Timeout.InfiniteTimeSpan);
        if (Table.Snapshot.Version > 0) WakeThoseWhoCameFirst();
    }

    /// <summary>Takes an operation whose wait is over; where a read goes is its policy's to say, anew.</summary>
    private void Resume(Operation operation)
    {
        if (operation.IsSteered && operation.Target is null) OperationOwner.HandRerouted(operation);
        else Dispatch(operation);
    }

    /// <summary>Holds the sends to all nodes that are connected, so that what is dispatched meanwhile travels together.</summary>
    internal HeldSends HoldSends()
    {
        List<Connection> held = [];
        foreach (NodeConnection node in Nodes.All)
        {
            if (node.Current is { } connection && connection.TryHoldSends()) held.Add(connection);
            if (node.BulkIfAny?.Current is { } bulk && bulk.TryHoldSends()) held.Add(bulk);
        }

        return new HeldSends(held);
    }

    /// <summary>Lets an operation wait until the pause has passed or the topology changes.</summary>
    internal void Park(Operation operation, CommandStage stage, TimeSpan pause, bool awaitsMaster = false)
    {
        if (!Waiting.TryAdd(operation, stage, pause, awaitsMaster)) operation.Fail(Disposed(operation));
    }

    private void WakeThoseWhoCameFirst() => Waiting.Wake(static operation => operation.Stage == CommandStage.WaitingForTopology);

    void INodeObserver.OnConnected(NodeConnection node)
        => Refresher.RequestRefresh(TopologyChangeReason.NodeRecovered, node.Endpoint, $"connected to {node.Name}");

    void INodeObserver.OnConnectFailed(NodeConnection node, RedisConnectionException failure)
    {
        Refresher.RequestRefresh(TopologyChangeReason.ConnectionLost, node.Endpoint, $"{node.Name} cannot be connected to: {failure.Failure}");

        // Who was redirected here asks the owner of its slot again, now and then: it may be another by now.
        if (Environment.TickCount64 - node.LastHandedBack >= HandBackMilliseconds)
        {
            node.LastHandedBack = Environment.TickCount64;
            SendElsewhere(node, Table);
        }

        ReplicaReads.LeaveSecond(node);
        LeaveIfStray(node);
    }

    void INodeObserver.OnConnectionLost(NodeConnection node, RedisConnectionException cause)
    {
        Refresher.RequestRefresh(TopologyChangeReason.ConnectionLost, node.Endpoint, $"the connection to {node.Name} ended: {cause.Failure}");
        SendElsewhere(node, Table);
    }

    void INodeObserver.OnSuspect(NodeConnection node)
    {
        Refresher.RequestRefresh(TopologyChangeReason.NodeSuspect, node.Endpoint, $"{node.Name} is silent");
        LeaveIfSucceeded(node, Table.Snapshot);
    }

    void INodeObserver.OnFitnessChanged(NodeConnection node) => ReplicaReads.Wake(this);

    void INodeObserver.OnReplicationTold(NodeConnection node, bool isMaster)
    {
        if (node.Current?.Sampler.Latest is { } told) Histories.Note(told.Info);
        if (Table.Snapshot is { Kind: not TopologyKind.Standalone } snapshot && snapshot.NodeAt(node.Endpoint) is { } known && known.IsMaster != isMaster)
            Refresher.RequestRefresh(TopologyChangeReason.Disputed, node.Endpoint, $"{node.Name} says it is a {(isMaster ? "master" : "replica")}");
    }

    /// <summary>Whether an ASK tells something reads must know: while a slot moves, replicas do not know which of its keys have left.</summary>
    internal bool MustHearOfMove(int slot) => Table.Reads is { } reads && reads.Find(slot) is not null;

    /// <summary>From here on replicas are connected to and watched: some view reads from them.</summary>
    internal void UseReplicas()
    {
        lock (_gate)
        {
            if (_usesReplicas) return;
            _usesReplicas = true;
            if (_table.Snapshot.Version > 0 && !_isDisposed) Volatile.Write(ref _table, MakeTable(_table.Snapshot));
        }
    }

    /// <summary>Starts to look for the deployment and waits until it is found, or until every seed has failed.</summary>
    internal async ValueTask ConnectAsync(CancellationToken cancellationToken)
    {
        TopologySnapshot first = await Refresher.Start().WaitAsync(cancellationToken).ConfigureAwait(false);
        Adopt(first);
    }

    /// <summary>Returns when commands are routed by some topology.</summary>
    /// <param name="command">What waits for it.</param>
    /// <param name="timeoutMilliseconds">How long it may.</param>
    /// <param name="cancellationToken">Gives the wait up.</param>
    internal async ValueTask KnownAsync(string command, int timeoutMilliseconds, CancellationToken cancellationToken)
    {
        long started = Environment.TickCount64;
        try
        {
            Adopt(await Refresher.WaitForChangeAsync(0, cancellationToken).WaitAsync(TimeSpan.FromMilliseconds(timeoutMilliseconds), cancellationToken).ConfigureAwait(false));
        }
        catch (TimeoutException)
        {
            Exception? why = Refresher.LastFailure;
            throw new RedisTimeoutException(
                $"{command} reached its deadline after {Environment.TickCount64 - started} ms while waiting for a node that serves it.{(why is null ? string.Empty : $" Last failure: {why.Message}")} {OperationErrors.Explain(Outcome.NotExecuted)}",
                CommandStage.WaitingForTopology, Outcome.NotExecuted, why)
            { CommandName = command };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw NotBegun(command, cancellationToken);
        }
    }

    /// <summary>Starts to look for the deployment in the background; what fails is logged and tried again.</summary>
    internal void Start()
    {
        // Nobody waits for the first look: its failure is logged by the refresher, which goes on trying.
        _ = Refresher.Start().ContinueWith(static first => _ = first.Exception, CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Asks for the topology now, and returns when commands are routed by the answer.</summary>
    internal async ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        if (_isDisposed) throw new ObjectDisposedException(FacadeName, "The client is disposed. The topology was not asked for.");
        Adopt(await Refresher.RefreshAsync(TopologyChangeReason.Requested, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>A node answered MOVED: from here on the slot is routed to its new owner.</summary>
    internal void Moved(int slot, NodeEndpoint target, NodeEndpoint sender) => Adopt(Refresher.ApplyMoved(slot, target, sender));

    /// <summary>Disposes in the background, for those who cannot wait.</summary>
    internal void BeginDispose()
        => _ = Task.Run(async () =>
        {
            try
            {
                await DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                Log.DisposeFailed(_logger, failure);
            }
        });

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        await Refresher.DisposeAsync().ConfigureAwait(false);
        await Nodes.DisposeAsync().ConfigureAwait(false);
        int abandoned = 0;
        foreach (Operation operation in Waiting.Close())
        {
            abandoned++;
            operation.Fail(Disposed(operation));
        }

        Waiting.Dispose();
        Log.ClientDisposed(_logger, abandoned);
    }

    /// <summary>A command was given up before any of it was sent.</summary>
    internal static RedisCanceledException NotBegun(string command, CancellationToken cancellationToken)
        => new($"{command} was cancelled by its caller before it began. {OperationErrors.Explain(Outcome.NotExecuted)}", Outcome.NotExecuted, cancellationToken);

    /// <summary>A command was begun on a disposed client.</summary>
    internal static ObjectDisposedException Disposed(CommandInfo command)
        => new(FacadeName, $"The client is disposed. {command.Name} was not sent.");

    internal static ObjectDisposedException Disposed(Operation operation)
        => new(FacadeName, $"The client was disposed while {operation.Command.Info.Name} waited. {OperationErrors.Explain(operation.UnsentOutcome)}");

    /// <summary>Whether a waiting operation would now go where it has not just been refused: others keep their pause, or every MOVED would send them against the same wall.</summary>
    private static bool IsBetterServed(Operation operation, RoutingTable table)
    {
        if (operation.Slot < 0 && operation.Stage == CommandStage.WaitingForTopology) return table.HasMasters;
        NodeConnection? owner = operation.Slot >= 0 ? table.OwnerOf(operation.Slot) : table.OnlyMaster;
        return owner is not null && operation.Target is null
            && (operation.Stage == CommandStage.WaitingForTopology || !string.Equals(owner.Name, operation.Node, StringComparison.Ordinal));
    }

    /// <summary>What waits for a node without a connection need not wait if another serves it.</summary>
    private static void SendElsewhere(NodeConnection node, RoutingTable table)
        => node.Reroute(operation => operation.Reader is not null || (operation.Slot < 0 ? table.OnlyMaster : table.OwnerOf(operation.Slot))?.Endpoint != node.Endpoint);

    /// <summary>
    /// A silent node whose slots others serve now is not waited for, nor is a silent replica: what it has not been sent moves to its successors, reads
    /// are sent to them again, and writes end as unknown, for it may still run them when it wakes. One that still speaks answers what it has by itself.
    /// </summary>
    private static void LeaveIfSucceeded(NodeConnection node, TopologySnapshot snapshot)
    {
        if (node.IsSuspect && snapshot.Kind is not (TopologyKind.Unknown or TopologyKind.Standalone) && !snapshot.OwnsSlots(node.Endpoint)) node.Supersede();
    }

    /// <summary>
    /// A node that is no member (a seed under another name, the target of an ASK, a pin that is held no more) and that nobody has wanted for as
    /// long as a connection may take to be made is not dialled for ever. Whoever wants it again has it made anew.
    /// </summary>
    private void LeaveIfStray(NodeConnection node)
    {
        if (node.IsInUse || Environment.TickCount64 - node.LastWanted <= Settings.ConnectTimeoutMilliseconds) return;
        lock (_gate)
        {
            // Under the lock: a new table may be about to name this very node.
            TopologySnapshot snapshot = _table.Snapshot;
            if (snapshot.Version == 0 || snapshot.NodeAt(node.Endpoint) is not null || !Nodes.TryRemove(node)) return;
        }

        Nodes.Retire(node);
    }

    private static void LeaveIfServedElsewhere(NodeConnection node, RoutingTable table)
    {
        LeaveIfSucceeded(node, table.Snapshot);
        // A node that serves nothing any more gets nothing new: under Sentinel a demoted master goes on accepting writes for seconds, and loses them.
        if (node.IsWaitedFor && (!node.IsConnected || !table.Snapshot.OwnsSlots(node.Endpoint))) SendElsewhere(node, table);

        // Who waits for a connection of his own may wait as long as those before him wait for replicas: whoever has lost his very slot to another goes there.
        node.Leases.Reroute();
    }

    /// <summary>Makes a new snapshot the one that commands are routed by.</summary>
    internal void Adopt(TopologySnapshot snapshot)
    {
        List<NodeConnection> leaving;
        bool isFirst;
        TopologySnapshot before;
        lock (_gate)
        {
            before = _table.Snapshot;
            if (_isDisposed || snapshot.Version <= before.Version) return;
            isFirst = before.Version == 0;
            RoutingTable? patched = _table.TryWith(snapshot);
            Volatile.Write(ref _table, patched ?? MakeTable(snapshot));

            // Behind the table, so that nobody is routed to a node that is leaving; under the lock, lest a node of the next table be taken away.
            leaving = patched is null ? Nodes.RemoveAllBut(snapshot.Nodes.Select(static node => node.Endpoint).ToHashSet().Contains) : [];
        }

        // Whoever got in a line before this looks is seen there; whoever comes later sees the new table.
        Interlocked.MemoryBarrier();
        foreach (NodeConnection node in leaving) Nodes.Retire(node);
        Nodes.ReplaceWhereAddressChangedHands(before, snapshot);
        RoutingTable table = Table;
        foreach (NodeConnection node in Nodes.All)
        {
            LeaveIfServedElsewhere(node, table);
            if (node.BulkIfAny is { } bulk) LeaveIfServedElsewhere(bulk, table);
        }

        if (isFirst) WakeThoseWhoCameFirst();
        else Waiting.Wake(operation => IsBetterServed(operation, table));
    }

    /// <summary>Joins a snapshot with the connections to its nodes, and dials those that are missing; under the lock.</summary>
    private RoutingTable MakeTable(TopologySnapshot snapshot)
    {
        NodeConnection?[] connections = new NodeConnection?[snapshot.Nodes.Length];
        bool dialsAhead = _usesReplicas || snapshot.Masters.Length <= MostDialledAhead;
        for (int i = 0; i < connections.Length; i++)
        {
            TopologyNode node = snapshot.Nodes[i];

            // A master that failed and lost its slots is nobody's target; it would be dialled for ever. So would a replica that failed.
            if (!node.IsAvailable && !(node.IsMaster && snapshot.OwnsSlots(node.Endpoint))) continue;
            if (!node.IsMaster && !_usesReplicas) continue;
            NodeConnection connection = connections[i] = Nodes.GetOrAdd(node.Endpoint);
            if (_usesReplicas || snapshot.Kind == TopologyKind.Replicated) connection.Reads.Watch(isReplica: !node.IsMaster, snapshot.Kind == TopologyKind.Cluster);
            if (dialsAhead) connection.Start();
        }

        return new RoutingTable(snapshot, connections, _usesReplicas ? new ReadGroups(snapshot, connections, Settings, _table.Reads) : null);
    }
}
