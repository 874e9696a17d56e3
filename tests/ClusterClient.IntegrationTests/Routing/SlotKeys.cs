// Keys for given slots.
namespace ClusterClient.IntegrationTests.Routing;

internal static class SlotKeys
{
    /// <summary>For each slot a text that hashes to it.</summary>
    internal static string[] For(int[] slots)
    {
        string?[] found = new string?[HashSlot.Count];
        int missing = slots.Length;
        HashSet<int> wanted = [.. slots];
        for (int i = 0; missing > 0; i++)
        {
            string candidate = $"k{i}";
            int slot = HashSlot.Of(candidate);
            if (found[slot] is not null) continue;
            found[slot] = candidate;
            if (wanted.Contains(slot)) missing--;
        }

        return [.. slots.Select(slot => found[slot]!)];
    }
}
