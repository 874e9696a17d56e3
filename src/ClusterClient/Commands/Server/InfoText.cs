// Reads what INFO and CLUSTER INFO answer: "name:value" lines under "# Section" headings.
using System.Globalization;

namespace ClusterClient.Commands;

internal static class InfoText
{
    internal static Dictionary<string, IReadOnlyDictionary<string, string>> ReadSections(string text)
    {
        var sections = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.OrdinalIgnoreCase);
        var current = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("#", StringComparison.Ordinal))
            {
                current = new Dictionary<string, string>(StringComparer.Ordinal);
                sections[line[1..].Trim().ToString()] = current;
                continue;
            }

            int colon = line.IndexOf(':');
            if (colon <= 0) continue;

            // CLUSTER INFO has no heading.
            if (sections.Count == 0) sections[""] = current;
            current[line[..colon].ToString()] = line[(colon + 1)..].ToString();
        }

        return sections;
    }

    internal static long? ToInt64(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : null;
}
