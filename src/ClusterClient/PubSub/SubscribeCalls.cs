// The calls that subscribe: to a channel, a pattern, a shard channel; read as a stream or by a handler.
namespace ClusterClient;

/// <summary>
/// Subscribing. A subscription is kept until it is disposed: after a lost connection, a failover or a moved slot it is made again by itself, and the gap
/// is told (<see cref="RedisSubscription.Gap"/>, <see cref="RedisMessage.FollowsGap"/>). Any number of subscriptions to one name share one on the server.
/// </summary>
public static class SubscribeCalls
{
    extension(IRedisSubscriber redis)
    {
        /// <summary>Subscribes to a channel (<c>SUBSCRIBE</c>); read the messages with <c>await foreach</c>.</summary>
        /// <inheritdoc cref="IRedisSubscriber.SubscribeAsync"/>
        /// <param name="channel">The channel.</param>
        /// <param name="cancellationToken">Gives up waiting; there is no subscription then.</param>
        public ValueTask<RedisSubscription> SubscribeAsync(RedisChannel channel, CancellationToken cancellationToken = default)
            => redis.SubscribeAsync(SubscriptionKind.Channel, channel, null, cancellationToken);

        /// <summary>Subscribes to a channel (<c>SUBSCRIBE</c>) with a buffer of your own bounds.</summary>
        /// <inheritdoc cref="IRedisSubscriber.SubscribeAsync"/>
        /// <param name="channel">The channel.</param>
        /// <param name="options">The bounds of its buffer.</param>
        /// <param name="cancellationToken">Gives up waiting; there is no subscription then.</param>
        public ValueTask<RedisSubscription> SubscribeAsync(RedisChannel channel, SubscriptionOptions options, CancellationToken cancellationToken = default)
            => redis.SubscribeAsync(SubscriptionKind.Channel, channel, options, cancellationToken);

        /// <summary>Subscribes to a channel (<c>SUBSCRIBE</c>) and runs a handler for each message, one at a time and in order.</summary>
        /// <inheritdoc cref="IRedisSubscriber.SubscribeAsync"/>
        /// <param name="channel">The channel.</param>
        /// <param name="handler">Runs on the thread pool. What it throws is logged, and it goes on with the next message.</param>
        /// <param name="options">The bounds of its buffer; null for the default ones.</param>
        /// <param name="cancellationToken">Gives up waiting; there is no subscription then.</param>
        public ValueTask<RedisSubscription> SubscribeAsync(
            RedisChannel channel, Func<RedisMessage, ValueTask> handler, SubscriptionOptions? options = null, CancellationToken cancellationToken = default)
            => HandleAsync(redis, SubscriptionKind.Channel, channel, handler, options, cancellationToken);

        /// <summary>Subscribes to every channel whose name matches a pattern (<c>PSUBSCRIBE</c>: <c>*</c>, <c>?</c>, <c>[ab]</c>).</summary>
        /// <inheritdoc cref="IRedisSubscriber.SubscribeAsync"/>
        /// <param name="pattern">The pattern.</param>
        /// <param name="options">The bounds of its buffer; null for the default ones.</param>
        /// <param name="cancellationToken">Gives up waiting; there is no subscription then.</param>
        public ValueTask<RedisSubscription> SubscribePatternAsync(RedisChannel pattern, SubscriptionOptions? options = null, CancellationToken cancellationToken = default)
            => redis.SubscribeAsync(SubscriptionKind.Pattern, pattern, options, cancellationToken);

        /// <summary>Subscribes to every channel whose name matches a pattern (<c>PSUBSCRIBE</c>) and runs a handler for each message, one at a time and in order.</summary>
        /// <inheritdoc cref="IRedisSubscriber.SubscribeAsync"/>
        /// <param name="pattern">The pattern.</param>
        /// <param name="handler">Runs on the thread pool. What it throws is logged, and it goes on with the next message.</param>
        /// <param name="options">The bounds of its buffer; null for the default ones.</param>
        /// <param name="cancellationToken">Gives up waiting; there is no subscription then.</param>
        public ValueTask<RedisSubscription> SubscribePatternAsync(
            RedisChannel pattern, Func<RedisMessage, ValueTask> handler, SubscriptionOptions? options = null, CancellationToken cancellationToken = default)
            => HandleAsync(redis, SubscriptionKind.Pattern, pattern, handler, options, cancellationToken);

        /// <summary>Subscribes to a shard channel (<c>SSUBSCRIBE</c>, Redis 7) on the node that owns the slot of its name, and follows the slot when it moves.</summary>
        /// <inheritdoc cref="IRedisSubscriber.SubscribeAsync"/>
        /// <param name="channel">The shard channel; publish to it with <c>PublishShardedAsync</c>.</param>
        /// <param name="options">The bounds of its buffer; null for the default ones.</param>
        /// <param name="cancellationToken">Gives up waiting; there is no subscription then.</param>
        public ValueTask<RedisSubscription> SubscribeShardedAsync(RedisChannel channel, SubscriptionOptions? options = null, CancellationToken cancellationToken = default)
            => redis.SubscribeAsync(SubscriptionKind.Sharded, channel, options, cancellationToken);

        /// <summary>Subscribes to a shard channel (<c>SSUBSCRIBE</c>, Redis 7) and runs a handler for each message, one at a time and in order.</summary>
        /// <inheritdoc cref="IRedisSubscriber.SubscribeAsync"/>
        /// <param name="channel">The shard channel; publish to it with <c>PublishShardedAsync</c>.</param>
        /// <param name="handler">Runs on the thread pool. What it throws is logged, and it goes on with the next message.</param>
        /// <param name="options">The bounds of its buffer; null for the default ones.</param>
        /// <param name="cancellationToken">Gives up waiting; there is no subscription then.</param>
        public ValueTask<RedisSubscription> SubscribeShardedAsync(
            RedisChannel channel, Func<RedisMessage, ValueTask> handler, SubscriptionOptions? options = null, CancellationToken cancellationToken = default)
            => HandleAsync(redis, SubscriptionKind.Sharded, channel, handler, options, cancellationToken);
    }

    private static async ValueTask<RedisSubscription> HandleAsync(
        IRedisSubscriber redis, SubscriptionKind kind, RedisChannel name, Func<RedisMessage, ValueTask> handler, SubscriptionOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(handler);
        RedisSubscription subscription = await redis.SubscribeAsync(kind, name, options, cancellationToken).ConfigureAwait(false);
        subscription.Handle(handler);
        return subscription;
    }
}
