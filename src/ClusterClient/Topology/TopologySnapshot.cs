// Who owns what at one moment: immutable, versioned, read by every command.
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ClusterClient.Topology;

namespace ClusterClient;

/// <summary>
/// What the client believes of its deployment at one moment: the nodes, their roles, and who owns which slot.
/// Immutable; each change yields a new snapshot with a higher <see cref="Version"/>. Outside a cluster the one master owns every slot.
/// </summary>
public sealed class TopologySnapshot
{
    internal const ushort NoOwner = ushort.MaxValue;
    internal const int MaxNodes = NoOwner;

    private readonly TopologyMembers _members;
    private readonly ushort[] _owners;
    private StrongBox<ImmutableArray<OwnedSlots>>? _slotRanges;

    private TopologySnapshot(long version, TopologyKind kind, TopologyMembers members, ushort[] owners, ImmutableArray<int> movingSlots = default)
    {
        MovingSlots = movingSlots.IsDefault ? [] : movingSlots;
        Version = version;
        Kind = kind;
        _members = members;
        _owners = owners;
        CoveredSlots = HashSlot.Count - owners.AsSpan().Count(NoOwner);
    }

    /// <summary>Before anything is known: version 0, no nodes.</summary>
    internal static TopologySnapshot Unknown { get; } = new(0, TopologyKind.Unknown, TopologyMembers.None, EmptySlots());

    /// <summary>Grows with every change, starting at 1.</summary>
    public long Version { get; }

    /// <summary>What kind of deployment it is.</summary>
    public TopologyKind Kind { get; }

    /// <summary>Every known member, replicas and failed nodes included.</summary>
    public ImmutableArray<TopologyNode> Nodes => _members.Nodes;

    /// <summary>The masters, those without slots included.</summary>
    public ImmutableArray<TopologyNode> Masters => _members.Masters;

    /// <summary>The replicas.</summary>
    public ImmutableArray<TopologyNode> Replicas => _members.Replicas;

    /// <summary>How many of the 16384 slots have an owner.</summary>
    public int CoveredSlots { get; }

    /// <summary>The slots in order, in runs of one owner; slots without an owner are left out.</summary>
    public ImmutableArray<OwnedSlots> SlotRanges => (_slotRanges ??= new(FindRanges())).Value;

    /// <summary>
    /// The slots that the masters which were asked say are on their way from one to another, in order: their keys may be at either end, so replicas are not
    /// asked for them.
    /// </summary>
    public ImmutableArray<int> MovingSlots { get; }

    /// <summary>The owner of a key's slot, or null when nobody owns it.</summary>
    public TopologyNode? MasterOf(RedisKey key) => MasterOf(HashSlot.Of(key));

    /// <summary>The owner of a slot, or null when nobody owns it. Allocates nothing.</summary>
    /// <param name="slot">0 to 16383.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    public TopologyNode? MasterOf(int slot)
    {
        int owner = OwnerAt(slot);
        return owner == NoOwner ? null : _members.Nodes[owner];
    }

    /// <summary>The replicas of a slot's owner; empty when nobody owns it. Allocates nothing.</summary>
    /// <param name="slot">0 to 16383.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    public ImmutableArray<TopologyNode> ReplicasOf(int slot)
    {
        int owner = OwnerAt(slot);
        return owner == NoOwner ? [] : _members.ReplicasOf(owner);
    }

    /// <summary>
    /// The replicas of a master; empty for a replica and for a node that is not part of this snapshot. A node that calls itself a master beside it
    /// (<see cref="NodeReplication.ClaimsToBeMaster"/>) is none, and neither are those that copy from that one.
    /// </summary>
    public ImmutableArray<TopologyNode> ReplicasOf(TopologyNode master)
    {
        ArgumentNullException.ThrowIfNull(master);
        int index = _members.IndexOf(master.Endpoint);
        return index < 0 ? [] : _members.ReplicasOf(index);
    }

    /// <summary>The slots a node owns, in order.</summary>
    public ImmutableArray<SlotRange> SlotsOf(TopologyNode master)
    {
        ArgumentNullException.ThrowIfNull(master);
        return [.. SlotRanges.Where(owned => owned.Master.Endpoint == master.Endpoint).Select(static owned => owned.Slots)];
    }

    /// <summary>The node at an address, under any of the names it announces; null when there is none.</summary>
    public TopologyNode? NodeAt(NodeEndpoint endpoint)
    {
        int index = _members.IndexOf(endpoint);
        return index < 0 ? null : _members.Nodes[index];
    }

    /// <summary>Several lines: kind, version and counts; then each master with its slots and replicas; then what belongs to no master.</summary>
    public override string ToString() => SnapshotText.Describe(this);

    /// <summary>A deployment of one server, which owns every slot.</summary>
    internal static TopologySnapshot ForStandalone(long version, TopologyNode node) =>
        new(version, TopologyKind.Standalone, new([node]), new ushort[HashSlot.Count]);

    /// <summary>A deployment of one master, which owns every slot, and its replicas.</summary>
    internal static TopologySnapshot ForReplication(long version, TopologyKind kind, ImmutableArray<TopologyNode> nodes)
    {
        ushort[] owners = new ushort[HashSlot.Count];
        int master = 0;
        while (!nodes[master].IsMaster) master++;
        owners.AsSpan().Fill((ushort)master);
        return Create(version, kind, nodes, owners);
    }

