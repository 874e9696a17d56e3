// A stretch of time, or a burst, of which a subscription may have lost messages.
namespace ClusterClient;

/// <summary>Why messages may have been lost.</summary>
public enum SubscriptionGapReason
{
    /// <summary>The connection that the messages came over was lost; the subscription has been made again.</summary>
    ConnectionLost,

    /// <summary>The subscription moved to another node: its node left or failed, or the slot of a shard channel moved.</summary>
    Moved,

    /// <summary>The subscription's buffer was full because its consumer is slower than the channel: messages were dropped, as its options say.</summary>
    SlowConsumer,
}

/// <summary>
/// Messages may have been lost. It is told when the subscription works again (or, of a slow consumer, when the first message was dropped): what is
/// published from now on arrives, so this is the moment to read again what the messages are about.
/// </summary>
/// <param name="Reason">Why.</param>
/// <param name="Duration">From when the loss was noticed until the server confirmed the subscription again; zero for a slow consumer.</param>
/// <param name="Cause">How the connection ended, or null.</param>
public sealed record SubscriptionGap(SubscriptionGapReason Reason, TimeSpan Duration, RedisException? Cause);
