// Who hears what comes over a node's subscription connection.
namespace ClusterClient.Connections.Subscriptions;

/// <summary>
/// Hears of a link's messages and of its life. Called on the connection's reader or the link's own loop, one call at a time for each connection, never
/// under a lock of the link; it must not block.
/// </summary>
internal interface ISubscriptionObserver
{
    /// <summary>A message came. The spans are only good during the call.</summary>
    void OnMessage(SubscriptionLink link, in SubscriptionFrame message);

    /// <summary>All the messages of one receive have been handed on.</summary>
    void OnBatchEnd(SubscriptionLink link);

    /// <summary>The server has confirmed a subscription.</summary>
    void OnSubscribed(SubscriptionLink link, Topic topic);

    /// <summary>The server refused a subscription; the link wants it no more.</summary>
    void OnRefused(SubscriptionLink link, Topic topic, string error);

    /// <summary>The server ended a subscription that is wanted, because its slot left; the link wants it no more.</summary>
    void OnRevoked(SubscriptionLink link, Topic topic);

    /// <summary>No connection could be made. The link tries again by itself.</summary>
    void OnConnectFailed(SubscriptionLink link, RedisConnectionException failure);

    /// <summary>The server has left a PING without an answer for a heartbeat.</summary>
    void OnSilent(SubscriptionLink link);

    /// <summary>The connection ended, and with it every subscription on it. The link makes them again by itself.</summary>
    void OnConnectionLost(SubscriptionLink link, RedisConnectionException cause);
}
