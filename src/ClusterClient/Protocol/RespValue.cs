// A reply as a tree of its own: what ExecuteAsync gives for any command.
using System.Diagnostics.CodeAnalysis;
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>
/// A reply of any shape, independent of the connection's buffers. Conversions accept every type that makes sense (an
/// integer sent as text, too) and throw <see cref="UnexpectedReplyException"/> for the others.
/// </summary>
[SuppressMessage("Usage", "CA2225:Operator overloads have named alternates", Justification = "The As… methods are the alternates.")]
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Replies are read, not compared.")]
public readonly struct RespValue
{
    // A byte[] (of a verbatim string with its format), a RespValue[], an Annotated around one of these, or null; numbers
    // and truth values are in the bits.
    private readonly object? _object;
    private readonly long _bits;
    private readonly bool _isNull;

    private RespValue(RespType type, object? value, long bits, bool isNull)
    {
        Type = type;
        _object = value;
        _bits = bits;
        _isNull = isNull;
    }

    /// <summary>The type it had on the wire; RESP2's nulls keep theirs and <see cref="IsNull"/> is true.</summary>
    public RespType Type { get; }

    /// <summary>Whether it is null: RESP3's <c>_</c>, RESP2's <c>$-1</c> or <c>*-1</c>, or <c>default</c>.</summary>
    public bool IsNull => _isNull || Type == RespType.None;

    /// <summary>Whether it is an error; <see cref="AsString"/> gives its message.</summary>
    public bool IsError => Type is RespType.Error or RespType.BlobError;

    /// <summary>Whether it has elements (perhaps none).</summary>
    public bool IsAggregate => Content is RespValue[];

    /// <summary>The elements of an aggregate (keys and values of a map in turn); empty for scalars and null.</summary>
    public ReadOnlySpan<RespValue> Items => Content as RespValue[];

    /// <summary>How many elements there are; a map's pair counts as two.</summary>
    public int Count => Items.Length;

    /// <summary>The attributes sent before the value, as pairs; null when there are none.</summary>
    public RespValue? Attributes => (_object as Annotated)?.Attributes;

    /// <summary>The format of a verbatim string, such as <c>txt</c>; null for other types.</summary>
    public string? VerbatimFormat =>
        Type == RespType.VerbatimString ? Encoding.Latin1.GetString((byte[])Content!, 0, RespLine.FormatLength - 1) : null;

    private object? Content => _object is Annotated annotated ? annotated.Content : _object;

    private ReadOnlyMemory<byte> Bytes =>
        ((byte[]?)Content).AsMemory(Type == RespType.VerbatimString ? RespLine.FormatLength : 0);

    /// <summary>The element at an index.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public RespValue this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return Items[index];
        }
    }

    /// <summary>The value that stands behind a key in a map, or in RESP2's flat array of keys and values.</summary>
    /// <param name="key">The key, compared by its bytes.</param>
    /// <exception cref="KeyNotFoundException">There is no such key.</exception>
    public RespValue this[string key] =>
        TryGet(key, out RespValue value) ? value : throw new KeyNotFoundException($"The reply has no field \"{key}\".");

    /// <summary>The value that stands behind a key in a map, or in RESP2's flat array of keys and values.</summary>
    /// <param name="key">The key, compared by its bytes.</param>
    /// <param name="value">The value, or null.</param>
    /// <returns>False when there is no such key, or no pairs at all.</returns>
    public bool TryGet(string key, out RespValue value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ReadOnlySpan<RespValue> items = Items;
        RedisValue wanted = key;
        for (int i = 0; i + 1 < items.Length; i += 2)
        {
            if (!items[i].IsAggregate && !items[i].IsError && items[i].AsRedisValue() == wanted)
            {
                value = items[i + 1];
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>The scalar as text; null for null; an error's message.</summary>
    /// <exception cref="UnexpectedReplyException">It is an aggregate.</exception>
    public string? AsString() => IsError ? RespScalar.ToText(Bytes.Span) : AsRedisValue();

    /// <summary>The scalar as an integer.</summary>
    /// <exception cref="UnexpectedReplyException">It is null, an error, an aggregate or no 64-bit integer.</exception>
    public long AsInt64() => RespScalar.ToInt64(Type, GetText(stackalloc byte[NumberText.MaxLength]), IsNull);

    /// <summary>The scalar as a floating point number.</summary>
    /// <exception cref="UnexpectedReplyException">It is null, an error, an aggregate or no number.</exception>
    public double AsDouble() => RespScalar.ToDouble(Type, GetText(stackalloc byte[NumberText.MaxLength]), IsNull);

    /// <summary>The scalar as a truth value: a boolean, or an integer or text that is 0 or 1.</summary>
    /// <exception cref="UnexpectedReplyException">It is anything else.</exception>
    public bool AsBoolean() => RespScalar.ToBoolean(Type, GetText(stackalloc byte[NumberText.MaxLength]), IsNull);

    /// <summary>The scalar as bytes (the tree's own: do not change them); null for null.</summary>
    /// <exception cref="UnexpectedReplyException">It is an aggregate.</exception>
    public byte[]? AsBytes() => IsError ? Bytes.ToArray() : AsRedisValue().ToArray();

    /// <summary>The scalar as a value; null for null.</summary>
    /// <exception cref="UnexpectedReplyException">It is an error or an aggregate.</exception>
    public RedisValue AsRedisValue()
    {
        if (IsNull)
        {
            return RedisValue.Null;
        }

        switch (Type)
        {
            case RespType.Integer or RespType.Boolean:
                return _bits;
            case RespType.Double:
                return BitConverter.Int64BitsToDouble(_bits);
            default:
                if (IsAggregate || IsError)
                {
                    RespScalar.ThrowNotA(Type, IsError ? Bytes.Span : default, false, "a value");
                }

                return Bytes;
        }
    }

    /// <summary>The reply as redis-cli shows it: quoted strings, numbered lists.</summary>
    public override string ToString() => RespText.Render(this);

    /// <summary>See <see cref="AsString"/>.</summary>
    public static explicit operator string?(RespValue value) => value.AsString();

    /// <summary>See <see cref="AsBytes"/>.</summary>
    public static explicit operator byte[]?(RespValue value) => value.AsBytes();

    /// <summary>See <see cref="AsInt64"/>.</summary>
    public static explicit operator long(RespValue value) => value.AsInt64();

    /// <summary>See <see cref="AsDouble"/>.</summary>
    public static explicit operator double(RespValue value) => value.AsDouble();

    /// <summary>See <see cref="AsBoolean"/>.</summary>
    public static explicit operator bool(RespValue value) => value.AsBoolean();

    /// <summary>See <see cref="AsRedisValue"/>.</summary>
    public static explicit operator RedisValue(RespValue value) => value.AsRedisValue();

    internal static RespValue Scalar(ref RespReader reader) => reader switch
    {
        { IsNull: true } => new(reader.Type, null, 0, true),
        { Type: RespType.Integer or RespType.Boolean } => new(reader.Type, null, reader.ReadInt64(), false),
        { Type: RespType.Double } => new(reader.Type, null, BitConverter.DoubleToInt64Bits(reader.ReadDouble()), false),
        { Type: RespType.VerbatimString } => new(reader.Type, reader.VerbatimBytes.ToArray(), 0, false),
        _ => new(reader.Type, RespScalar.ToArray(reader.Span), 0, false),
    };

    internal static RespValue Aggregate(RespType type, RespValue[] items) => new(type, items, 0, false);

    internal static RespValue Integer(long value) => new(RespType.Integer, null, value, false);

    internal RespValue With(RespValue? attributes) =>
        attributes is { } some ? new RespValue(Type, new Annotated(Content, some), _bits, _isNull) : this;

    // The payload as text, numbers written to the scratch; empty for null and aggregates.
    private ReadOnlySpan<byte> GetText(Span<byte> scratch) =>
        Type is RespType.Integer or RespType.Boolean or RespType.Double ? scratch[..AsRedisValue().WriteTo(scratch)]
        : IsNull || IsAggregate ? default
        : Bytes.Span;

    private sealed record Annotated(object? Content, RespValue Attributes);
}
