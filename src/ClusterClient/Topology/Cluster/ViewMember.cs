// One member of the cluster as one view shows it.
namespace ClusterClient.Topology.Cluster;

/// <summary>One member of the cluster as one view shows it, its address worked out as far as this view allows.</summary>
internal sealed record ViewMember
{
    /// <summary>What identifies it across views: its id, or its address where the server is too old for ids.</summary>
    public required string Key { get; init; }

    public string? Id { get; init; }

    /// <summary>The address it announces; null when this view does not tell.</summary>
    public NodeEndpoint? Announced { get; init; }

    /// <summary>Whether the host is only that of the node that answered, because no host was announced.</summary>
    public bool IsHostBorrowed { get; init; }

    public NodeRole Role { get; init; }

    public string? MasterId { get; init; }

    public long Epoch { get; init; }

    public bool IsMyself { get; init; }

    public bool IsLinkUp { get; init; } = true;

    public ClusterNodeFlags Flags { get; init; }

    public string? Hostname { get; init; }

    public string? Ip { get; init; }

    public string? AvailabilityZone { get; init; }
}
