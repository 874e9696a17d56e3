// Every node the client is connected to or dials, by address.
using System.Collections.Concurrent;
using ClusterClient.Configuration;
using ClusterClient.Connections;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using ClusterClient.Topology;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Routing;

/// <summary>Owns the node connections: makes them on first need, and ends those of nodes that left.</summary>
internal sealed class NodeDirectory(ClientSettings settings, Telemetry telemetry, INodeObserver observer, ILogger logger) : INodeQuery
{
    private readonly ConcurrentDictionary<NodeEndpoint, NodeConnection> _nodes = new();
    private readonly ConcurrentDictionary<Task, byte> _leaving = new();
    private volatile bool _isDisposed;

    /// <summary>The connection to a node, made if need be (it dials on first use).</summary>
    internal NodeConnection GetOrAdd(NodeEndpoint endpoint)
    {
        if (_nodes.TryGetValue(endpoint, out NodeConnection? node))
        {
            node.LastWanted = Environment.TickCount64;
            return node;
        }

        NodeConnection created = new(endpoint, settings, telemetry, observer, logger);
        node = _nodes.GetOrAdd(endpoint, created);
        if (!ReferenceEquals(node, created) || _isDisposed) Retire(created);
        return node;
    }

    /// <summary>The connection to a node if there is one.</summary>
    internal NodeConnection? Find(NodeEndpoint endpoint) => _nodes.GetValueOrDefault(endpoint);

    internal ICollection<NodeConnection> All => _nodes.Values;

    /// <summary>Takes out the nodes that left; they are the caller's to retire.</summary>
    internal List<NodeConnection> RemoveAllBut(Func<NodeEndpoint, bool> isMember)
    {
        List<NodeConnection> removed = [];
        foreach ((NodeEndpoint endpoint, NodeConnection node) in _nodes)
        {
            if (!isMember(endpoint) && _nodes.TryRemove(new(endpoint, node))) removed.Add(node);
        }

        return removed;
    }

    /// <summary>
    /// Has those connections made anew whose address belongs to another node now: the present one may still lead to the node that was there before. What is
    /// on it is still answered.
    /// </summary>
    internal void ReplaceWhereAddressChangedHands(TopologySnapshot before, TopologySnapshot after)
    {
        // A MOVED changes slots and not members.
        if (before.Nodes == after.Nodes) return;
        foreach (TopologyNode node in after.Nodes)
        {
            if (node.Id is null || before.NodeAt(node.Endpoint) is not { Id: { } was } || string.Equals(was, node.Id, StringComparison.Ordinal)) continue;
            if (Find(node.Endpoint) is not { } known) continue;

            // One that is being made leads to whoever has the address now; those that are leased are older.
            if (known.IsConnected) known.Replace();
            else known.Leases.Renew();
            if (known.BulkIfAny is { IsConnected: true } bulk) bulk.Replace();
        }
    }

    /// <summary>Takes a node out if it is still this one; it is the caller's to retire then.</summary>
    internal bool TryRemove(NodeConnection node) => _nodes.TryRemove(new(node.Endpoint, node));

    public bool IsConnected(NodeEndpoint node) => Find(node) is { IsConnected: true };

    public bool IsUnreachable(NodeEndpoint node) => Find(node) is { IsUnreachable: true };

    public bool SeemsDead(NodeEndpoint node) => Find(node) is { SeemsDead: true };

    public long? LastHeard(NodeEndpoint node) => Find(node)?.LastHeard;

    public void Hurry(NodeEndpoint node) => Find(node)?.Hurry();

    public async ValueTask<T> QueryAsync<T>(NodeEndpoint node, Command command, ReplyParser<T> reply, CancellationToken cancellationToken)
        => await GetOrAdd(node).QueryAsync(command, reply, settings.ConnectTimeoutMilliseconds, cancellationToken).ConfigureAwait(false);

    /// <summary>Ends all connections.</summary>
    internal async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        foreach (NodeConnection node in _nodes.Values) await node.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(_leaving.Keys).ConfigureAwait(false);
    }

    /// <summary>Ends the connection to a node that left: what waits there is routed anew, what is in flight is still answered.</summary>
    internal void Retire(NodeConnection node)
    {
        // Kept in a set until done, so that disposing the client waits for the leaving, and a failure has an observer.
        Task leaving = node.RetireAsync().AsTask();
        _leaving.TryAdd(leaving, 0);
        _ = leaving.ContinueWith(
            static (task, set) => ((ConcurrentDictionary<Task, byte>)set!).TryRemove(task, out _),
            _leaving, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
