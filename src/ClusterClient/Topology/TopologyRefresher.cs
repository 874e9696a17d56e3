// TEMPORARY standalone stub; replaced by the topology branch.
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Topology;

internal sealed class TopologyRefresher(ClientSettings settings, INodeQuery query, Telemetry telemetry, ILogger logger)
{
    internal event EventHandler<TopologyChange>? Changed;
    internal TopologySnapshot Current { get; private set; } = TopologySnapshot.Unknown;
    internal void RequestRefresh(TopologyChangeReason reason, string detail) { _ = reason; _ = detail; _ = logger; _ = telemetry; _ = query; }
    internal void ApplyMoved(int slot, NodeEndpoint from, NodeEndpoint to) { }
    internal void Start()
    {
        var previous = Current;
        Current = TopologySnapshot.ForStandalone(1, new TopologyNode(settings.Endpoints[0], NodeRole.Master));
        Changed?.Invoke(this, new TopologyChange(previous, Current, TopologyChangeReason.Bootstrap, ""));
    }
    internal ValueTask DisposeAsync() => default;
}
