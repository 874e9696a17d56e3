// What a subscription is to: a channel, a pattern of channel names, or a shard channel.
namespace ClusterClient;

/// <summary>What a subscription is to.</summary>
public enum SubscriptionKind
{
    /// <summary>One channel (<c>SUBSCRIBE</c>); in a cluster every node passes on what any node is sent.</summary>
    Channel,

    /// <summary>Every channel whose name matches a glob-style pattern (<c>PSUBSCRIBE</c>).</summary>
    Pattern,

    /// <summary>One shard channel (<c>SSUBSCRIBE</c>, Redis 7), which lives in the slot of its name.</summary>
    Sharded,
}
