// What kind of deployment the client is told to expect.
namespace ClusterClient;

/// <summary>What kind of deployment the endpoints belong to.</summary>
public enum TopologyMode
{
    /// <summary>Ask the first node that answers (HELLO or INFO, <c>redis_mode</c>).</summary>
    Auto,

    /// <summary>One server; whatever else it is part of is ignored.</summary>
    Standalone,

    /// <summary>A master with replicas and no Sentinel, found from any one of them. Found by <see cref="Auto"/> as well.</summary>
    Replicated,

    /// <summary>A master watched by Sentinels, whose addresses are given; needs <see cref="RedisClientOptions.ServiceName"/>, which says it already.</summary>
    Sentinel,

    /// <summary>A sharded cluster: keys are spread over 16384 slots.</summary>
    Cluster,
}
