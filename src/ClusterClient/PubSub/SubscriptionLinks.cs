// The subscription connections of one client, one for each node that carries any, and the choice among them.
using System.Collections.Concurrent;
using ClusterClient.Connections.Subscriptions;
using ClusterClient.Routing;

namespace ClusterClient.PubSub;

/// <summary>All but <see cref="DisposeAsync"/> runs under the directory's lock.</summary>
internal sealed class SubscriptionLinks(Router router, SubscriptionDirectory directory)
{
    private readonly Dictionary<NodeEndpoint, SubscriptionLink> _links = [];
    private readonly ConcurrentDictionary<Task, byte> _closing = new();

    /// <summary>The link that should carry a name; null while the node is not known. Where it is now is as good as any other place that serves.</summary>
    internal SubscriptionLink? Choose(SubscribedTopic topic)
    {
        TopologySnapshot snapshot = router.Refresher.Current;
        if (snapshot.Version == 0) return null;

        // Outside a cluster the master alone passes on what is published on it without delay; and a shard channel lives in its slot.
        if (snapshot.Kind != TopologyKind.Cluster || topic.Kind == SubscriptionKind.Sharded)
            return snapshot.MasterOf(topic.Slot) is { } owner ? LinkTo(owner.Endpoint) : topic.Link;
        if (topic.Link is { IsAiling: false } present && snapshot.NodeAt(present.Endpoint) is { IsAvailable: true }) return present;
        return Spread(snapshot, topic.Topic.GetHashCode()) is { } node ? LinkTo(node.Endpoint) : topic.Link;
    }

    /// <summary>Closes the links to nodes that left or failed and that carry nothing.</summary>
    internal void CloseUnused(HashSet<SubscriptionLink> used)
    {
        foreach (SubscriptionLink link in _links.Values.Where(link => !used.Contains(link)).ToArray())
        {
            if (router.Refresher.Current.NodeAt(link.Endpoint) is { IsAvailable: true }) continue;
            _links.Remove(link.Endpoint);
            Close(link);
        }
    }

    internal void Close()
    {
        foreach (SubscriptionLink link in _links.Values) Close(link);
        _links.Clear();
    }

    /// <summary>Returns when all links have ended.</summary>
    internal async ValueTask DisposeAsync() => await Task.WhenAll(_closing.Keys).ConfigureAwait(false);

    /// <summary>
    /// Rendezvous hashing: each name has its own order of the masters and takes the first that is well, so that names are spread, and only those of a
    /// node that is gone move.
    /// </summary>
    private TopologyNode? Spread(TopologySnapshot snapshot, int hash)
        => snapshot.Masters.Where(static node => node.IsAvailable)
            .OrderBy(node => _links.TryGetValue(node.Endpoint, out SubscriptionLink? link) && link.IsAiling)
            .ThenByDescending(node => HashCode.Combine(hash, node.Endpoint))
            .FirstOrDefault();

    private SubscriptionLink LinkTo(NodeEndpoint endpoint)
    {
        if (_links.TryGetValue(endpoint, out SubscriptionLink? link)) return link;
        link = new SubscriptionLink(endpoint, router.Settings, router.Telemetry, new LinkObserver(directory), router.Logger);
        _links.Add(endpoint, link);
        return link;
    }

    private void Close(SubscriptionLink link)
    {
        // In a set until done: disposing the client waits for it, and a failure has an observer.
        Task closing = Task.Run(() => link.DisposeAsync().AsTask());
        _closing.TryAdd(closing, 0);
        _ = closing.ContinueWith(
            static (task, set) => ((ConcurrentDictionary<Task, byte>)set!).TryRemove(task, out _),
            _closing, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously | TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
    }
}
