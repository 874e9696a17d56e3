// What is remembered from one look at the Sentinels to the next.
using System.Collections.Immutable;

namespace ClusterClient.Topology.Sentinel;

/// <summary>A master that no Sentinel has confirmed yet.</summary>
/// <param name="Node">Its announced address.</param>
/// <param name="Since">When it was accepted, in milliseconds.</param>
internal sealed record ProvisionalMaster(NodeEndpoint Node, long Since);

/// <summary>Immutable. Addresses are as announced.</summary>
internal sealed record SentinelMemory
{
    public static SentinelMemory Empty { get; } = new();

    /// <summary>The greatest configuration epoch a Sentinel has told. What a lesser one says is old.</summary>
    public long Epoch { get; init; } = -1;

    /// <summary>The master of that epoch.</summary>
    public NodeEndpoint? Master { get; init; }

    /// <summary>Masters that a higher epoch has replaced: that they go on saying they are masters for seconds contradicts nobody.</summary>
    public ImmutableHashSet<NodeEndpoint> Former { get; init; } = [];

    /// <summary>The new master of a failover that no Sentinel has confirmed yet; it takes the place of <see cref="Master"/>.</summary>
    public ProvisionalMaster? Provisional { get; init; }

    /// <summary>The last view that was believed.</summary>
    public SentinelView? View { get; init; }

    /// <summary>The replication ids that the present master's data has gone by: who is promoted from it says one of them as its previous id.</summary>
    public ImmutableHashSet<string> Lineage { get; init; } = [];

    /// <summary>Replicas that Sentinels have chosen to become master in the failover of this epoch.</summary>
    public ImmutableHashSet<NodeEndpoint> Candidates { get; init; } = [];
}
