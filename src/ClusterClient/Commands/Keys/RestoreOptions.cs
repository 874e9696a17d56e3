// What a restored key gets beside its value.
using ClusterClient.Commands;

namespace ClusterClient;

/// <summary>What a restored key gets beside its value (<c>RESTORE</c>).</summary>
public readonly record struct RestoreOptions
{
    /// <summary>When it expires; <see cref="Expiry.Keep"/> has no meaning here.</summary>
    public Expiry Expiry
    {
        get;
        init => field = value.IsKeep ? throw new ArgumentException("A dump holds no expiry that could be kept.", nameof(value)) : value;
    }

    /// <summary>Whether a key that exists is replaced.</summary>
    public bool Replace { get; init; }

    /// <summary>How long the key counts as unused, for the eviction of the least recently used; null for just used.</summary>
    public TimeSpan? IdleTime
    {
        get;
        init
        {
            if (value is { } time) ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero, nameof(value));
            field = value;
        }
    }

    /// <summary>How often the key counts as used, for the eviction of the least frequently used: 0 to 255; null for a new key's.</summary>
    public int? Frequency
    {
        get;
        init
        {
            if (value is < 0 or > 255) throw new ArgumentOutOfRangeException(nameof(value), value, "The frequency goes from 0 to 255.");
            field = value;
        }
    }

    internal void AddTo(ref ArgumentList arguments)
    {
        if (IdleTime is not null && Frequency is not null)
        {
            throw new ArgumentException("A server evicts by idle time or by frequency: give RestoreOptions one of the two.");
        }

        if (Replace) arguments.Add(Words.Replace);
        if (Expiry.IsAbsolute) arguments.Add(Words.Absolute);
        if (IdleTime is { } idle) arguments.Add(Words.IdleTime, (long)idle.TotalSeconds);
        if (Frequency is { } frequency) arguments.Add(Words.Frequency, frequency);
    }
}
