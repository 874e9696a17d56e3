// One server of a deployment, as a snapshot knows it.
using System.Text;

namespace ClusterClient;

/// <summary>One server of a deployment, as a <see cref="TopologySnapshot"/> knows it. Immutable; equal when everything about it is equal.</summary>
/// <param name="Endpoint">The address to dial, after the endpoint map.</param>
/// <param name="Role">What it is.</param>
public sealed record TopologyNode(NodeEndpoint Endpoint, NodeRole Role)
{
    /// <summary>
    /// The id it has in its cluster (40 hexadecimal digits); under Sentinel the address it announces, since run ids change with every restart. Null for a single
    /// server and for a node of which only a redirect is known.
    /// </summary>
    public string? Id { get; init; }

    /// <summary>The id of the master a replica follows; null for a master.</summary>
    public string? MasterId { get; init; }

    /// <summary>The configuration epoch of a master or of a replica's master: the higher claim to a slot wins. 0 when unknown.</summary>
    public long ConfigEpoch { get; init; }

    /// <summary>Whether at least one of the nodes that were asked holds a cluster-bus link to it. It says nothing of a replica's link to its master.</summary>
    public bool IsLinkUp { get; init; } = true;

    /// <summary>What is unusual about it: failed or possibly so in the eyes of at least half the nodes that were asked; never its role, see <see cref="Role"/>.</summary>
    public ClusterNodeFlags Flags { get; init; }

    /// <summary>The host name it announces, or null.</summary>
    public string? Hostname { get; init; }

    /// <summary>The IP address it announces, or null.</summary>
    public string? Ip { get; init; }

    /// <summary>The availability zone it announces (Valkey 8 and later), or null.</summary>
    public string? AvailabilityZone { get; init; }

    /// <summary>Its replication, in a deployment of one master with replicas; null in a cluster, and where nobody was permitted to ask.</summary>
    public NodeReplication? Replication { get; init; }

    /// <summary>
    /// Whether commands are kept from a master although it is one, because nothing proves that it will stay it: an eager Sentinel failover that no Sentinel has
    /// confirmed for 2 s, or a master that calls itself a replica.
    /// </summary>
    public bool IsHeld { get; init; }

    /// <summary>Whether the deployment holds it for alive: not failed, not held, not in handshake, its address known. One node's mere suspicion does not count.</summary>
    public bool IsAvailable => !IsHeld && (Flags & (ClusterNodeFlags.Failed | ClusterNodeFlags.Handshake | ClusterNodeFlags.NoAddress)) == ClusterNodeFlags.None;

    /// <summary>Whether it is a master.</summary>
    public bool IsMaster => Role == NodeRole.Master;

    /// <summary>The address the servers announce, before the endpoint map; null where none was announced.</summary>
    internal NodeEndpoint? Announced { get; init; }

    /// <summary>Whether both are the same member: by id where both have one, else by address.</summary>
    internal bool IsSameMember(TopologyNode other) =>
        Id is null || other.Id is null ? Endpoint == other.Endpoint : string.Equals(Id, other.Id, StringComparison.Ordinal);

    /// <summary>One line: address, role, what is unusual about it, id.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append(Endpoint).Append(IsMaster ? " master" : " replica");
        if (Flags != ClusterNodeFlags.None) text.Append(" [").Append(Flags).Append(']');
        if (IsHeld) text.Append(" [held]");
        if (!IsLinkUp) text.Append(" [link down]");
        if (Replication is { ClaimsToBeMaster: true }) text.Append(" [claims to be master]");
        if (Replication is { Follows: { } followed })
        {
            text.Append(" of ").Append(followed).Append(" at offset ").Append(Replication.Offset);
            if (!Replication.IsLinkUp) text.Append(" [link to it down]");
            if (Replication.Lag is { } lag) text.Append(", heard of ").Append((long)lag.TotalSeconds).Append(" s ago");
        }

        if (AvailabilityZone is not null) text.Append(" in ").Append(AvailabilityZone);
        if (Id is not null && !string.Equals(Id, Announced?.ToString(), StringComparison.Ordinal)) text.Append(" (").Append(Id.AsSpan(0, Math.Min(8, Id.Length))).Append(')');
        return text.ToString();
    }
}
