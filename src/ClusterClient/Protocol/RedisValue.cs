// A value of any kind Redis takes or gives: null, text, bytes or a number, in sixteen bytes.
using System.Diagnostics.CodeAnalysis;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>
/// An argument or a reply: null, text, bytes or a number. It borrows the string or bytes it was made from (do not change
/// the bytes while a command uses them). Numbers become text on the wire, so equality is equality of those bytes:
/// <c>5</c>, <c>5.0</c>, <c>"5"</c> and the byte <c>0x35</c> are equal, <c>"05"</c> is another value, and null equals only null.
/// </summary>
/// <remarks>
/// Conversions to numbers and <see cref="bool"/>: null gives 0 or false (and null for the nullable types); text is parsed;
/// text that is no such number throws <see cref="InvalidCastException"/>, a number that does not fit <see cref="OverflowException"/>.
/// All of it is independent of the current culture.
/// </remarks>
[SuppressMessage("Usage", "CA2225:Operator overloads have named alternates", Justification = "The operators are the API; TryParse is the alternative.")]
public readonly struct RedisValue : IEquatable<RedisValue>
{
    private readonly Payload _payload;

    internal RedisValue(Payload payload) => _payload = payload;

    /// <summary>No value: what a missing key gives. Not the same as <see cref="EmptyString"/>.</summary>
    public static RedisValue Null => default;

    /// <summary>A value of no bytes.</summary>
    public static RedisValue EmptyString { get; } = new(new Payload(string.Empty));

    /// <summary>Whether there is no value.</summary>
    public bool IsNull => _payload.IsNull;

    /// <summary>Whether there is no value or it has no bytes.</summary>
    public bool IsNullOrEmpty => ByteLength == 0;

    /// <summary>Whether there is a value with at least one byte.</summary>
    public bool HasValue => !IsNullOrEmpty;

    /// <summary>Whether the value is held as an integer (text that could be parsed as one does not count; see <see cref="TryParse(out long)"/>).</summary>
    public bool IsInteger => _payload.IsInteger || _payload.IsUnsigned;

    internal int ByteLength => _payload.GetByteLength();

    internal Payload Payload => _payload;

    /// <summary>The exact length in bytes on the wire; 0 for null.</summary>
    public long Length() => ByteLength;

    /// <summary>Reads the value as an integer.</summary>
    /// <param name="value">The integer, or 0.</param>
    /// <returns>False for null, for text that is no integer and for what does not fit.</returns>
    public bool TryParse(out long value) => ValueConversion.TryToInt64(_payload, out value);

    /// <summary>Reads the value as a floating point number.</summary>
    /// <param name="value">The number, or 0.</param>
    /// <returns>False for null and for text that is no number.</returns>
    public bool TryParse(out double value) => ValueConversion.TryToDouble(_payload, out value);

    /// <summary>The value's bytes; the very array it was made from, where that is possible. Null for null.</summary>
    public byte[]? ToArray() => _payload.ToArray();

    /// <inheritdoc/>
    public bool Equals(RedisValue other) => _payload.Equals(other._payload);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RedisValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _payload.GetHashCode();

    /// <summary>The value as text; empty for null.</summary>
    public override string ToString() => _payload.ToText() ?? string.Empty;

    // An upper bound on what WriteTo writes, found without looking at the characters.
    internal int GetMaxEncodedLength() => _payload.GetMaxByteLength();

    internal int WriteTo(Span<byte> destination) => _payload.WriteTo(destination);

    /// <summary>Whether two values have the same bytes.</summary>
    public static bool operator ==(RedisValue left, RedisValue right) => left.Equals(right);

    /// <summary>Whether two values differ.</summary>
    public static bool operator !=(RedisValue left, RedisValue right) => !left.Equals(right);

    /// <summary>Text, sent as UTF-8. Null gives <see cref="Null"/>.</summary>
    public static implicit operator RedisValue(string? value) => new(new Payload(value));

    /// <summary>Bytes, which are borrowed. Null gives <see cref="Null"/>.</summary>
    public static implicit operator RedisValue(byte[]? value) => new(new Payload(value));

    /// <summary>Bytes, which are borrowed.</summary>
    public static implicit operator RedisValue(ReadOnlyMemory<byte> value) => new(new Payload(value));

    /// <summary>Bytes, which are borrowed.</summary>
    public static implicit operator RedisValue(Memory<byte> value) => new(new Payload(value));

    /// <summary>An integer.</summary>
    public static implicit operator RedisValue(int value) => new(new Payload((long)value));

    /// <summary>An integer.</summary>
    public static implicit operator RedisValue(uint value) => new(new Payload((long)value));

    /// <summary>An integer.</summary>
    public static implicit operator RedisValue(long value) => new(new Payload(value));

    /// <summary>An integer.</summary>
    public static implicit operator RedisValue(ulong value) => new(new Payload(value));

    /// <summary>A number, sent as the shortest text that reads back the same, or <c>inf</c>, <c>-inf</c>, <c>nan</c>.</summary>
    public static implicit operator RedisValue(double value) => new(new Payload(value));

    /// <summary>A number, sent as the shortest text that reads back the same <see cref="float"/> (0.1f is <c>0.1</c>).</summary>
    public static implicit operator RedisValue(float value) => new(new Payload(ValueConversion.Widen(value)));

    /// <summary>1 or 0.</summary>
    public static implicit operator RedisValue(bool value) => new(new Payload(value ? 1L : 0L));

    /// <summary>As without the question mark; null gives <see cref="Null"/>.</summary>
    public static implicit operator RedisValue(int? value) => value is { } some ? some : Null;

    /// <summary>As without the question mark; null gives <see cref="Null"/>.</summary>
    public static implicit operator RedisValue(uint? value) => value is { } some ? some : Null;

    /// <summary>As without the question mark; null gives <see cref="Null"/>.</summary>
    public static implicit operator RedisValue(long? value) => value is { } some ? some : Null;

    /// <summary>As without the question mark; null gives <see cref="Null"/>.</summary>
    public static implicit operator RedisValue(ulong? value) => value is { } some ? some : Null;

    /// <summary>As without the question mark; null gives <see cref="Null"/>.</summary>
    public static implicit operator RedisValue(double? value) => value is { } some ? some : Null;

    /// <summary>As without the question mark; null gives <see cref="Null"/>.</summary>
    public static implicit operator RedisValue(float? value) => value is { } some ? some : Null;

    /// <summary>As without the question mark; null gives <see cref="Null"/>.</summary>
    public static implicit operator RedisValue(bool? value) => value is { } some ? some : Null;

    /// <summary>The value as text; bytes that are not UTF-8 become U+FFFD; null stays null.</summary>
    public static implicit operator string?(RedisValue value) => value._payload.ToText();

    /// <summary>The value as bytes; see <see cref="ToArray"/>.</summary>
    public static explicit operator byte[]?(RedisValue value) => value._payload.ToArray();

    /// <summary>The value as bytes, without a copy if it is held as bytes; empty for null.</summary>
    public static explicit operator ReadOnlyMemory<byte>(RedisValue value) => value._payload.TryGetMemory(out ReadOnlyMemory<byte> bytes) ? bytes : value._payload.ToArray();

    /// <summary>A conversion; null gives 0.</summary>
    public static explicit operator int(RedisValue value) => checked((int)ValueConversion.ToInt64(value._payload));

    /// <summary>A conversion; null gives 0.</summary>
    public static explicit operator uint(RedisValue value) => checked((uint)ValueConversion.ToInt64(value._payload));

    /// <summary>A conversion; null gives 0.</summary>
    public static explicit operator long(RedisValue value) => ValueConversion.ToInt64(value._payload);

    /// <summary>A conversion; null gives 0.</summary>
    public static explicit operator ulong(RedisValue value) => ValueConversion.ToUInt64(value._payload);

    /// <summary>A conversion; null gives 0.</summary>
    public static explicit operator double(RedisValue value) => ValueConversion.ToDouble(value._payload);

    /// <summary>A conversion; null gives 0.</summary>
    public static explicit operator float(RedisValue value) => (float)ValueConversion.ToDouble(value._payload);

    /// <summary>A conversion; null gives 0.</summary>
    public static explicit operator decimal(RedisValue value) => ValueConversion.ToDecimal(value._payload);

    /// <summary>A conversion; null gives false.</summary>
    public static explicit operator bool(RedisValue value) => ValueConversion.ToBoolean(value._payload);

    /// <summary>A conversion; null stays null.</summary>
    public static explicit operator int?(RedisValue value) => value.IsNull ? null : (int)value;

    /// <summary>A conversion; null stays null.</summary>
    public static explicit operator uint?(RedisValue value) => value.IsNull ? null : (uint)value;

    /// <summary>A conversion; null stays null.</summary>
    public static explicit operator long?(RedisValue value) => value.IsNull ? null : (long)value;

    /// <summary>A conversion; null stays null.</summary>
    public static explicit operator ulong?(RedisValue value) => value.IsNull ? null : (ulong)value;

    /// <summary>A conversion; null stays null.</summary>
    public static explicit operator double?(RedisValue value) => value.IsNull ? null : (double)value;

    /// <summary>A conversion; null stays null.</summary>
    public static explicit operator float?(RedisValue value) => value.IsNull ? null : (float)value;

    /// <summary>A conversion; null stays null.</summary>
    public static explicit operator decimal?(RedisValue value) => value.IsNull ? null : (decimal)value;

    /// <summary>A conversion; null stays null.</summary>
    public static explicit operator bool?(RedisValue value) => value.IsNull ? null : (bool)value;

    /// <summary>The value as a key, without copying.</summary>
    public static explicit operator RedisKey(RedisValue value) => new(value._payload);
}
