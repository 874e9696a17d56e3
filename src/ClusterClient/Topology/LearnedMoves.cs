// What MOVED answers taught and no view has confirmed or refuted yet.
using System.Collections.Immutable;

namespace ClusterClient.Topology;

/// <summary>One slot's new owner, learned from a MOVED.</summary>
/// <param name="Target">The owner, after the endpoint map.</param>
/// <param name="LearnedAt">The refresher's logical time.</param>
/// <param name="Epoch">The highest config epoch known of the old and the new owner then: a view needs a higher one to overrule the move.</param>
internal readonly record struct LearnedMove(NodeEndpoint Target, long LearnedAt, long Epoch);

/// <summary>
/// The moves a redirect taught, immutable. A move outlives every view that was asked for before it or that has no newer owner epoch,
/// until its target disowns the slot.
/// </summary>
internal sealed class LearnedMoves
{
    private readonly ImmutableDictionary<int, LearnedMove> _bySlot;

    private LearnedMoves(ImmutableDictionary<int, LearnedMove> bySlot) => _bySlot = bySlot;

    public static LearnedMoves None { get; } = new(ImmutableDictionary<int, LearnedMove>.Empty);

    public int Count => _bySlot.Count;

    public IEnumerable<KeyValuePair<int, LearnedMove>> BySlot => _bySlot;

    public LearnedMove? this[int slot] => _bySlot.TryGetValue(slot, out LearnedMove move) ? move : null;

    public LearnedMoves With(int slot, LearnedMove move) => new(_bySlot.SetItem(slot, move));

    public LearnedMoves Without(IReadOnlyCollection<int> slots) => slots.Count == 0 ? this : new(_bySlot.RemoveRange(slots));
}
