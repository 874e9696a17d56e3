// Reads the elements of complete replies one after another, without allocating.
using System.Text;

namespace ClusterClient.Protocol;

/// <summary>
/// Walks over complete RESP frames element by element, depth first. Attributes are passed over (see
/// <see cref="ReadAttributes()"/>), the end marks of streamed aggregates are swallowed and streamed strings are joined.
/// </summary>
/// <remarks>
/// <see cref="Read"/> moves; the other members speak about the element it moved to. Malformed or truncated bytes throw
/// <see cref="RedisProtocolException"/>; a well-formed element of another type than was asked for throws
/// <see cref="UnexpectedReplyException"/>, which says nothing against the connection.
/// </remarks>
public ref struct RespReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private ReadOnlySpan<byte> _span;
    private long _integer;
    private int _position;
    private int _openStreams;
    private int _attributesStart;
    private int _attributesEnd;

    /// <summary>Starts before the first element.</summary>
    /// <param name="bytes">One complete frame, or several.</param>
    public RespReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>The current element's type; <see cref="RespType.None"/> before the first and after the last.</summary>
    public RespType Type { get; private set; }

    /// <summary>
    /// The payload of a scalar: without type byte, length and CRLF, and of a verbatim string without the format. Empty for
    /// nulls and aggregates.
    /// </summary>
    public readonly ReadOnlySpan<byte> Span => _span;

    /// <summary>
    /// How many elements belong to an aggregate, to be read next: keys and values both count, so a map's count is even.
    /// 0 for scalars and nulls. It is right for streamed aggregates too (they are counted ahead).
    /// </summary>
    public int Count { get; private set; }

    /// <summary>Whether the element is null: RESP3's <c>_</c>, RESP2's <c>$-1</c> or <c>*-1</c>.</summary>
    public bool IsNull { get; private set; }

    /// <summary>Whether the element is an error.</summary>
    public readonly bool IsError => Type is RespType.Error or RespType.BlobError;

    /// <summary>Whether the element has elements of its own (perhaps none); a null array has not.</summary>
    public readonly bool IsAggregate => !IsNull && Type is RespType.Array or RespType.Map or RespType.Set or RespType.Push;

    /// <summary>Whether attributes stand before the current element.</summary>
    public readonly bool HasAttributes => _attributesEnd != 0;

    /// <summary>The format of a verbatim string, such as <c>txt</c>; null for other types.</summary>
    public readonly string? VerbatimFormat =>
        Type == RespType.VerbatimString ? Encoding.Latin1.GetString(VerbatimBytes[..(RespLine.FormatLength - 1)]) : null;

    // A verbatim string with its format.
    internal readonly ReadOnlySpan<byte> VerbatimBytes =>
        _bytes.Slice(_position - 2 - _span.Length - RespLine.FormatLength, RespLine.FormatLength + _span.Length);

    /// <summary>Moves to the next element, depth first.</summary>
    /// <returns>False at the end of the bytes.</returns>
    /// <exception cref="RedisProtocolException">The bytes are malformed or end inside an element.</exception>
    public bool Read()
    {
        _attributesEnd = 0;
        IsNull = false;
        Count = 0;
        while ((uint)_position < (uint)_bytes.Length)
        {
            Type = (RespType)_bytes[_position];
            switch (Type)
            {
                case RespType.BulkString or RespType.BlobError or RespType.VerbatimString:
                    ReadBulk();
                    return true;
                case RespType.Integer:
                    ReadInteger();
                    return true;
                case RespType.SimpleString or RespType.Error or RespType.Double
                    or RespType.Boolean or RespType.BigNumber or RespType.Null:
                    ReadLine();
                    return true;
                case RespType.Array or RespType.Map or RespType.Set or RespType.Push:
                    ReadAggregate();
                    return true;
                case RespType.Attribute:
                    PassAttribute();
                    break;
                case (RespType)'.' when _openStreams > 0 && !HasAttributes:
                    PassEnds();
                    break;
                default:
                    RespError.ThrowUnknownType(_bytes, _position);
                    break;
            }
        }

        if (HasAttributes)
        {
            RespError.ThrowTruncated(_bytes, _position);
        }

        _span = default;
        Type = RespType.None;
        return false;
    }

    /// <summary>Passes over the elements of the current aggregate; does nothing for a scalar.</summary>
    /// <exception cref="RedisProtocolException">The bytes are malformed or end inside an element.</exception>
    public void SkipChildren()
    {
        for (; Count > 0; Count--)
        {
            _position = RespSkip.Element(_bytes, _position);
        }
    }

    /// <summary>Passes over the next element with all that belongs to it: a <see cref="Read"/> and a <see cref="SkipChildren"/>.</summary>
    /// <returns>False at the end of the bytes.</returns>
    /// <exception cref="RedisProtocolException">The bytes are malformed or end inside an element.</exception>
    public bool Skip()
    {
        bool read = Read();
        SkipChildren();
        return read;
    }

    /// <summary>The current element as an integer: an integer, or text, double or boolean that is one.</summary>
    /// <exception cref="UnexpectedReplyException">It is null, an error, an aggregate or no 64-bit integer.</exception>
    public readonly long ReadInt64() => Type == RespType.Integer ? _integer : RespScalar.ToInt64(Type, _span, IsNull);

    /// <summary>The current element as a floating point number: a double, or an integer or text that is a number.</summary>
    /// <exception cref="UnexpectedReplyException">It is null, an error, an aggregate or no number.</exception>
    public readonly double ReadDouble() => Type == RespType.Integer ? _integer : RespScalar.ToDouble(Type, _span, IsNull);

    /// <summary>The current element as a truth value: a boolean, or an integer or text that is 0 or 1.</summary>
    /// <exception cref="UnexpectedReplyException">It is anything else.</exception>
    public readonly bool ReadBoolean() => RespScalar.ToBoolean(Type, _span, IsNull);

    /// <summary>The current scalar as text; null for null. An error gives its message, a boolean 1 or 0.</summary>
    /// <exception cref="UnexpectedReplyException">It is an aggregate.</exception>
    public readonly string? ReadString() => IsNull ? null : RespScalar.ToText(RespScalar.Text(Type, _span));

    /// <summary>The current scalar as a new array of bytes; null for null. An error gives its message, a boolean 1 or 0.</summary>
    /// <exception cref="UnexpectedReplyException">It is an aggregate.</exception>
    public readonly byte[]? ReadBytes() => IsNull ? null : RespScalar.ToArray(RespScalar.Text(Type, _span));

    /// <summary>
    /// The current scalar as a value; null for null. What reads as an integer is held as one and allocates nothing,
    /// everything else costs one array.
    /// </summary>
    /// <exception cref="UnexpectedReplyException">It is an error or an aggregate.</exception>
    public readonly RedisValue ReadValue() => Type == RespType.Integer ? _integer : RespScalar.ToValue(Type, _span, IsNull);

    /// <summary>The attributes before the current element, merged into one list of pairs; null when there are none.</summary>
    public readonly RespValue? ReadAttributes() => ReadAttributes(0);

    /// <summary>The current element with all that belongs to it and its attributes, as a tree of its own.</summary>
    /// <exception cref="RedisProtocolException">The bytes are malformed or end inside an element, or nest too deep.</exception>
    public RespValue ReadTree() => ReadTree(0);

    private RespValue ReadTree(int depth)
    {
        if (depth > RespLimits.DepthCeiling)
        {
            RespError.ThrowOverLimit(_bytes, _position, "nesting", RespLimits.DepthCeiling, nameof(RespLimits.MaxDepth));
        }

        RespValue? attributes = ReadAttributes(depth);
        RespValue value = IsAggregate ? RespValue.Aggregate(Type, ReadItems(depth)) : RespValue.Scalar(ref this);
        return value.With(attributes);
    }

    private RespValue[] ReadItems(int depth)
    {
        RespValue[] items = Count == 0 ? [] : new RespValue[Count];
        for (int i = 0; i < items.Length; i++)
        {
            if (!Read())
            {
                RespError.ThrowTruncated(_bytes, _position);
            }

            items[i] = ReadTree(depth + 1);
        }

        return items;
    }

    private readonly RespValue? ReadAttributes(int depth)
    {
        if (!HasAttributes)
        {
            return null;
        }

        var attributes = new RespReader(_bytes[_attributesStart.._attributesEnd]);
        var pairs = new List<RespValue>();
        while (attributes._position < attributes._bytes.Length)
        {
            attributes.ReadAggregate();
            pairs.AddRange(attributes.ReadItems(depth));
            attributes.PassEnds();
        }

        return RespValue.Aggregate(RespType.Attribute, [.. pairs]);
    }

    private void ReadBulk()
    {
        ReadOnlySpan<byte> rest = _bytes[_position..];
        int end = RespShort.Bulk(rest, out int start);
        if (end == 0)
        {
            start = RespSkip.Length(rest, 0, out int length);
            if (length < 0)
            {
                ReadSpecialBulk(_position + start, length);
                return;
            }

            end = RespSkip.Payload(rest, 0, start, length);
        }

        _span = rest[start..(end - 2)];
        if (Type == RespType.VerbatimString)
        {
            RespLine.ValidateFormat(_bytes, _position, _span);
            _span = _span[RespLine.FormatLength..];
        }

        _position += end;
    }

    // Streamed strings are joined, the one case that allocates: no server sends them today.
    private void ReadSpecialBulk(int start, int length)
    {
        _span = default;
        IsNull = length == RespLine.Null;
        _position = start;
        if (IsNull)
        {
            return;
        }

        _position = RespSkip.Chunks(_bytes, start, out int total);
        byte[] joined = new byte[total];
        for (int filled = 0; filled < total;)
        {
            start = RespLine.ReadLength(_bytes, start, out length);
            _bytes.Slice(start, length).CopyTo(joined.AsSpan(filled));
            start += length + 2;
            filled += length;
        }

        _span = joined;
    }

    // Parsed at once, so that it is looked at once: most integers are asked for as such.
    private void ReadInteger()
    {
        ReadOnlySpan<byte> rest = _bytes[_position..];
        int next = RespShort.Integer(rest, out _integer);
        if (next != 0)
        {
            _span = rest[1..(next - 2)];
            _position += next;
            return;
        }

        int end = RespSkip.Line(_bytes, _position);
        _span = _bytes[(_position + 1)..end];
        if (!NumberText.TryParseInt64(_span, out _integer))
        {
            RespLine.Validate(_bytes, _position, end);
        }

        _position = end + 2;
    }

    private void ReadLine()
    {
        int end = RespSkip.Line(_bytes, _position);
        RespLine.Validate(_bytes, _position, end);
        _span = _bytes[(_position + 1)..end];
        IsNull = Type == RespType.Null;
        _position = end + 2;
    }

    private void ReadAggregate()
    {
        _span = default;
        int start = _position;
        _position = RespSkip.Header(_bytes, start, out int elements);
        if (elements == RespLine.Streamed)
        {
            RespSkip.Streamed(_bytes, _position, 1, out elements);
            if (Type == RespType.Map && (elements & 1) != 0)
            {
                RespError.Throw(_bytes, start, RespError.MisplacedEnd);
            }

            _openStreams++;
        }

        IsNull = elements == RespLine.Null;
        Count = Math.Max(elements, 0);
    }

    // The end marks of streamed aggregates whose last element has been read.
    private void PassEnds()
    {
        while (_openStreams > 0 && _position < _bytes.Length && _bytes[_position] == '.')
        {
            _openStreams--;
            _position = RespSkip.End(_bytes, _position);
        }
    }

    private void PassAttribute()
    {
        if (!HasAttributes)
        {
            _attributesStart = _position;
        }

        int next = RespSkip.Header(_bytes, _position, out int elements);
        for (; elements > 0; elements--)
        {
            next = RespSkip.Element(_bytes, next);
        }

        _position = _attributesEnd = next;
    }
}
