// One run of slots in CLUSTER SLOTS, as the server wrote it.
using System.Collections.Immutable;

namespace ClusterClient;

/// <summary>One run of slots in a <c>CLUSTER SLOTS</c> reply.</summary>
/// <param name="Slots">The slots.</param>
/// <param name="Master">Their owner.</param>
/// <param name="Replicas">The owner's replicas; failed ones and those that never synchronised are left out by the server.</param>
public sealed record ClusterSlotsEntry(SlotRange Slots, ClusterSlotsNode Master, ImmutableArray<ClusterSlotsNode> Replicas);

/// <summary>A node in a <c>CLUSTER SLOTS</c> reply.</summary>
/// <param name="Host">Its preferred address as announced: null or empty means the host the question was sent to, <c>?</c> that the server does not know it.</param>
/// <param name="Port">Its port, that of TLS when the question came over TLS; 0 when it has none of that kind.</param>
public sealed record ClusterSlotsNode(string? Host, int Port)
{
    /// <summary>Its id; null from servers before Redis 4.</summary>
    public string? Id { get; init; }

    /// <summary>Its IP address, where the preferred address is another; else null.</summary>
    public string? Ip { get; init; }

    /// <summary>Its host name, where the preferred address is another; else null.</summary>
    public string? Hostname { get; init; }

    /// <summary>Its availability zone (Valkey 8 and later), or null.</summary>
    public string? AvailabilityZone { get; init; }
}
