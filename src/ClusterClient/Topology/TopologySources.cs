// Picks the source that the settings ask for.
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
using ClusterClient.Topology.Cluster;
using ClusterClient.Topology.Replication;
using ClusterClient.Topology.Sentinel;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Topology;

internal static class TopologySources
{
    public static ITopologySource Create(ClientSettings settings, LogicalClock clock, TimeProvider time, Telemetry telemetry, ILogger logger) => settings.Topology switch
    {
        _ when settings.ServiceName is not null => new SentinelTopologySource(settings, telemetry, time, logger),
        TopologyMode.Auto => new AutoTopologySource(settings.Endpoints, kind => kind == TopologyKind.Standalone ? Replication(settings, isAlways: false, time, logger) : Create(kind, settings, clock, time, logger), time),
        TopologyMode.Cluster => Create(TopologyKind.Cluster, settings, clock, time, logger),
        TopologyMode.Standalone => Create(TopologyKind.Standalone, settings, clock, time, logger),
        TopologyMode.Replicated => Replication(settings, isAlways: true, time, logger),
        _ => throw new NotSupportedException($"topology={settings.Topology} is not known."),
    };

    private static ReplicationTopologySource Replication(ClientSettings settings, bool isAlways, TimeProvider time, ILogger logger)
        => new(settings.Endpoints, settings.EndpointMap, isAlways, time, logger);

    private static ITopologySource Create(TopologyKind kind, ClientSettings settings, LogicalClock clock, TimeProvider time, ILogger logger) => kind switch
    {
        TopologyKind.Cluster => new ClusterTopologySource(settings.Endpoints, settings.EndpointMap, clock, time, logger),
        TopologyKind.Standalone => new StandaloneTopologySource(settings.Endpoints, time),
        TopologyKind.Sentinel => throw new RedisException(
            $"The server asked ({string.Join(", ", settings.Endpoints)}) is a Sentinel: set serviceName to the name of the master it watches (sentinel monitor <name> …), or give the address of a data node.", Outcome.NotExecuted),
        _ => throw new RedisException($"A deployment of the kind {kind} cannot be served yet.", Outcome.NotExecuted),
    };
}
