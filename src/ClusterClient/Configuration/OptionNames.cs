// Names of options as text: camel case, and the nearest known name to a mistyped one.
namespace ClusterClient.Configuration;

internal static class OptionNames
{
    public static string CamelCase(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    /// <summary>The candidate a person most likely meant by <paramref name="typed"/>, or null when none is near.</summary>
    public static string? Nearest(string typed, IEnumerable<string> candidates)
    {
        if (typed.Length > 64) return null;
        string lower = typed.ToLowerInvariant();
        (string name, int distance) = candidates.Select(name => (name, Distance(lower, name.ToLowerInvariant()))).MinBy(static pair => pair.Item2);
        return distance <= Math.Max(1, name.Length / 3) ? name : null;
    }

    /// <summary>The Levenshtein distance: insertions, deletions and replacements from one to the other.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int cost = Math.Min(diagonal + (a[i - 1] == b[j - 1] ? 0 : 1), Math.Min(row[j], row[j - 1]) + 1);
                diagonal = row[j];
                row[j] = cost;
            }
        }

        return row[^1];
    }
}
