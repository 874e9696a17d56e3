// The shapes of what is under load.
namespace ClusterClient.Bench.Load;

internal enum TopologyKind
{
    Standalone,
    Tls,
    Cluster,

    /// <summary>One master with two replicas, as a cluster of one shard.</summary>
    Replicas,
}
