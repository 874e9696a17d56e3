// The name of a channel, or a pattern of such names: a string or bytes, compared by its bytes.
using System.Diagnostics.CodeAnalysis;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>
/// The name of a pub/sub channel, or a glob-style pattern of names. It borrows the string or bytes it was made from and is compared by its UTF-8 bytes.
/// </summary>
[SuppressMessage("Usage", "CA2225:Operator overloads have named alternates", Justification = "ToString, ToArray and the operators say it all.")]
public readonly struct RedisChannel : IEquatable<RedisChannel>
{
    private readonly Payload _payload;

    internal RedisChannel(byte[] name) => _payload = new Payload(name);

    private RedisChannel(Payload payload) => _payload = payload;

    /// <summary>Whether there is no name (<c>default</c>, or made from a null).</summary>
    public bool IsNull => _payload.IsNull;

    /// <summary>Whether the name is null or has no bytes. An empty name is legal in Redis.</summary>
    public bool IsEmpty => _payload.GetByteLength() == 0;

    /// <summary>A copy of the name's bytes; null for no name.</summary>
    public byte[]? ToArray()
    {
        if (IsNull) return null;
        byte[] copy = new byte[_payload.GetByteLength()];
        _payload.WriteTo(copy);
        return copy;
    }

    /// <inheritdoc/>
    public bool Equals(RedisChannel other) => _payload.Equals(other._payload);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RedisChannel other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _payload.GetHashCode();

    /// <summary>The name as text; bytes that are not UTF-8 are shown quoted and escaped. Empty for no name.</summary>
    public override string ToString() => new RedisKey(_payload).ToString();

    /// <summary>The name as an argument of a command, without copying.</summary>
    internal RedisValue AsValue() => new(_payload);

    /// <summary>Whether two names have the same bytes.</summary>
    public static bool operator ==(RedisChannel left, RedisChannel right) => left.Equals(right);

    /// <summary>Whether two names differ.</summary>
    public static bool operator !=(RedisChannel left, RedisChannel right) => !left.Equals(right);

    /// <summary>A name from text, sent as UTF-8. Null gives no name.</summary>
    public static implicit operator RedisChannel(string? name) => new(new Payload(name));

    /// <summary>A name from bytes, which are borrowed. Null gives no name.</summary>
    public static implicit operator RedisChannel(byte[]? name) => new(new Payload(name));

    /// <summary>A name from bytes, which are borrowed.</summary>
    public static implicit operator RedisChannel(ReadOnlyMemory<byte> name) => new(new Payload(name));

    /// <summary>The name as text; bytes that are not UTF-8 become U+FFFD.</summary>
    public static implicit operator string?(RedisChannel name) => name._payload.ToText();
}
