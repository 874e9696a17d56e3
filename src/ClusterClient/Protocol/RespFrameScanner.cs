// Finds where a reply ends, resuming where it stopped as more bytes arrive, and checks its framing on the way.
namespace ClusterClient.Protocol;

// What passes here, RespReader reads without a RedisProtocolException: a malformed frame is found before anybody's reply
// is read from it.
internal struct RespFrameScanner
{
    private readonly RespLimits? _limits;
    private ScanLevels _levels;

    // The start of the first element that is not checked yet.
    private int _position;

    // Inside that element: how far its line has been searched for its end, or where its announced bytes end.
    private int _searched;
    private int _payloadEnd;

    // Whether an attribute has just ended: an element has to follow.
    private bool _afterAttribute;

    internal RespFrameScanner(RespLimits limits) => _limits = limits;

    // A lower bound on the whole frame's length, as claimed by the peer: grow a buffer towards it in bounded steps.
    internal readonly int NeededLength => Math.Max(_payloadEnd, Math.Max(_searched, _position) + 1);

    // The type of the frame scanned last, looking past attributes before it; None until its first byte has come.
    internal RespType FrameType { get; private set; }

    private readonly RespLimits Limits => _limits ?? RespLimits.Default;

    // The buffer starts at the frame's first byte and holds all that has come so far. After true, the next call starts a
    // new frame.
    internal bool TryScan(ReadOnlySpan<byte> buffer, out int frameLength)
    {
        if ((_position | _searched | _payloadEnd | _levels.Depth) == 0)
        {
            frameLength = RespShort.Scan(buffer, 0, Limits.MaxBulkLength);
            if (frameLength != 0)
            {
                FrameType = (RespType)buffer[0];
                return true;
            }

            FrameType = RespType.None;
        }

        while (_payloadEnd <= buffer.Length && _position < buffer.Length)
        {
            if (!TryAdvance(buffer, out bool complete))
            {
                break;
            }

            if (_position > Limits.MaxFrameLength)
            {
                RespError.ThrowOverLimit(buffer, 0, "a frame", Limits.MaxFrameLength, nameof(RespLimits.MaxFrameLength));
            }

            if (complete)
            {
                frameLength = _position;
                _position = 0;
                _afterAttribute = false;
                return true;
            }
        }

        frameLength = 0;
        return false;
    }

    // Forgets a frame that was begun: the connection it came from is gone.
    internal void Reset()
    {
        _position = _searched = _payloadEnd = 0;
        _levels.Clear();
        _afterAttribute = false;
        FrameType = RespType.None;
    }

    // False when the next element's line is not all there; complete when the frame has ended.
    private bool TryAdvance(ReadOnlySpan<byte> buffer, out bool complete)
    {
        complete = false;
        if (_payloadEnd != 0)
        {
            complete = EndPayload(buffer);
            return true;
        }

        LevelKind around = _levels.Kind;
        if (around == LevelKind.Counted)
        {
            PassShortElements(buffer);
            if (_position >= buffer.Length)
            {
                return false;
            }
        }

        var type = (RespType)buffer[_position];
        if (around == LevelKind.Chunks)
        {
            return TryReadChunk(buffer, out complete);
        }

        if (type == (RespType)'.')
        {
            return TryReadEnd(buffer, around, out complete);
        }

        if (around == LevelKind.None)
        {
            FrameType = type;
        }
        else if (type == RespType.Push)
        {
            RespError.Throw(buffer, _position, "a push inside another reply");
        }

        switch (type)
        {
            case RespType.SimpleString or RespType.Error or RespType.BigNumber:
                return TryReadLine(buffer, Limits.MaxLineLength, out complete);
            case RespType.Integer or RespType.Double or RespType.Boolean or RespType.Null:
                return TryReadLine(buffer, RespLimits.HeaderLength, out complete);
            case RespType.BulkString or RespType.BlobError or RespType.VerbatimString:
                return TryReadBulk(buffer, type, out complete);
            case RespType.Array or RespType.Map or RespType.Set or RespType.Push or RespType.Attribute:
                return TryReadAggregate(buffer, type, out complete);
            default:
                RespError.ThrowUnknownType(buffer, _position);
                return false;
        }
    }

    // All but the last of an aggregate's elements need no bookkeeping besides their number.
    private void PassShortElements(ReadOnlySpan<byte> buffer)
    {
        ref ScanLevel level = ref _levels.Top;
        int position = _position;
        int left = level.Count;
        int maxBulk = Limits.MaxBulkLength;
        while (left > 1 && RespShort.Scan(buffer, position, maxBulk) is var next and not 0)
        {
            position = next;
            left--;
            _searched = 0;
            _afterAttribute = false;
        }

        level.Count = left;
        _position = position;
    }

    private bool TryReadLine(ReadOnlySpan<byte> buffer, int limit, out bool complete)
    {
        complete = false;
        int end = RespLine.FindEnd(buffer, _position, Math.Max(_position + 1, _searched));
        int known = end >= 0 ? end : buffer[^1] == '\r' ? buffer.Length - 1 : buffer.Length;
        if (known - _position - 1 > limit)
        {
            RespError.ThrowOverLimit(buffer, _position, "a line", limit, limit == RespLimits.HeaderLength ? nameof(RespLimits.HeaderLength) : nameof(RespLimits.MaxLineLength));
        }

        if (end < 0)
        {
            // The last byte may be a CR whose LF is still on its way.
            _searched = Math.Max(_position + 1, buffer.Length - 1);
            return false;
        }

        RespLine.Validate(buffer, _position, end);
        complete = EndElement(end + 2);
        return true;
    }

