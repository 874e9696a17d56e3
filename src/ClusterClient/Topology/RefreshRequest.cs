// What a refresh is asked for: causes and nodes, joined until the refresh begins.
using System.Collections.Immutable;

namespace ClusterClient.Topology;

/// <summary>One refresh to come. Immutable: requests that arrive before it begins are joined into it.</summary>
/// <param name="Reason">Of the first request.</param>
/// <param name="Detail">Of the first request.</param>
internal sealed record RefreshRequest(TopologyChangeReason Reason, string Detail)
{
    /// <summary>Nodes to ask before others.</summary>
    public ImmutableHashSet<NodeEndpoint> Involved { get; init; } = [];

    /// <summary>Nodes nobody should wait for.</summary>
    public ImmutableHashSet<NodeEndpoint> Suspects { get; init; } = [];

    /// <summary>Whether commands stand still until it is done.</summary>
    public bool IsUrgent { get; init; }

    /// <summary>Whether the application asked, which no back-off delays.</summary>
    public bool IsExplicit { get; init; }

    /// <summary>Completes when a read that began after the request has ended; null when nobody waits.</summary>
    public TaskCompletionSource<TopologySnapshot>? Completion { get; init; }

    public static RefreshRequest Create(TopologyChangeReason reason, NodeEndpoint? node, string? detail)
    {
        bool isSuspect = reason is TopologyChangeReason.ConnectionLost or TopologyChangeReason.NodeSuspect;
        ImmutableHashSet<NodeEndpoint> nodes = node is { } named ? [named] : [];
        return new(reason, detail ?? node?.ToString() ?? string.Empty)
        {
            Involved = isSuspect ? [] : nodes,
            Suspects = isSuspect ? nodes : [],
            IsUrgent = isSuspect || reason is TopologyChangeReason.ClusterDown or TopologyChangeReason.ReadOnly or TopologyChangeReason.UncoveredSlot or TopologyChangeReason.Ask
                or TopologyChangeReason.Disputed,

            // A failover is over within milliseconds, and nobody waits for what nobody has told yet.
            IsExplicit = reason is TopologyChangeReason.Requested or TopologyChangeReason.Bootstrap or TopologyChangeReason.Failover,
        };
    }

    public RefreshRequest Join(RefreshRequest later) => this with
    {
        Involved = Involved.Union(later.Involved),
        Suspects = Suspects.Union(later.Suspects),
        IsUrgent = IsUrgent || later.IsUrgent,
        IsExplicit = IsExplicit || later.IsExplicit,
        Completion = Completion ?? later.Completion,
    };
}
