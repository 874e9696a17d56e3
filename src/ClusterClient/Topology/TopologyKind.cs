// What kind of deployment a snapshot describes.
namespace ClusterClient;

/// <summary>What kind of deployment a <see cref="TopologySnapshot"/> describes.</summary>
public enum TopologyKind
{
    /// <summary>Nothing is known yet: no node has answered.</summary>
    Unknown,

    /// <summary>One server.</summary>
    Standalone,

    /// <summary>A master with replicas and nobody who watches them.</summary>
    Replicated,

    /// <summary>A master with replicas, watched by Sentinels.</summary>
    Sentinel,

    /// <summary>A sharded cluster: 16384 slots spread over masters.</summary>
    Cluster,
}
