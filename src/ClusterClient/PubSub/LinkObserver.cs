// Hands what one link brings to the consumers, and the link's own news to the directory.
using ClusterClient.Connections.Subscriptions;

namespace ClusterClient.PubSub;

/// <summary>One for each link, since its list belongs to that link's reader.</summary>
internal sealed class LinkObserver(SubscriptionDirectory directory) : ISubscriptionObserver
{
    // Consumers wait while it is quiet: each is woken once, when all that one receive brought is in its buffer.
    private readonly List<MessageBuffer> _toWake = [];

    public void OnMessage(SubscriptionLink link, in SubscriptionFrame message)
    {
        if (directory.Find(link, message.Topic, message.Name) is not { } topic) return;
        byte[] channel = topic.Kind == SubscriptionKind.Pattern ? message.Channel.ToArray() : topic.Name;
        RedisMessage received = new(channel, topic.Kind == SubscriptionKind.Pattern ? topic.Name : null, message.Payload.ToArray());
        foreach (RedisSubscription consumer in topic.Consumers)
        {
            if (consumer.Deliver(received)) _toWake.Add(consumer.Buffer);
        }
    }

    public void OnBatchEnd(SubscriptionLink link)
    {
        foreach (MessageBuffer buffer in _toWake) buffer.Wake();
        _toWake.Clear();
    }

    public void OnSubscribed(SubscriptionLink link, Topic topic) => directory.OnSubscribed(link, topic);

    public void OnRefused(SubscriptionLink link, Topic topic, string error) => directory.OnRefused(link, topic, error);

    public void OnRevoked(SubscriptionLink link, Topic topic) => directory.OnRevoked(link, topic);

    public void OnConnectFailed(SubscriptionLink link, RedisConnectionException failure) => directory.OnAiling(link, failure);

    public void OnSilent(SubscriptionLink link) => directory.OnAiling(link, null);

    public void OnConnectionLost(SubscriptionLink link, RedisConnectionException cause)
    {
        // A last receive may have ended in the middle.
        OnBatchEnd(link);
        directory.OnConnectionLost(link, cause);
    }
}
