// Finds where a reply ends, resuming where it stopped as more bytes arrive, and checks its framing on the way.
using System.Diagnostics.CodeAnalysis;

namespace ClusterClient.Protocol;

internal struct RespFrameScanner
{
    private readonly RespLimits? _limits;
    private ScanLevels _levels;

    // The start of the first element that is not checked yet.
    private int _position;

    // Inside that element: how far its line has been searched for its end, or where its announced bytes end.
    private int _searched;
    private int _payloadEnd;
    private int _depth;
    private bool _afterAttribute;

    internal RespFrameScanner(RespLimits limits) => _limits = limits;

    // A lower bound on the whole frame's length, as claimed by the peer: grow a buffer towards it in bounded steps.
    internal readonly int NeededLength => Math.Max(_payloadEnd, Math.Max(_searched, _position) + 1);

    // The type of the frame scanned last, looking past attributes before it; None until its first byte has come.
    internal RespType FrameType { get; private set; }

    // The buffer starts at the frame's first byte and holds all that has come so far. After true, the next call starts a
    // new frame.
    internal bool TryScan(ReadOnlySpan<byte> buffer, out int frameLength)
    {
        if ((_position | _searched | _payloadEnd | _depth) == 0 && TryScanShort(buffer, out frameLength))
        {
            return true;
        }

        return Scan(buffer, out frameLength);
    }

    // Forgets a frame that was begun: the connection it came from is gone.
    internal void Reset()
    {
        _position = _searched = _payloadEnd = _depth = 0;
        _afterAttribute = false;
        FrameType = RespType.None;
    }

    // The replies of most commands, complete at once: +OK, :5, $5.
    private bool TryScanShort(ReadOnlySpan<byte> buffer, out int frameLength)
    {
        frameLength = 0;
        if (buffer.Length < 4)
        {
            return false;
        }

        var type = (RespType)buffer[0];
        if (type == RespType.BulkString)
        {
            int i = 1;
            uint length = 0;
            for (; i < 9 && i < buffer.Length; i++)
            {
                uint digit = (uint)buffer[i] - '0';
                if (digit > 9)
                {
                    break;
                }

                length = (length * 10) + digit;
            }

            long end = (long)i + 4 + length;
            if (i == 1 || end > buffer.Length || length > (uint)Limits.MaxBulkLength
                || buffer[i] != '\r' || buffer[i + 1] != '\n' || buffer[(int)end - 2] != '\r' || buffer[(int)end - 1] != '\n')
            {
                return false;
            }

            frameLength = (int)end;
        }
        else if (type == RespType.Integer)
        {
            int i = buffer[1] == '-' ? 2 : 1;
            int first = i;
            while (i < 19 && i < buffer.Length && (uint)buffer[i] - '0' <= 9)
            {
                i++;
            }

            if (i == first || i + 1 >= buffer.Length || buffer[i] != '\r' || buffer[i + 1] != '\n')
            {
                return false;
            }

            frameLength = i + 2;
        }
        else if (type == RespType.SimpleString && buffer.StartsWith("+OK\r\n"u8))
        {
            frameLength = 5;
        }
        else
        {
            return false;
        }

        FrameType = type;
        return true;
    }

    [UnscopedRef]
    private ref ScanLevel Top => ref _levels.At(_depth);

    private readonly RespLimits Limits => _limits ?? RespLimits.Default;

    private bool Scan(ReadOnlySpan<byte> buffer, out int frameLength)
    {
        frameLength = 0;
        while (true)
        {
            bool complete;
            if (_position > Limits.MaxFrameLength)
            {
                RespError.ThrowOverLimit(buffer, 0, "a frame", Limits.MaxFrameLength, nameof(RespLimits.MaxFrameLength));
            }

            if (_payloadEnd != 0)
            {
                if (_payloadEnd > buffer.Length)
                {
                    return false;
                }

                complete = EndPayload(buffer);
            }
            else if (_position >= buffer.Length)
            {
                return false;
            }
            else if (!TryReadElement(buffer, out complete))
            {
                return false;
            }

            if (complete)
            {
                frameLength = _position;
                _position = 0;
                return true;
            }
        }
    }

    // False when the element's line is not all there; complete when it ended the frame.
    private bool TryReadElement(ReadOnlySpan<byte> buffer, out bool complete)
    {
        complete = false;
        var type = (RespType)buffer[_position];
        switch (type)
        {
            case RespType.SimpleString or RespType.Error or RespType.BigNumber:
                return Begin(buffer, type) && TryReadLine(buffer, Limits.MaxLineLength, out complete);
            case RespType.Integer or RespType.Double or RespType.Boolean or RespType.Null:
                return Begin(buffer, type) && TryReadLine(buffer, RespLimits.HeaderLength, out complete);
            case RespType.BulkString or RespType.BlobError or RespType.VerbatimString:
                return Begin(buffer, type) && TryReadBulk(buffer, type, out complete);
            case RespType.Array or RespType.Map or RespType.Set or RespType.Push or RespType.Attribute:
                return Begin(buffer, type) && TryReadAggregate(buffer, type, out complete);
            case (RespType)';' when _depth > 0 && Top.Kind == LevelKind.Chunks:
                return TryReadChunk(buffer, out complete);
            case (RespType)'.' when _depth > 0 && Top.Kind is LevelKind.Streamed or LevelKind.StreamedMap && !_afterAttribute:
                return TryReadEnd(buffer, out complete);
            default:
                RespError.ThrowUnknownType(buffer, _position);
                return false;
        }
    }

