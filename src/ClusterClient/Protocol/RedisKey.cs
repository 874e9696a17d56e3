// A key: a string or bytes, compared by its bytes.
using System.Diagnostics.CodeAnalysis;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>
/// A key. It borrows the string or bytes it was made from (do not change the bytes while a command uses them) and is
/// compared by its UTF-8 bytes, so a string and its bytes are the same key.
/// </summary>
[SuppressMessage("Usage", "CA2225:Operator overloads have named alternates", Justification = "ToString, ToArray and the operators say it all.")]
public readonly struct RedisKey : IEquatable<RedisKey>
{
    private readonly Payload _payload;

    internal RedisKey(Payload payload) => _payload = payload;

    /// <summary>Whether there is no key (<c>default</c>, or made from a null).</summary>
    public bool IsNull => _payload.IsNull;

    /// <summary>Whether the key is null or has no bytes. An empty key is legal in Redis.</summary>
    public bool IsEmpty => ByteLength == 0;

    /// <summary>The key's exact length on the wire in bytes.</summary>
    public int ByteLength => _payload.GetByteLength();

    internal Payload Payload => _payload;

    /// <summary>Writes the key's bytes.</summary>
    /// <param name="destination">At least <see cref="ByteLength"/> long.</param>
    /// <returns>The number of bytes written.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public int CopyTo(Span<byte> destination) => _payload.WriteTo(destination);

    /// <summary>The key's bytes; the very array it was made from, where that is possible. Null for a null key.</summary>
    public byte[]? ToArray() => _payload.ToArray();

    /// <inheritdoc/>
    public bool Equals(RedisKey other) => _payload.Equals(other._payload);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RedisKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _payload.GetHashCode();

    /// <summary>The key as text; bytes that are not UTF-8 are shown quoted and escaped, as redis-cli does. Empty for a null key.</summary>
    public override string ToString() =>
        _payload.TryGetSpan(out ReadOnlySpan<byte> bytes) && !System.Text.Unicode.Utf8.IsValid(bytes)
            ? ByteText.Quote(bytes, int.MaxValue)
            : _payload.ToText() ?? string.Empty;

    internal RedisValue AsValue() => new(_payload);

    /// <summary>Whether two keys have the same bytes.</summary>
    public static bool operator ==(RedisKey left, RedisKey right) => left.Equals(right);

    /// <summary>Whether two keys differ.</summary>
    public static bool operator !=(RedisKey left, RedisKey right) => !left.Equals(right);

    /// <summary>A key from text, sent as UTF-8. Null gives the null key.</summary>
    public static implicit operator RedisKey(string? key) => new(new Payload(key));

    /// <summary>A key from bytes, which are borrowed. Null gives the null key.</summary>
    public static implicit operator RedisKey(byte[]? key) => new(new Payload(key));

    /// <summary>A key from bytes, which are borrowed.</summary>
    public static implicit operator RedisKey(ReadOnlyMemory<byte> key) => new(new Payload(key));

    /// <summary>A key from bytes, which are borrowed.</summary>
    public static implicit operator RedisKey(Memory<byte> key) => new(new Payload(key));

    /// <summary>The key as text; bytes that are not UTF-8 become U+FFFD.</summary>
    public static implicit operator string?(RedisKey key) => key._payload.ToText();

    /// <summary>The key as bytes; see <see cref="ToArray"/>.</summary>
    public static implicit operator byte[]?(RedisKey key) => key._payload.ToArray();

    /// <summary>The key as a value, without copying.</summary>
    public static implicit operator RedisValue(RedisKey key) => key.AsValue();
}