    private bool TryReadBulk(ReadOnlySpan<byte> buffer, RespType type, out bool complete)
    {
        complete = false;
        int next = RespLine.ReadLength(buffer, _position, out int length);
        if (next == 0)
        {
            return false;
        }

        if (length == RespLine.Null)
        {
            complete = EndElement(next);
        }
        else if (length == RespLine.Streamed)
        {
            Push(buffer, LevelKind.Chunks, 0);
            _position = next;
        }
        else
        {
            ExpectPayload(buffer, next, length);
        }

        return true;
    }

    private bool TryReadChunk(ReadOnlySpan<byte> buffer, out bool complete)
    {
        complete = false;
        if (buffer[_position] != ';')
        {
            RespError.Throw(buffer, _position, RespError.NoChunk);
        }

        int next = RespLine.ReadLength(buffer, _position, out int length);
        if (next == 0)
        {
            return false;
        }

        if (length == 0)
        {
            _levels.Pop();
            complete = EndElement(next);
            return true;
        }

        ref ScanLevel level = ref _levels.Top;
        if (length > Limits.MaxBulkLength - level.Count)
        {
            RespError.ThrowOverLimit(buffer, _position, "a streamed string", Limits.MaxBulkLength, nameof(RespLimits.MaxBulkLength));
        }

        level.Count += length;
        ExpectPayload(buffer, next, length);
        return true;
    }

    private bool TryReadAggregate(ReadOnlySpan<byte> buffer, RespType type, out bool complete)
    {
        complete = false;
        int next = RespLine.ReadLength(buffer, _position, out int length);
        if (next == 0)
        {
            return false;
        }

        bool pairs = type is RespType.Map or RespType.Attribute;
        long elements = pairs && length > 0 ? 2L * length : length;
        if (elements > Limits.MaxAggregateLength)
        {
            RespError.ThrowOverLimit(buffer, _position, $"{elements} elements", Limits.MaxAggregateLength, nameof(RespLimits.MaxAggregateLength));
        }

        if (elements > 0)
        {
            Push(buffer, type == RespType.Attribute ? LevelKind.Attribute : LevelKind.Counted, (int)elements);
        }
        else if (elements == RespLine.Streamed)
        {
            Push(buffer, pairs ? LevelKind.StreamedMap : LevelKind.Streamed, 0);
        }
        else if (type != RespType.Attribute)
        {
            complete = EndElement(next);
            return true;
        }

        _afterAttribute = elements == 0;
        _position = next;
        return true;
    }

    private bool TryReadEnd(ReadOnlySpan<byte> buffer, LevelKind around, out bool complete)
    {
        complete = false;
        if (around is not (LevelKind.Streamed or LevelKind.StreamedMap) || _afterAttribute
            || (around == LevelKind.StreamedMap && (_levels.Top.Count & 1) != 0))
        {
            RespError.Throw(buffer, _position, RespError.MisplacedEnd);
        }

        int next = RespLine.EndOfLine(buffer, _position, _position + 1);
        if (next == 0)
        {
            return false;
        }

        _levels.Pop();
        complete = EndElement(next);
        return true;
    }

    private void ExpectPayload(ReadOnlySpan<byte> buffer, int start, int length)
    {
        if (length > Limits.MaxBulkLength)
        {
            RespError.ThrowOverLimit(buffer, _position, $"{length} bytes", Limits.MaxBulkLength, nameof(RespLimits.MaxBulkLength));
        }

        long end = (long)start + length + 2;
        if (end > Limits.MaxFrameLength)
        {
            RespError.ThrowOverLimit(buffer, _position, $"a frame of {end} bytes", Limits.MaxFrameLength, nameof(RespLimits.MaxFrameLength));
        }

        _payloadEnd = (int)end;
    }

    private bool EndPayload(ReadOnlySpan<byte> buffer)
    {
        int end = _payloadEnd;
        _payloadEnd = 0;
        RespLine.EndOfLine(buffer, end - 2, end - 2);
        if (buffer[_position] == ';')
        {
            _position = end;
            return false;
        }

        if (buffer[_position] == (byte)RespType.VerbatimString)
        {
            int start = RespLine.ReadLength(buffer, _position, out int length);
            RespLine.ValidateFormat(buffer, _position, buffer.Slice(start, length));
        }

        return EndElement(end);
    }

    // True when the element was the frame's last.
    private bool EndElement(int next)
    {
        _position = next;
        _searched = 0;
        LevelKind around = _levels.CompleteElement();
        _afterAttribute = around == LevelKind.Attribute;
        return around == LevelKind.None;
    }

    private void Push(ReadOnlySpan<byte> buffer, LevelKind kind, int count)
    {
        if (_levels.Depth >= Limits.MaxDepth)
        {
            RespError.ThrowOverLimit(buffer, _position, "nesting", Limits.MaxDepth, nameof(RespLimits.MaxDepth));
        }

        _levels.Push(kind, count);
    }
}