    /// <summary>A snapshot from its parts.</summary>
    /// <param name="version">Above that of the snapshot it follows.</param>
    /// <param name="kind">What it describes.</param>
    /// <param name="nodes">At most <see cref="MaxNodes"/>, each address once.</param>
    /// <param name="owners">For each slot the index of its owner or <see cref="NoOwner"/>; kept, not copied.</param>
    /// <param name="movingSlots">Slots on their way, in order.</param>
    internal static TopologySnapshot Create(long version, TopologyKind kind, ImmutableArray<TopologyNode> nodes, ushort[] owners, ImmutableArray<int> movingSlots = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(owners.Length, HashSlot.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nodes.Length, MaxNodes);
        foreach (ushort owner in owners)
        {
            if (owner != NoOwner && owner >= nodes.Length) throw new ArgumentOutOfRangeException(nameof(owners), owner, "A slot's owner is not among the nodes.");
        }

        return new(version, kind, new(nodes), owners, movingSlots);
    }

    /// <summary>
    /// The next snapshot, in which one slot has another owner; this one when it has that owner already. When the owner is the replica of the one before, it
    /// has taken over from its master, and has all its slots: a replica serves none otherwise.
    /// </summary>
    /// <param name="slot">0 to 16383.</param>
    /// <param name="target">The owner, after the endpoint map. One that is not known is added as a master without an id; a replica becomes a master.</param>
    internal TopologySnapshot WithSlotOwner(int slot, NodeEndpoint target)
    {
        TopologyMembers members = _members;
        int index = members.IndexOf(target), before = OwnerAt(slot);
        bool isHeir = false;
        if (index < 0)
        {
            if (members.Nodes.Length == MaxNodes) throw new InvalidOperationException($"The topology has {MaxNodes} nodes already; {target} cannot be added.");
            index = members.Nodes.Length;
            members = members.Add(new(target, NodeRole.Master));
        }
        else if (!members.Nodes[index].IsMaster)
        {
            isHeir = before != NoOwner && members.Nodes[before].Id is { } id && string.Equals(members.Nodes[index].MasterId, id, StringComparison.Ordinal);
            members = members.Replace(index, members.Nodes[index] with { Role = NodeRole.Master, MasterId = null });
        }

        if (before == index && ReferenceEquals(members, _members)) return this;
        var owners = (ushort[])_owners.Clone();
        if (isHeir) owners.AsSpan().Replace((ushort)before, (ushort)index);
        owners[slot] = (ushort)index;
        return new(Version + 1, Kind, members, owners, MovingSlots.Remove(slot));
    }

    /// <summary>The place of a node of this snapshot among <see cref="Nodes"/>.</summary>
    internal int IndexOf(TopologyNode node) => _members.IndexOf(node.Endpoint);

    /// <summary>Whether the node at an address owns any slot.</summary>
    internal bool OwnsSlots(NodeEndpoint endpoint) => _members.IndexOf(endpoint) is var index and >= 0 && _owners.AsSpan().Contains((ushort)index);

    /// <summary>Whether a node is a master that counts: one that failed and lost its slots is nobody's.</summary>
    internal bool IsServing(TopologyNode node) => node.IsMaster && (node.IsAvailable || OwnsSlots(node.Endpoint));

    /// <summary>Whether every slot has the same owner in both.</summary>
    internal bool HasSameOwners(TopologySnapshot other) =>
        ReferenceEquals(this, other)
        || (SlotRanges.Length == other.SlotRanges.Length
            && SlotRanges.Zip(other.SlotRanges).All(static pair => pair.First.Slots == pair.Second.Slots && pair.First.Master.IsSameMember(pair.Second.Master)));

    /// <summary>Whether both say the same, whatever their versions.</summary>
    internal bool SaysTheSameAs(TopologySnapshot other) =>
        Kind == other.Kind && Nodes.SequenceEqual(other.Nodes) && MovingSlots.SequenceEqual(other.MovingSlots) && _owners.AsSpan().SequenceEqual(other._owners);

    internal static ushort[] EmptySlots()
    {
        var owners = new ushort[HashSlot.Count];
        owners.AsSpan().Fill(NoOwner);
        return owners;
    }

    /// <summary>The index of a slot's owner among <see cref="Nodes"/>, or <see cref="NoOwner"/>: one array read.</summary>
    internal int OwnerIndexOf(int slot) => _owners[slot];

    private int OwnerAt(int slot)
    {
        ushort[] owners = _owners;
        if ((uint)slot >= (uint)owners.Length) ThrowNoSuchSlot(slot);
        return owners[slot];
    }

    private ImmutableArray<OwnedSlots> FindRanges()
    {
        ImmutableArray<OwnedSlots>.Builder ranges = ImmutableArray.CreateBuilder<OwnedSlots>();
        for (int first = 0; first < _owners.Length;)
        {
            ushort owner = _owners[first];
            int length = _owners.AsSpan(first).IndexOfAnyExcept(owner);
            int end = length < 0 ? _owners.Length : first + length;
            if (owner != NoOwner) ranges.Add(new(new(first, end - 1), _members.Nodes[owner]));
            first = end;
        }

        return ranges.DrainToImmutable();
    }

    private static void ThrowNoSuchSlot(int slot) =>
        throw new ArgumentOutOfRangeException(nameof(slot), slot, $"A slot is a number from 0 to {HashSlot.Count - 1}.");
}
