// How a source that hears of changes asks to be read.
namespace ClusterClient.Topology;

internal interface IRefreshRequests
{
    /// <summary>Asks for a read soon and returns at once. Any number of requests before the next read cost one read.</summary>
    void RequestRefresh(TopologyChangeReason reason, NodeEndpoint? node = null, string? detail = null);
}

/// <summary>A source that hears of changes by itself, and owns what it hears with.</summary>
internal interface IWatchingTopologySource : ITopologySource, IAsyncDisposable
{
    /// <summary>Whom to ask for a read; said once, before the first one.</summary>
    void Attach(IRefreshRequests requests);
}
