// A set of slots as a few ranges, for tokens: it may hold more than was put in, never less.
using System.Collections.Immutable;
using ClusterClient.Protocol;

namespace ClusterClient.Routing.Freshness;

/// <summary>Outside a cluster, where nothing has a slot, all is slot 0.</summary>
/// <param name="Ranges">In order, each with both its ends.</param>
internal sealed record TokenSlots(ImmutableArray<(int First, int Last)> Ranges)
{
    /// <summary>A token must be small. Slots that were not touched cost at most a read by the master.</summary>
    internal const int MaxRanges = 32;

    internal static TokenSlots Of(IEnumerable<int> slots)
    {
        ImmutableArray<(int First, int Last)>.Builder ranges = ImmutableArray.CreateBuilder<(int, int)>();
        foreach (int slot in slots.Select(Of).Order())
        {
            if (ranges.Count > 0 && slot <= ranges[^1].Last + 1) ranges[^1] = (ranges[^1].First, Math.Max(slot, ranges[^1].Last));
            else ranges.Add((slot, slot));
        }

        return new TokenSlots(Close(ranges));
    }

    /// <summary>A slot as a token has it.</summary>
    internal static int Of(int slot) => Math.Max(0, slot);

    /// <summary>The others of its slots.</summary>
    internal TokenSlots Without(HashSet<int> slots) => Of(All(this).Where(slot => !slots.Contains(slot)));

    internal static TokenSlots Union(IEnumerable<TokenSlots> sets)
        => Of(sets.SelectMany(All));

    internal bool Contains(int slot)
    {
        foreach ((int first, int last) in Ranges)
        {
            if (Of(slot) >= first && Of(slot) <= last) return true;
        }

        return false;
    }

    private static IEnumerable<int> All(TokenSlots set) => set.Ranges.SelectMany(static range => Enumerable.Range(range.First, range.Last - range.First + 1));

    /// <summary>Closes the narrowest gaps until few ranges are left.</summary>
    private static ImmutableArray<(int First, int Last)> Close(ImmutableArray<(int First, int Last)>.Builder ranges)
    {
        if (ranges.Count > MaxRanges)
        {
            int[] gaps = [.. Enumerable.Range(1, ranges.Count - 1).Select(i => ranges[i].First - ranges[i - 1].Last).Order()];
            int widest = gaps[ranges.Count - MaxRanges - 1];
            int kept = 0;
            for (int i = 1; i < ranges.Count; i++)
            {
                if (ranges[i].First - ranges[kept].Last <= widest) ranges[kept] = (ranges[kept].First, ranges[i].Last);
                else ranges[++kept] = ranges[i];
            }

            ranges.Count = kept + 1;
        }

        return ranges.ToImmutable();
    }
}
