// Under which condition on a key's value a write happens.
using ClusterClient.Commands;

namespace ClusterClient;

/// <summary>
/// What has to be true of a key for a write to happen: that it exists or not (<see cref="When"/> converts to it), or what its value is.
/// The comparisons need Redis 8.4 or later; <see cref="Equal"/> works on Valkey 8.1 or later too.
/// </summary>
public readonly record struct ValueCondition
{
    private readonly Kind _kind;
    private readonly RedisValue _operand;

    private ValueCondition(Kind kind, RedisValue operand = default)
    {
        _kind = kind;
        _operand = operand;
    }

    private enum Kind
    {
        Always,
        Exists,
        NotExists,
        Equal,
        NotEqual,
        DigestEqual,
        DigestNotEqual,
    }

    /// <summary>No condition.</summary>
    public static ValueCondition Always => default;

    /// <summary>The key exists (<c>XX</c>).</summary>
    public static ValueCondition Exists { get; } = new(Kind.Exists);

    /// <summary>The key does not exist (<c>NX</c>).</summary>
    public static ValueCondition NotExists { get; } = new(Kind.NotExists);

    internal bool IsAlways => _kind == Kind.Always;

    internal bool ComparesValue => _kind >= Kind.Equal;

    /// <summary>The key's value is this one, byte for byte (<c>IFEQ</c>).</summary>
    /// <exception cref="ArgumentNullException">The value is null; <see cref="NotExists"/> asks for a missing key.</exception>
    public static ValueCondition Equal(RedisValue value) => new(Kind.Equal, Argument.Value(value));

    /// <summary>The key's value is another one, or the key does not exist (<c>IFNE</c>).</summary>
    /// <exception cref="ArgumentNullException">The value is null; <see cref="Exists"/> asks for a key that is there.</exception>
    public static ValueCondition NotEqual(RedisValue value) => new(Kind.NotEqual, Argument.Value(value));

    /// <summary>The value's digest, as <c>StringDigestAsync</c> gave it, is this one (<c>IFDEQ</c>).</summary>
    public static ValueCondition DigestEqual(string digest) => new(Kind.DigestEqual, Digest(digest));

    /// <summary>The value's digest is another one, or the key does not exist (<c>IFDNE</c>).</summary>
    public static ValueCondition DigestNotEqual(string digest) => new(Kind.DigestNotEqual, Digest(digest));

    /// <summary>The condition on the key's existence.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such value.</exception>
    public static ValueCondition FromWhen(When when) => when switch
    {
        When.Always => Always,
        When.Exists => Exists,
        When.NotExists => NotExists,
        _ => throw Argument.Unknown(when, nameof(when)),
    };

    /// <summary>As <see cref="FromWhen"/>.</summary>
    public static implicit operator ValueCondition(When when) => FromWhen(when);

    /// <summary>The kind of condition, without the value.</summary>
    public override string ToString() => _kind.ToString();

    internal void AddTo(ref ArgumentList arguments)
    {
        switch (_kind)
        {
            case Kind.Always: break;
            case Kind.Exists: arguments.Add(Words.Exists); break;
            case Kind.NotExists: arguments.Add(Words.NotExists); break;
            case Kind.Equal: arguments.Add(Words.IfEqual, _operand); break;
            case Kind.NotEqual: arguments.Add(Words.IfNotEqual, _operand); break;
            case Kind.DigestEqual: arguments.Add(Words.IfDigestEqual, _operand); break;
            default: arguments.Add(Words.IfDigestNotEqual, _operand); break;
        }
    }

    private static RedisValue Digest(string digest)
    {
        ArgumentException.ThrowIfNullOrEmpty(digest);
        return digest;
    }
}