    private bool Begin(ReadOnlySpan<byte> buffer, RespType type)
    {
        if (_depth == 0)
        {
            FrameType = type;
        }
        else if (Top.Kind == LevelKind.Chunks)
        {
            RespError.Throw(buffer, _position, "a streamed string has to go on with ';'");
        }
        else if (type == RespType.Push)
        {
            RespError.Throw(buffer, _position, "a push inside another reply");
        }

        return true;
    }

    private bool TryReadLine(ReadOnlySpan<byte> buffer, int limit, out bool complete)
    {
        complete = false;
        int end = RespLine.FindEnd(buffer, _position, Math.Max(_position + 1, _searched));
        if ((end < 0 ? buffer.Length - 1 : end) - _position - 1 > limit)
        {
            RespError.ThrowOverLimit(buffer, _position, "a line", limit, nameof(RespLimits.MaxLineLength));
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

        if (length < 0 && type != RespType.BulkString)
        {
            RespError.Throw(buffer, _position, $"a {type} without a length");
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
        int next = RespLine.ReadLength(buffer, _position, out int length);
        if (next == 0)
        {
            return false;
        }

        if (length < 0)
        {
            RespError.Throw(buffer, _position, "a chunk without a length");
        }

        if (length == 0)
        {
            _depth--;
            complete = EndElement(next);
            return true;
        }

        if (length > Limits.MaxBulkLength - Top.Count)
        {
            RespError.ThrowOverLimit(buffer, _position, "a streamed string", Limits.MaxBulkLength, nameof(RespLimits.MaxBulkLength));
        }

        Top.Count += length;
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
        if ((length == RespLine.Null && type != RespType.Array)
            || (length == RespLine.Streamed && type is RespType.Push or RespType.Attribute))
        {
            RespError.Throw(buffer, _position, $"a {type} without a length");
        }

        long elements = pairs ? 2L * length : length;
        if (elements > Limits.MaxAggregateLength)
        {
            RespError.ThrowOverLimit(buffer, _position, $"{elements} elements", Limits.MaxAggregateLength, nameof(RespLimits.MaxAggregateLength));
        }

        if (length == RespLine.Streamed)
        {
            Push(buffer, pairs ? LevelKind.StreamedMap : LevelKind.Streamed, 0);
        }
        else if (length > 0)
        {
            Push(buffer, type == RespType.Attribute ? LevelKind.Attribute : LevelKind.Counted, (int)elements);
        }
        else if (type != RespType.Attribute)
        {
            complete = EndElement(next);
            return true;
        }

        _afterAttribute = length == 0;
        _position = next;
        return true;
    }

    private bool TryReadEnd(ReadOnlySpan<byte> buffer, out bool complete)
    {
        complete = false;
        int next = RespLine.EndOfLine(buffer, _position, _position + 1);
        if (next == 0)
        {
            return false;
        }

        if (Top.Kind == LevelKind.StreamedMap && (Top.Count & 1) != 0)
        {
            RespError.Throw(buffer, _position, "a streamed map ends between a key and its value");
        }

        _depth--;
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
        if (buffer[end - 2] != '\r' || buffer[end - 1] != '\n')
        {
            RespError.Throw(buffer, end - 2, "no CRLF after the announced length");
        }

        _payloadEnd = 0;
        if (_depth > 0 && Top.Kind == LevelKind.Chunks)
        {
            _position = end;
            return false;
        }

        if (buffer[_position] == (byte)RespType.VerbatimString)
        {
            RespLine.ReadLength(buffer, _position, out int length);
            if (length < 4 || buffer[end - 2 - length + 3] != ':')
            {
                RespError.Throw(buffer, _position, "a verbatim string without its format");
            }
        }

        return EndElement(end);
    }

    // True when the element was the frame's last.
    private bool EndElement(int next)
    {
        _position = next;
        _searched = 0;
        _afterAttribute = false;
        while (_depth > 0)
        {
            ref ScanLevel level = ref Top;
            if (level.Kind is LevelKind.Streamed or LevelKind.StreamedMap)
            {
                level.Count++;
                return false;
            }

            if (--level.Count > 0)
            {
                return false;
            }

            _depth--;
            if (level.Kind == LevelKind.Attribute)
            {
                _afterAttribute = true;
                return false;
            }
        }

        return true;
    }

    private void Push(ReadOnlySpan<byte> buffer, LevelKind kind, int count)
    {
        if (_depth >= Limits.MaxDepth)
        {
            RespError.ThrowOverLimit(buffer, _position, "nesting", Limits.MaxDepth, nameof(RespLimits.MaxDepth));
        }

        _depth++;
        Top = new ScanLevel(kind, count);
    }
}
