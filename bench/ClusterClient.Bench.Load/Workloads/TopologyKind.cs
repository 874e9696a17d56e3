// The shapes of what is under load.
namespace ClusterClient.Bench.Load;

internal enum TopologyKind
{
    Standalone,
    Tls,
    Cluster,
}
