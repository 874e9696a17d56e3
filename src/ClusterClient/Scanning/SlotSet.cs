// A set of hash slots, one bit each.
using System.Numerics;

namespace ClusterClient.Scanning;

/// <summary>Immutable; 2 KiB whatever is in it.</summary>
internal sealed class SlotSet
{
    private const int Bits = 64;
    private readonly ulong[] _words;

    private SlotSet(ulong[] words)
    {
        _words = words;
        foreach (ulong word in words) Count += BitOperations.PopCount(word);
    }

    internal static SlotSet Empty { get; } = new(new ulong[HashSlot.Count / Bits]);

    internal static SlotSet All { get; } = Of([new(0, HashSlot.Count - 1)]);

    internal int Count { get; }

    internal bool IsEmpty => Count == 0;

    internal static SlotSet Of(IEnumerable<SlotRange> ranges)
    {
        ulong[] words = new ulong[HashSlot.Count / Bits];
        foreach (SlotRange range in ranges)
        {
            for (int slot = range.First; slot <= range.Last; slot++) words[slot / Bits] |= 1UL << (slot % Bits);
        }

        return new(words);
    }

    internal bool Contains(int slot) => (_words[slot / Bits] & (1UL << (slot % Bits))) != 0;

    internal SlotSet Union(SlotSet other) => Combine(other, static (one, two) => one | two);

    internal SlotSet Intersect(SlotSet other) => Combine(other, static (one, two) => one & two);

    internal SlotSet Except(SlotSet other) => Combine(other, static (one, two) => one & ~two);

    /// <summary>The slots in it for which something holds.</summary>
    internal SlotSet Where(Func<int, bool> holds) => Of(Slots().Where(holds).Select(static slot => new SlotRange(slot, slot)));

    /// <summary>Every slot, ascending.</summary>
    internal IEnumerable<int> Slots()
    {
        for (int i = 0; i < _words.Length; i++)
        {
            for (ulong left = _words[i]; left != 0; left &= left - 1) yield return (i * Bits) + BitOperations.TrailingZeroCount(left);
        }
    }

    /// <summary>The slots in runs, ascending.</summary>
    internal IEnumerable<SlotRange> Ranges()
    {
        int first = -1, last = -2;
        foreach (int slot in Slots())
        {
            if (slot != last + 1)
            {
                if (first >= 0) yield return new(first, last);
                first = slot;
            }

            last = slot;
        }

        if (first >= 0) yield return new(first, last);
    }

    /// <summary><c>0-5460, 7000</c>; the first few runs of many.</summary>
    public override string ToString()
    {
        const int shown = 8;
        SlotRange[] ranges = [.. Ranges().Take(shown + 1)];
        string text = string.Join(", ", ranges.Take(shown));
        return ranges.Length > shown ? text + ", …" : text;
    }

    private SlotSet Combine(SlotSet other, Func<ulong, ulong, ulong> combine)
    {
        ulong[] words = new ulong[_words.Length];
        for (int i = 0; i < words.Length; i++) words[i] = combine(_words[i], other._words[i]);
        return new(words);
    }
}
