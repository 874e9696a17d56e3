// Who was last believed to own each slot, and by which config epoch.
namespace ClusterClient.Topology.Cluster;

/// <summary>An owner's claim to a slot: the higher epoch wins.</summary>
/// <param name="Owner">The key of the owner.</param>
/// <param name="Epoch">Its config epoch as the node that reported the claim knew it.</param>
internal readonly record struct SlotClaim(string Owner, long Epoch);

/// <summary>
/// The claims behind a snapshot, immutable once built. They make the map remember: a round of nodes that all lag behind must not undo what a
/// better informed node said in the round before. Slots share few distinct claims, so 2 bytes a slot suffice.
/// </summary>
internal sealed class SlotClaims
{
    private const ushort None = ushort.MaxValue;
    private readonly ushort[] _claimOf = new ushort[HashSlot.Count];
    private readonly List<SlotClaim> _claims = [];
    private readonly Dictionary<SlotClaim, ushort> _numbers = [];
    private ushort _last = None;

    public SlotClaims() => _claimOf.AsSpan().Fill(None);

    public static SlotClaims Empty { get; } = new();

    /// <summary>The claim to a slot, or null when nobody was believed to own it.</summary>
    public SlotClaim? this[int slot] => _claimOf[slot] == None ? null : _claims[_claimOf[slot]];

    /// <summary>Only while it is being built, slot by slot.</summary>
    public void Set(int slot, SlotClaim claim)
    {
        // Neighbours mostly share their claim.
        if (_last == None || !ReferenceEquals(_claims[_last].Owner, claim.Owner) || _claims[_last].Epoch != claim.Epoch)
        {
            if (!_numbers.TryGetValue(claim, out _last))
            {
                _last = (ushort)_claims.Count;
                _claims.Add(claim);
                _numbers.Add(claim, _last);
            }
        }

        _claimOf[slot] = _last;
    }
}
