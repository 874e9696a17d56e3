// How much a subscription holds for a consumer that is behind, and what happens then.
namespace ClusterClient;

/// <summary>What happens to a message for which a subscription has no room.</summary>
public enum SubscriptionOverflow
{
    /// <summary>The oldest message makes room: the consumer sees the newest. Counted in <see cref="RedisSubscription.Dropped"/>.</summary>
    DropOldest,

    /// <summary>The new message is dropped. Counted in <see cref="RedisSubscription.Dropped"/>.</summary>
    DropNewest,

    /// <summary>The subscription ends with a <see cref="RedisOverloadedException"/>, after what it holds: for a consumer that must not miss anything unnoticed.</summary>
    Close,
}

/// <summary>
/// The bounds of one subscription's buffer. A consumer that is slower than its channel stalls neither the connection nor other consumers:
/// when its own buffer is full, <see cref="Overflow"/> says what is lost.
/// </summary>
public sealed record SubscriptionOptions
{
    /// <summary>How many messages may wait for the consumer. Default: 8192. From 1 to 16777216.</summary>
    public int Capacity { get; init; } = 8192;

    /// <summary>How many bytes of messages may wait for the consumer; a single greater message is kept alone. Default: 32 MiB. At least 1.</summary>
    public long MaxBytes { get; init; } = 32L << 20;

    /// <summary>What happens to a message for which there is no room. Default: <see cref="SubscriptionOverflow.DropOldest"/>.</summary>
    public SubscriptionOverflow Overflow { get; init; } = SubscriptionOverflow.DropOldest;

    internal static SubscriptionOptions Default { get; } = new();

    internal void Check()
    {
        if (Capacity is < 1 or > 1 << 24) throw new ArgumentOutOfRangeException(nameof(Capacity), Capacity, "A subscription's capacity must be from 1 to 16777216 messages.");
        if (MaxBytes < 1) throw new ArgumentOutOfRangeException(nameof(MaxBytes), MaxBytes, "A subscription's buffer must have room for at least one byte.");
        if (!Enum.IsDefined(Overflow)) throw new ArgumentOutOfRangeException(nameof(Overflow), Overflow, "There is no such overflow policy.");
    }
}
