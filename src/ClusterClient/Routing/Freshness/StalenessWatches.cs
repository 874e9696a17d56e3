// The watches of one client, one a master.
using System.Collections.Concurrent;

namespace ClusterClient.Routing.Freshness;

internal sealed class StalenessWatches(Router router)
{
    private readonly ConcurrentDictionary<NodeEndpoint, StalenessWatch> _watches = new();

    /// <summary>The watch over a master and its replicas.</summary>
    internal StalenessWatch Of(NodeEndpoint master)
        => _watches.TryGetValue(master, out StalenessWatch? watch) ? watch : _watches.GetOrAdd(master, new StalenessWatch(router, master));
}
