// What one node of a fake cluster believes: who owns each slot.
namespace ClusterClient.UnitTests.Fakes;

/// <summary>Immutable: a test that lets nodes disagree gives them different ones.</summary>
internal sealed class FakeView
{
    private readonly FakeNode?[] _owners;

    /// <param name="owners">For each slot its owner, or null; kept, not copied.</param>
    public FakeView(FakeNode?[] owners) => _owners = owners;

    public FakeNode? OwnerOf(int slot) => _owners[slot];

    public FakeView With(int slot, FakeNode? owner) => With([slot], owner);

    public FakeView With(IReadOnlyCollection<int> slots, FakeNode? owner)
    {
        FakeNode?[] owners = [.. _owners];
        foreach (int slot in slots) owners[slot] = owner;
        return new FakeView(owners);
    }

    public FakeView With(SlotRange slots, FakeNode? owner)
    {
        FakeNode?[] owners = [.. _owners];
        owners.AsSpan(slots.First, slots.Last - slots.First + 1).Fill(owner);
        return new FakeView(owners);
    }

    /// <summary>Runs of slots with the same owner, in order; unowned ones left out.</summary>
    public IReadOnlyList<(SlotRange Slots, FakeNode Owner)> Ranges()
    {
        List<(SlotRange, FakeNode)> ranges = [];
        for (int first = 0, slot = 1; slot <= _owners.Length; slot++)
        {
            if (slot < _owners.Length && _owners[slot] == _owners[first]) continue;
            if (_owners[first] is { } owner) ranges.Add((new SlotRange(first, slot - 1), owner));
            first = slot;
        }

        return ranges;
    }
}
