// One shard of CLUSTER SHARDS, as the server wrote it.
using System.Collections.Immutable;

namespace ClusterClient;

/// <summary>One shard of a <c>CLUSTER SHARDS</c> reply (Redis 7 and later): a master with its replicas and their slots.</summary>
/// <param name="Slots">The slots; none for a master that owns nothing.</param>
/// <param name="Nodes">Master and replicas, failed ones included.</param>
public sealed record ClusterShard(ImmutableArray<SlotRange> Slots, ImmutableArray<ClusterShardNode> Nodes)
{
    /// <summary>The shard's id (Valkey 9 and later), or null.</summary>
    public string? Id { get; init; }
}

/// <summary>A node in a <c>CLUSTER SHARDS</c> reply.</summary>
public sealed record ClusterShardNode
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Its preferred address as announced: null or empty means the host the question was sent to, <c>?</c> that the server does not know it.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Its port without TLS; 0 for none.</summary>
    public int Port { get; init; }

    /// <summary>Its port with TLS; 0 for none.</summary>
    public int TlsPort { get; init; }

    /// <summary>Its IP address; null or empty when unknown.</summary>
    public string? Ip { get; init; }

    /// <summary>Its host name, or null.</summary>
    public string? Hostname { get; init; }

    /// <summary>Its availability zone (Valkey 8 and later), or null.</summary>
    public string? AvailabilityZone { get; init; }

    /// <summary>What it is.</summary>
    public NodeRole Role { get; init; }

    /// <summary>Its replication offset as the node that answered heard it last: it may be seconds old.</summary>
    public long ReplicationOffset { get; init; }

    /// <summary>Its health in the server's words: <c>online</c>, <c>loading</c> (also a replica that has not synchronised yet), <c>fail</c>.</summary>
    public string Health { get; init; } = string.Empty;
}
