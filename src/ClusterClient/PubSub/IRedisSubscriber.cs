// The one method behind every way to subscribe.
namespace ClusterClient;

/// <summary>Subscribes: a <c>RedisClient</c>. The calls one types are extensions of this interface.</summary>
public interface IRedisSubscriber
{
    /// <summary>Begins a subscription; returns when the server has confirmed it, so that whatever is published from then on arrives.</summary>
    /// <param name="kind">What the name is of.</param>
    /// <param name="name">A channel, a pattern or a shard channel.</param>
    /// <param name="options">The bounds of its buffer; null for the default ones.</param>
    /// <param name="cancellationToken">Gives up waiting; there is no subscription then.</param>
    /// <exception cref="RedisTimeoutException">No server confirmed it within the command timeout; there is no subscription.</exception>
    /// <exception cref="RedisServerException">The server refused it (NOPERM: the user may not read that channel).</exception>
    /// <exception cref="RedisConnectionException">No connection can be made, and waiting would not mend that (a wrong password).</exception>
    ValueTask<RedisSubscription> SubscribeAsync(SubscriptionKind kind, RedisChannel name, SubscriptionOptions? options, CancellationToken cancellationToken);
}
