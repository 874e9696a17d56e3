// Patterns of which every match lies in one slot.
namespace ClusterClient.Scanning;

internal static class ScanPattern
{
    /// <summary>
    /// The slot of every key that matches, where the pattern says it: <c>{user:1}:*</c> and <c>cart:{7}*</c> name their hash tag, and a pattern without
    /// wildcards is a key. Null where keys of several slots may match.
    /// </summary>
    internal static int? SlotOf(ReadOnlySpan<byte> pattern)
    {
        if (pattern.IsEmpty) return null;
        int wildcard = pattern.IndexOfAny("*?[\\"u8);
        if (wildcard < 0) return HashSlot.Of(pattern);

        // The tag must stand whole before the first wildcard: only then is it every match's first pair of braces.
        ReadOnlySpan<byte> literal = pattern[..wildcard];
        int open = literal.IndexOf((byte)'{');
        if (open < 0) return null;
        int length = literal[(open + 1)..].IndexOf((byte)'}');
        return length > 0 ? HashSlot.Of(literal) : null;
    }
}
