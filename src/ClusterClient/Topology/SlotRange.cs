// A run of consecutive hash slots.
namespace ClusterClient;

/// <summary>A run of consecutive hash slots, both ends included.</summary>
/// <param name="First">The first slot, 0 to 16383.</param>
/// <param name="Last">The last slot, not below <paramref name="First"/>.</param>
public readonly record struct SlotRange(int First, int Last)
{
    /// <summary>How many slots it holds.</summary>
    public int Count => Last - First + 1;

    /// <summary>Whether <paramref name="slot"/> lies in it.</summary>
    public bool Contains(int slot) => slot >= First && slot <= Last;

    internal static bool IsValid(long first, long last) => first >= 0 && first <= last && last < HashSlot.Count;

    /// <summary>As the servers write it: <c>0-5460</c>, or <c>100</c> for a single slot.</summary>
    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";
}
