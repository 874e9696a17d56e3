// Reads the elements of complete replies one after another, without allocating.
using System.Runtime.CompilerServices;
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
    public readonly bool IsAggregate =>
        !IsNull && Type is RespType.Array or RespType.Map or RespType.Set or RespType.Push or RespType.Attribute;

    /// <summary>Whether attributes stand before the current element.</summary>
    public readonly bool HasAttributes => _attributesEnd > _attributesStart;

    /// <summary>The format of a verbatim string, such as <c>txt</c>; null for other types.</summary>
    public readonly string? VerbatimFormat =>
        Type == RespType.VerbatimString ? Encoding.Latin1.GetString(VerbatimBytes[..(RespScalar.FormatLength - 1)]) : null;

    // A verbatim string with its format.
    internal readonly ReadOnlySpan<byte> VerbatimBytes =>
        _bytes.Slice(_position - 2 - _span.Length - RespScalar.FormatLength, RespScalar.FormatLength + _span.Length);

    /// <summary>Moves to the next element, depth first.</summary>
    /// <returns>False at the end of the bytes.</returns>
    /// <exception cref="RedisProtocolException">The bytes are malformed or end inside an element.</exception>
    public bool Read()
    {
        _span = default;
        Count = 0;
        IsNull = false;
        _attributesStart = _attributesEnd = 0;
        while ((uint)_position < (uint)_bytes.Length)
        {
            Type = (RespType)_bytes[_position];
            switch (Type)
            {
                case RespType.BulkString or RespType.BlobError or RespType.VerbatimString:
                    ReadBulk();
                    return true;
                case RespType.SimpleString or RespType.Error or RespType.Integer or RespType.Double
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
                    _openStreams--;
                    _position = RespSkip.End(_bytes, _position);
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

        Type = RespType.None;
        return false;
    }

    /// <summary>Passes over the elements of the current aggregate; does nothing for a scalar.</summary>
    /// <exception cref="RedisProtocolException">The bytes are malformed or end inside an element.</exception>
    public void SkipChildren()
    {
        for (int left = Count; left > 0; left--)
        {
            _position = RespSkip.Element(_bytes, _position);
        }

        Count = 0;
    }

    /// <summary>Passes over the next element with all that belongs to it.</summary>
    /// <returns>False at the end of the bytes.</returns>
    /// <exception cref="RedisProtocolException">The bytes are malformed or end inside an element.</exception>
    public bool Skip()
    {
        bool read = Read();
        SkipChildren();
        return read;
    }

    /// <summary>The current element as an integer: an integer, or text, number or truth value that is one.</summary>
    /// <exception cref="UnexpectedReplyException">It is null, an error, an aggregate or no integer.</exception>
    public readonly long ReadInt64()
    {
        if (Type is not (RespType.Boolean or RespType.Double) && NumberText.TryParseInt64(_span, out long value))
        {
            return value;
        }

        return RespScalar.ToInt64(Type, _span, IsNull);
    }

    /// <summary>The current element as a floating point number: a double, or an integer or text that is a number.</summary>
    /// <exception cref="UnexpectedReplyException">It is null, an error, an aggregate or no number.</exception>
    public readonly double ReadDouble() => RespScalar.ToDouble(Type, _span, IsNull);

    /// <summary>The current element as a truth value: a boolean, or an integer or text that is 0 or 1.</summary>
    /// <exception cref="UnexpectedReplyException">It is anything else.</exception>
    public readonly bool ReadBoolean() => RespScalar.ToBoolean(Type, _span, IsNull);

    /// <summary>The current scalar as text; null for null. An error gives its message.</summary>
    /// <exception cref="UnexpectedReplyException">It is an aggregate.</exception>
    public readonly string? ReadString() => IsNull ? null : RespScalar.ToText(RespScalar.Text(Type, _span));

    /// <summary>The current scalar as a new array of bytes; null for null.</summary>
    /// <exception cref="UnexpectedReplyException">It is an aggregate.</exception>
    public readonly byte[]? ReadBytes() => IsNull ? null : RespScalar.Text(Type, _span).ToArray();

    /// <summary>
    /// The current scalar as a value; null for null. What reads as an integer is held as one, everything else costs one array.
    /// </summary>
    /// <exception cref="UnexpectedReplyException">It is an error or an aggregate.</exception>
    public readonly RedisValue ReadValue() => RespScalar.ToValue(Type, _span, IsNull);

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
        if (!IsAggregate)
        {
            return RespValue.Scalar(ref this).With(attributes);
        }

        return RespValue.Aggregate(Type, ReadItems(Count, depth)).With(attributes);
    }

    private RespValue[] ReadItems(int count, int depth)
    {
        if (count == 0)
        {
            return [];
        }

        var items = new RespValue[count];
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
        RespValue[] pairs = [];
        while (attributes._position < attributes._bytes.Length)
        {
            attributes.ReadAggregate();
            RespValue[] more = attributes.ReadItems(attributes.Count, depth);
            pairs = pairs.Length == 0 ? more : [.. pairs, .. more];
        }

        return RespValue.Aggregate(RespType.Attribute, pairs);
    }

    private void ReadBulk()
    {
        int next = RespSkip.Bulk(_bytes, _position, out int start, out int length);
        if (length >= 0)
        {
            _span = _bytes.Slice(start, length);
            if (Type == RespType.VerbatimString)
            {
                if (length < RespScalar.FormatLength || _span[RespScalar.FormatLength - 1] != ':')
                {
                    RespError.Throw(_bytes, _position, "a verbatim string without its format");
                }

                _span = _span[RespScalar.FormatLength..];
            }
        }
        else if (length == RespLine.Null)
        {
            IsNull = true;
        }
        else
        {
            next = RespSkip.Chunks(_bytes, start, out int total);
            _span = Join(start, total);
        }

        _position = next;
    }

    // The one case that allocates: nobody streams strings on a hot path, and no server does today.
    private readonly byte[] Join(int position, int total)
    {
        byte[] joined = new byte[total];
        for (int filled = 0; filled < total;)
        {
            position = RespLine.ReadLength(_bytes, position, out int length);
            _bytes.Slice(position, length).CopyTo(joined.AsSpan(filled));
            position += length + 2;
            filled += length;
        }

        return joined;
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
        int start = _position;
        _position = RespSkip.Header(_bytes, start, out int elements);
        if (elements == RespLine.Streamed)
        {
            RespSkip.Streamed(_bytes, _position, 1, out elements);
            if (Type == RespType.Map && (elements & 1) != 0)
            {
                RespError.Throw(_bytes, start, "a streamed map ends between a key and its value");
            }

            _openStreams++;
        }

        IsNull = elements == RespLine.Null;
        Count = Math.Max(elements, 0);
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
