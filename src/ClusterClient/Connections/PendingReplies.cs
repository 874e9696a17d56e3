// The operations whose replies a connection waits for, in the order in which the replies will come.
namespace ClusterClient.Connections;

/// <summary>
/// A first-in first-out queue with one producer at a time (whoever holds the connection's lock) and one consumer (the
/// connection's reader). It is a chain of segments, so that an idle connection stays small and no growth ever moves
/// an entry under the reader's eyes.
/// </summary>
internal sealed class PendingReplies
{
    private const int SegmentSize = 256;

    /// <summary>So many used segments wait for the next burst: 16,000 commands in flight.</summary>
    private const int MaxSpares = 64;
    private Segment _tail;
    private int _tailIndex;
    private Segment _head;
    private int _headIndex;

    // Used segments on their way back: the reader puts one on top, the producer takes them all at once, so no chain is ever cut.
    private Segment? _used;
    private Segment? _spare;
    private int _spares;

    internal PendingReplies() => _head = _tail = new Segment();

    /// <summary>Adds an operation; only under the connection's lock.</summary>
    internal void Push(Operation operation)
    {
        if (_tailIndex == SegmentSize)
        {
            Segment next = TakeSpare() ?? new Segment();
            Volatile.Write(ref _tail.Next, next);
            _tail = next;
            _tailIndex = 0;
        }

        Volatile.Write(ref _tail.Entries[_tailIndex++], operation);
    }

    /// <summary>Takes the oldest operation, or null when a reply came that nobody waits for; only on the reader.</summary>
    internal Operation? Pop()
    {
        if (_headIndex == SegmentSize)
        {
            Segment? next = Volatile.Read(ref _head.Next);
            if (next is null) return null;
            Segment used = _head;
            _head = next;
            _headIndex = 0;
            GiveBack(used);
        }

        ref Operation? entry = ref _head.Entries[_headIndex];
        Operation? operation = Volatile.Read(ref entry);
        if (operation is null) return null;
        entry = null;
        _headIndex++;
        return operation;
    }

    private Segment? TakeSpare()
    {
        Segment? spare = _spare ??= Interlocked.Exchange(ref _used, null);
        if (spare is null) return null;
        _spare = spare.Next;
        spare.Next = null;
        Interlocked.Decrement(ref _spares);
        return spare;
    }

    private void GiveBack(Segment used)
    {
        if (Volatile.Read(ref _spares) >= MaxSpares)
        {
            used.Next = null; // Or an old segment would hold the younger ones.
            return;
        }

        Interlocked.Increment(ref _spares);
        Segment? top = Volatile.Read(ref _used);
        while (true)
        {
            used.Next = top;
            Segment? seen = Interlocked.CompareExchange(ref _used, used, top);
            if (ReferenceEquals(seen, top)) return;
            top = seen;
        }
    }

    private sealed class Segment
    {
        internal readonly Operation?[] Entries = new Operation?[SegmentSize];
        internal Segment? Next;
    }
}
