// What all kinds of topology stand on: the program, the folder, the certificates, and the nodes.
using ClusterClient.Testing.Processes;
using ClusterClient.Testing.Servers;

namespace ClusterClient.Testing;

internal sealed class TopologyHost : IAsyncDisposable
{
    private const int PortAttempts = 5;

    private readonly Lock _lock = new();
    private readonly DataFolder _folder;
    private LocalNode[] _nodes = [];
    private int _started;
    private bool _disposed;

    private TopologyHost(ServerProgram program, LocalTopologyOptions options, DataFolder folder)
    {
        Program = program;
        Options = options;
        _folder = folder;
        if (options.UseTls)
            Tls = LocalTls.Create(folder.Path);
    }

    public ServerProgram Program { get; }

    public LocalTopologyOptions Options { get; }

    public LocalTls? Tls { get; }

    /// <summary>In the order of their start; a snapshot.</summary>
    public IReadOnlyList<LocalNode> Nodes => Volatile.Read(ref _nodes);

    /// <summary>How a node becomes master; each kind of topology has its own way.</summary>
    public Func<LocalNode, CancellationToken, Task> PromoteAsync { get; set; } = static (_, _) => Task.CompletedTask;

    /// <summary>Finds a server and builds a topology on it; if that fails, nothing is left of it.</summary>
    public static async Task<T> StartAsync<T>(
        LocalTopologyOptions? options, ServerCapabilities needed, string what, string instead,
        Func<TopologyHost, CancellationToken, Task<T>> build, CancellationToken cancellationToken)
    {
        var snapshot = (options ?? new LocalTopologyOptions()).Snapshot();
        var program = await ServerDiscovery.FindAsync(snapshot).ConfigureAwait(false);
        program.Require(needed, what, instead);
        if (snapshot.AclUsers.Count + snapshot.SentinelAclUsers.Count > 0)
            program.Require(ServerCapabilities.AclUsers, "named users", "leave AclUsers empty");
        var host = new TopologyHost(program, snapshot, DataFolder.Create(snapshot.DataDirectory));
        try
        {
            return await build(host, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs <paramref name="start"/> again when a port it was given turned out to be taken by something else.</summary>
    public static async Task<T> OnFreePortsAsync<T>(Func<Task<T>> start)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await start().ConfigureAwait(false);
            }
            catch (PortTakenException) when (attempt < PortAttempts)
            {
            }
        }
    }

    public Task<LocalNode> StartNodeAsync(NodePurpose purpose, CancellationToken cancellationToken) =>
        OnFreePortsAsync(() => StartNodeAsync(purpose, PortReservation.Take(), [], cancellationToken));

    /// <summary>Starts a server and waits until it answers; the reservation is the node's from here on.</summary>
    public async Task<LocalNode> StartNodeAsync(
        NodePurpose purpose, PortReservation port, IReadOnlyList<string> purposeConfig, CancellationToken cancellationToken)
    {
        var node = await LaunchAsync(purpose, port, purposeConfig, cancellationToken).ConfigureAwait(false);
        try
        {
            await node.WaitUntilAnsweringAsync(cancellationToken).ConfigureAwait(false);
            return node;
        }
        catch (PortTakenException)
        {
            await RemoveAsync(node).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts several at once; they stand in <see cref="Nodes"/> in the order of the result.</summary>
    public async Task<LocalNode[]> StartNodesAsync(int count, NodePurpose purpose, CancellationToken cancellationToken)
    {
        var started = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => StartNodeAsync(purpose, cancellationToken))).ConfigureAwait(false);
        lock (_lock)
            _nodes = [.. _nodes.Except(started), .. started];
        return started;
    }

    public async Task RemoveAsync(LocalNode node)
    {
        lock (_lock)
            _nodes = [.. _nodes.Where(other => other != node)];
        await node.DisposeAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
        }
        await Task.WhenAll(_nodes.Select(node => node.DisposeAsync().AsTask())).ConfigureAwait(false);
        await _folder.DisposeAsync().ConfigureAwait(false);
        Tls?.Dispose();
    }

    private async Task<LocalNode> LaunchAsync(
        NodePurpose purpose, PortReservation port, IReadOnlyList<string> purposeConfig, CancellationToken cancellationToken)
    {
        try
        {
            // Numbered, so that a node on a port that turned out to be taken does not find the folder of its predecessor.
            var folder = _folder.CreateSubfolder($"{Interlocked.Increment(ref _started)}-{port.Port}");
            var settings = new NodeSettings(purpose, port.Port, folder, Options, Tls, purposeConfig);
            Program.Prepare(settings);
            var process = await Program.StartAsync(settings, cancellationToken).ConfigureAwait(false);
            if (Add(new LocalNode(this, settings, port, process)) is { } node)
                return node;
            await process.DisposeAsync().ConfigureAwait(false);
            throw new ObjectDisposedException(nameof(LocalTopology));
        }
        catch
        {
            port.Dispose();
            throw;
        }
    }

    private LocalNode? Add(LocalNode node)
    {
        lock (_lock)
        {
            if (_disposed)
                return null;
            _nodes = [.. _nodes, node];
            return node;
        }
    }
}
