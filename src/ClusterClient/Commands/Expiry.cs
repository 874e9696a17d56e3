// When a key shall expire.
using ClusterClient.Commands;

namespace ClusterClient;

/// <summary>
/// When a key shall expire: after a while, at a moment, never, or when it would have expired anyway. A <see cref="TimeSpan"/> and a
/// <see cref="DateTimeOffset"/> convert to it.
/// </summary>
/// <remarks>The servers count in milliseconds; what is finer is rounded up.</remarks>
public readonly record struct Expiry
{
    private readonly Kind _kind;
    private readonly long _milliseconds;

    private Expiry(Kind kind, long milliseconds)
    {
        _kind = kind;
        _milliseconds = milliseconds;
    }

    private enum Kind
    {
        None,
        Keep,
        In,
        At,
    }

    /// <summary>The key does not expire, and loses the expiry it had. What SET does when not told otherwise; GETEX's <c>PERSIST</c>.</summary>
    public static Expiry None => default;

    /// <summary>The key keeps the expiry it has, if any (<c>KEEPTTL</c>).</summary>
    public static Expiry Keep { get; } = new(Kind.Keep, 0);

    internal bool IsNone => _kind == Kind.None;

    internal bool IsKeep => _kind == Kind.Keep;

    internal bool IsAbsolute => _kind == Kind.At;

    internal bool IsWholeSeconds => _milliseconds % 1000 == 0;

    internal long Milliseconds => _milliseconds;

    internal long Seconds => _milliseconds / 1000;

    /// <summary>The key expires after a while, counted by the server from when it runs the command (<c>EX</c> or <c>PX</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is not positive.</exception>
    public static Expiry In(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero);
        return new Expiry(Kind.In, Argument.Milliseconds(time, nameof(time)));
    }

    /// <summary>The key expires at a moment of the server's clock (<c>EXAT</c> or <c>PXAT</c>, Redis 6.2 or later). One that has passed deletes the key.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The moment lies before 1970.</exception>
    public static Expiry At(DateTimeOffset moment)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(moment, DateTimeOffset.UnixEpoch);
        return new Expiry(Kind.At, Argument.Milliseconds(moment - DateTimeOffset.UnixEpoch, nameof(moment)));
    }

    /// <summary>As <see cref="In"/>.</summary>
    public static Expiry FromTimeSpan(TimeSpan time) => In(time);

    /// <summary>As <see cref="At"/>.</summary>
    public static Expiry FromDateTimeOffset(DateTimeOffset moment) => At(moment);

    /// <summary>As <see cref="In"/>.</summary>
    public static implicit operator Expiry(TimeSpan time) => In(time);

    /// <summary>As <see cref="In"/>; null is <see cref="None"/>.</summary>
    public static implicit operator Expiry(TimeSpan? time) => time is { } some ? In(some) : None;

    /// <summary>As <see cref="At"/>.</summary>
    public static implicit operator Expiry(DateTimeOffset moment) => At(moment);

    /// <inheritdoc/>
    public override string ToString() => _kind switch
    {
        Kind.None => "none",
        Kind.Keep => "keep",
        Kind.In => $"in {TimeSpan.FromMilliseconds(_milliseconds)}",
        _ => $"at {DateTimeOffset.FromUnixTimeMilliseconds(_milliseconds):O}",
    };

    // Whole seconds are shorter on the wire.
    internal void AddTo(ref ArgumentList arguments)
    {
        if (_kind is Kind.None) return;
        if (_kind is Kind.Keep) arguments.Add(Words.KeepExpiry);
        else if (IsWholeSeconds) arguments.Add(_kind is Kind.In ? Words.Expire : Words.ExpireAt, Seconds);
        else arguments.Add(_kind is Kind.In ? Words.ExpireMilliseconds : Words.ExpireAtMilliseconds, Milliseconds);
    }
}
