// Decides who owns each slot: this round's views against what is remembered and what redirects taught.
using System.Collections.Immutable;

namespace ClusterClient.Topology.Cluster;

/// <summary>What one round decided about the slots.</summary>
/// <param name="Memory">The new claims; a slot without one has no owner, unless a move gives it one.</param>
/// <param name="Settled">Moves that are confirmed or refuted.</param>
/// <param name="ToAsk">Keys of nodes whose own word would settle a dispute.</param>
internal sealed record SlotDecision(ClusterMemory Memory, IReadOnlyCollection<int> Settled, ImmutableHashSet<string> ToAsk);

/// <param name="views">The round.</param>
/// <param name="before">What is remembered.</param>
/// <param name="keyAt">The key of the member at an address, or null.</param>
/// <param name="nowMilliseconds">A monotonic clock.</param>
internal sealed class SlotMerge(IReadOnlyList<ViewMembers> views, ClusterMemory before, Func<NodeEndpoint, string?> keyAt, long nowMilliseconds)
{
    private readonly ViewClaims _claims = new(views);
    private readonly Dictionary<string, long> _knownEpochs = views.SelectMany(static view => view.ByKey.Values)
        .GroupBy(static member => member.Key, StringComparer.Ordinal).ToDictionary(static words => words.Key, static words => words.Max(static word => word.Epoch), StringComparer.Ordinal);
    private readonly long _lastAskedAt = views.Max(static view => view.View.AskedAt);
    private readonly SlotClaims _after = new();
    private readonly ImmutableDictionary<int, long>.Builder _disputes = ImmutableDictionary.CreateBuilder<int, long>();
    private readonly ImmutableHashSet<string>.Builder _toAsk = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);

    public SlotDecision Decide(LearnedMoves learned)
    {
        var settled = new List<int>();
        SlotClaim? best = null;
        for (int slot = 0; slot < HashSlot.Count; slot++)
        {
            if (_claims.IsBoundary(slot)) best = _claims.Best(slot);
            SlotClaim? remembered = before.Claims[slot];
            SlotClaim? claim = learned.Count > 0 && learned[slot] is { } move
                ? DecideMoved(slot, move, remembered, settled)
                : DecideClaimed(slot, best, remembered);
            if (claim is { } held) _after.Set(slot, held);
        }

        return new(new(_after, _disputes.ToImmutable()), settled, _toAsk.ToImmutable());
    }

    // While the move stands, the claim it overrules stays remembered: the claim's epoch is what a view has to beat.
    private SlotClaim? DecideMoved(int slot, LearnedMove move, SlotClaim? remembered, List<int> settled)
    {
        if (move.LearnedAt >= _lastAskedAt) return remembered;
        SlotClaim? best = _claims.Best(slot, move.LearnedAt);
        string? target = keyAt(move.Target);
        bool confirmed = best is { } claim && string.Equals(claim.Owner, target, StringComparison.Ordinal);
        bool overruled = best is { } newer && newer.Epoch > move.Epoch;
        bool disowned = target is not null && _claims.DisownsItself(slot, target, move.LearnedAt);
        if (confirmed || overruled || disowned || IsDisputedTooLong(slot, target))
        {
            settled.Add(slot);
            return confirmed || overruled ? best : DecideClaimed(slot, best ?? _claims.Best(slot), remembered);
        }

        return remembered;
    }

    private SlotClaim? DecideClaimed(int slot, SlotClaim? best, SlotClaim? remembered)
    {
        if (remembered is not { } held) return best;
        if (best is { } claim)
        {
            if (string.Equals(claim.Owner, held.Owner, StringComparison.Ordinal)) return new(held.Owner, Math.Max(claim.Epoch, held.Epoch));
            if (claim.Epoch >= held.Epoch || !_knownEpochs.ContainsKey(held.Owner)) return best;
        }
        else if (IsSilenceInformed(slot, held))
        {
            return null;
        }

        return _claims.DisownsItself(slot, held.Owner) || IsDisputedTooLong(slot, held.Owner) ? best : remembered;
    }

    // A node that has only just joined knows few owners: that it names none proves nothing, unless it knows as much of the owner as we do.
    private bool IsSilenceInformed(int slot, SlotClaim held) => _knownEpochs.TryGetValue(held.Owner, out long epoch)
        ? epoch >= held.Epoch || _claims.DisownsItself(slot, held.Owner)
        : views.Count > 1;

    private bool IsDisputedTooLong(int slot, string? owner)
    {
        long since = before.DisputedSince.GetValueOrDefault(slot, nowMilliseconds);
        if (nowMilliseconds - since >= (long)ClusterMemory.DisputeLimit.TotalMilliseconds) return true;
        _disputes[slot] = since;
        if (owner is not null) _toAsk.Add(owner);
        return false;
    }
}
