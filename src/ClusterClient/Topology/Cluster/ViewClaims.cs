// Who owns each slot according to the views of one round, and with which epoch.
namespace ClusterClient.Topology.Cluster;

/// <summary>
/// Slot by slot, the claim with the highest config epoch wins, even when a single view makes it: the majority lags during a failover. Views that
/// agree on the epoch but not on the owner are counted. What a node's own view disowns is not its own, whoever says so: it would answer MOVED.
/// </summary>
internal sealed class ViewClaims
{
    private const ushort None = ushort.MaxValue;
    private readonly IReadOnlyList<ViewMembers> _views;
    private readonly ViewMember[][] _masters;
    private readonly ushort[][] _owners;
    private readonly Dictionary<string, int> _ownViews = new(StringComparer.Ordinal);
    private readonly bool[] _isBoundary = new bool[HashSlot.Count + 1];

    public ViewClaims(IReadOnlyList<ViewMembers> views)
    {
        _views = views;
        _masters = new ViewMember[views.Count][];
        _owners = new ushort[views.Count][];
        for (int i = 0; i < views.Count; i++)
        {
            Index(i);
            if (views[i].Myself is { } myself) _ownViews[myself.Key] = i;
        }
    }

    /// <summary>Whether any view's answer may differ between this slot and the one before it.</summary>
    public bool IsBoundary(int slot) => slot == 0 || _isBoundary[slot];

    /// <summary>The claim to a slot that wins among the views asked after a logical time; null when none makes one.</summary>
    public SlotClaim? Best(int slot, long askedAfter = long.MinValue)
    {
        ViewMember? winner = null;
        int votes = 0;
        for (int i = 0; i < _views.Count; i++)
        {
            if (_views[i].View.AskedAt <= askedAfter || OwnerIn(i, slot) is not { } owner || IsDisowned(slot, owner, askedAfter)) continue;
            if (winner is not null && owner.Epoch < winner.Epoch) continue;
            int support = Support(slot, owner, askedAfter);
            if (winner is not null && owner.Epoch == winner.Epoch)
            {
                // The last resort is arbitrary, but the same in every round.
                if (support < votes || (support == votes && string.CompareOrdinal(owner.Key, winner.Key) >= 0)) continue;
            }

            winner = owner;
            votes = support;
        }

        return winner is null ? null : new(winner.Key, winner.Epoch);
    }

    /// <summary>Whether the node's own view, asked after a logical time, does not count the slot as its own.</summary>
    public bool DisownsItself(int slot, string key, long askedAfter = long.MinValue) =>
        _ownViews.TryGetValue(key, out int own) && _views[own].View.AskedAt > askedAfter && !IsOwner(own, slot, key);

    // A claim backed by an epoch that the node itself did not have yet when it disowned the slot is newer than its own view.
    private bool IsDisowned(int slot, ViewMember owner, long askedAfter) =>
        DisownsItself(slot, owner.Key, askedAfter) && owner.Epoch <= _views[_ownViews[owner.Key]].ByKey[owner.Key].Epoch;

    private int Support(int slot, ViewMember owner, long askedAfter)
    {
        int votes = 0;
        for (int i = 0; i < _views.Count; i++)
        {
            if (_views[i].View.AskedAt > askedAfter && OwnerIn(i, slot) is { } other && other.Epoch == owner.Epoch && IsOwner(i, slot, owner.Key)) votes++;
        }

        return votes;
    }

    private ViewMember? OwnerIn(int view, int slot) => _owners[view][slot] == None ? null : _masters[view][_owners[view][slot]];

    private bool IsOwner(int view, int slot, string key) => OwnerIn(view, slot) is { } owner && string.Equals(owner.Key, key, StringComparison.Ordinal);

    private void Index(int view)
    {
        var masters = new List<ViewMember>();
        var numbers = new Dictionary<string, ushort>(StringComparer.Ordinal);
        _owners[view] = TopologySnapshot.EmptySlots();
        foreach ((SlotRange slots, ViewMember owner) in _views[view].Owned)
        {
            if (!numbers.TryGetValue(owner.Key, out ushort number))
            {
                number = (ushort)masters.Count;
                numbers.Add(owner.Key, number);
                masters.Add(owner);
            }

            _owners[view].AsSpan(slots.First, slots.Count).Fill(number);
            _isBoundary[slots.First] = _isBoundary[slots.Last + 1] = true;
        }

        _masters[view] = [.. masters];
    }
}
