// The scanner's stack of open aggregates: eight levels inline, an array beyond that.
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace ClusterClient.Protocol;

internal enum LevelKind : byte
{
    // Nothing is open: the frame itself.
    None,

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

    internal int Depth { get; private set; }

    internal readonly LevelKind Kind => Depth == 0 ? LevelKind.None
        : Depth <= InlineDepth ? _inline[Depth - 1].Kind
        : _deeper![Depth - InlineDepth - 1].Kind;

    // The innermost level; there must be one.
    [UnscopedRef]
    internal ref ScanLevel Top
    {
        get
        {
            if (Depth <= InlineDepth)
            {
                return ref _inline[Depth - 1];
            }

            return ref _deeper![Depth - InlineDepth - 1];
        }
    }

    internal void Push(LevelKind kind, int count)
    {
        Depth++;
        if (Depth > InlineDepth && Depth - InlineDepth > (_deeper?.Length ?? 0))
        {
            Array.Resize(ref _deeper, Math.Max(16, Depth * 2));
        }

        Top = new ScanLevel(kind, count);
    }

    internal void Pop() => Depth--;

    internal void Clear() => Depth = 0;

    // Counts a whole element in, which may complete the aggregates around it. None: it was the frame's last. Attribute:
    // it completed an attribute, so the element that one annotates comes next. Else: more elements come.
    internal LevelKind CompleteElement()
    {
        while (Depth > 0)
        {
            ref ScanLevel level = ref Top;
            if (level.Kind is LevelKind.Streamed or LevelKind.StreamedMap)
            {
                level.Count++;
                return level.Kind;
            }

            if (--level.Count > 0)
            {
                return LevelKind.Counted;
            }

            Depth--;
            if (level.Kind == LevelKind.Attribute)
            {
                return LevelKind.Attribute;
            }
        }

        return LevelKind.None;
    }

    [InlineArray(InlineDepth)]
    private struct Inline
    {
        private ScanLevel _first;
    }
}
