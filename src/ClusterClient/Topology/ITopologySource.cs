// Where snapshots come from: the one thing in which cluster, Sentinel, replication and standalone differ.
using System.Collections.Immutable;

namespace ClusterClient.Topology;

/// <summary>What a source needs to know to read the topology.</summary>
/// <param name="Current">What is believed now; <see cref="TopologyKind.Unknown"/> at the start.</param>
/// <param name="Involved">Nodes to ask before others: they moved a slot, or dispute one.</param>
/// <param name="Suspects">Nodes that are down or silent: their replicas are asked first and nobody waits for themselves.</param>
internal sealed record TopologyRequest(TopologySnapshot Current, ImmutableHashSet<NodeEndpoint> Involved, ImmutableHashSet<NodeEndpoint> Suspects);

/// <summary>Reads the topology of one kind of deployment. Used by one refresher, one read at a time.</summary>
internal interface ITopologySource
{
    /// <summary>Asks the nodes.</summary>
    /// <exception cref="RedisException">No node could tell; the message names each with its cause.</exception>
    ValueTask<ITopologyReading> ReadAsync(TopologyRequest request, INodeQuery query, CancellationToken cancellationToken);
}

/// <summary>What the nodes answered, not yet weighed against what was learned in the meantime.</summary>
internal interface ITopologyReading
{
    /// <summary>The nodes that answered.</summary>
    IReadOnlyCollection<NodeEndpoint> Answered { get; }

    /// <summary>Weighs the answers. May be called again when a redirect came in meanwhile: the last call counts. Perhaps under a lock, so it must not block.</summary>
    /// <param name="current">What is believed at this moment, redirects that came during the read included.</param>
    /// <param name="learned">The moves redirects taught.</param>
    /// <exception cref="RedisException">The answers cannot be of this deployment.</exception>
    TopologyVerdict Conclude(TopologySnapshot current, LearnedMoves learned);
}

/// <summary>What a reading led to.</summary>
/// <param name="Snapshot">The picture; the current snapshot itself when nothing changed.</param>
/// <param name="Learned">The moves that still stand.</param>
/// <param name="ToAsk">Nodes whose own word would settle what is disputed.</param>
/// <param name="NeedsAnotherLook">Whether the answers leave something open.</param>
internal sealed record TopologyVerdict(TopologySnapshot Snapshot, LearnedMoves Learned, ImmutableArray<NodeEndpoint> ToAsk, bool NeedsAnotherLook)
{
    /// <summary>Why the picture changed, where the source knows better than whoever asked for the look.</summary>
    public TopologyChangeReason? Reason { get; init; }
}
