// The scanner's stack of open aggregates: eight levels inline, an array beyond that.
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace ClusterClient.Protocol;

internal enum LevelKind : byte
{
    // Count elements are still to come.
    Counted,

    // As Counted, but what is counted annotates the element after it.
    Attribute,

    // Ended by '.', Count elements have come.
    Streamed,

    // As Streamed, in pairs.
    StreamedMap,

    // A streamed string, ended by an empty chunk; Count bytes have come.
    Chunks,
}

internal record struct ScanLevel(LevelKind Kind, int Count);

internal struct ScanLevels
{
    private const int InlineDepth = 8;

    private Inline _inline;
    private ScanLevel[]? _deeper;

    // The level at a depth counted from 1.
    [UnscopedRef]
    internal ref ScanLevel At(int depth)
    {
        if (depth <= InlineDepth)
        {
            return ref _inline[depth - 1];
        }

        int index = depth - InlineDepth - 1;
        if (_deeper is null || index >= _deeper.Length)
        {
            Array.Resize(ref _deeper, Math.Max(16, index * 2));
        }

        return ref _deeper[index];
    }

    [InlineArray(InlineDepth)]
    private struct Inline
    {
        private ScanLevel _first;
    }
}
