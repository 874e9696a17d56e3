// One line of CLUSTER NODES, as the server wrote it.
using System.Collections.Immutable;

namespace ClusterClient;

/// <summary>One line of a <c>CLUSTER NODES</c> reply: what the node that answered believes of one member.</summary>
/// <param name="Id">Its id, 40 hexadecimal digits.</param>
/// <param name="Host">Its IP address; empty for a node that does not know its own yet and for one whose address is unknown.</param>
/// <param name="Port">Its port, that of TLS when the question came over TLS; 0 when unknown.</param>
public sealed record ClusterNodesEntry(string Id, string Host, int Port)
{
    /// <summary>Its cluster-bus port; 0 when unknown.</summary>
    public int BusPort { get; init; }

    /// <summary>Its host name, or null.</summary>
    public string? Hostname { get; init; }

    /// <summary>What else it announces as name and value: <c>shard-id</c>, <c>nodename</c>, <c>tls-port</c>, <c>tcp-port</c>… Redis 7.2 and later, in nodes.conf and where the server shows them.</summary>
    public ImmutableDictionary<string, string> AuxiliaryFields { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Its flags.</summary>
    public ClusterNodeFlags Flags { get; init; }

    /// <summary>The id of the master it follows; null for a master.</summary>
    public string? MasterId { get; init; }

    /// <summary>When the oldest unanswered cluster-bus ping was sent, in Unix milliseconds; 0 for none. Garnet counts in other units.</summary>
    public long PingSent { get; init; }

    /// <summary>When the last pong came, in Unix milliseconds; 0 for never.</summary>
    public long PongReceived { get; init; }

    /// <summary>The configuration epoch of a master, or of a replica's master.</summary>
    public long ConfigEpoch { get; init; }

    /// <summary>Whether the node that answered holds a cluster-bus link to it.</summary>
    public bool IsLinkUp { get; init; }

    /// <summary>The slots it owns.</summary>
    public ImmutableArray<SlotRange> Slots { get; init; } = [];

    /// <summary>Slots on their way in or out; a node shows only its own.</summary>
    public ImmutableArray<SlotMigration> Migrations { get; init; } = [];

    /// <summary>Whether it is the node that answered.</summary>
    public bool IsMyself => (Flags & ClusterNodeFlags.Myself) != ClusterNodeFlags.None;
}

/// <summary>A slot on its way from one master to another.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="IsImport">Whether it comes in (<c>[slot-&lt;-id]</c>); else it goes out (<c>[slot-&gt;-id]</c>).</param>
/// <param name="PeerId">The id of the node at the other end.</param>
public readonly record struct SlotMigration(int Slot, bool IsImport, string PeerId)
{
    /// <summary>As the servers write it.</summary>
    public override string ToString() => IsImport ? $"[{Slot}-<-{PeerId}]" : $"[{Slot}->-{PeerId}]";
}
