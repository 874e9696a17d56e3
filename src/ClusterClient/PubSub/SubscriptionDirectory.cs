// Every subscription of one client: what is wanted, who consumes it, and on which node it is; one reconciler makes it so.
using System.Collections.Concurrent;
using ClusterClient.Connections.Subscriptions;
using ClusterClient.Protocol;
using ClusterClient.Routing;

namespace ClusterClient.PubSub;

/// <summary>
/// Desired against actual: a name is wanted as long as it has a consumer. Whenever the topology changes, a node fails or a server refuses, the
/// reconciler puts each name onto the link that should carry it; the link keeps it subscribed through reconnects.
/// </summary>
internal sealed class SubscriptionDirectory : IAsyncDisposable
{
    /// <summary>How long a name that nobody could take waits for the next try; a new topology is not waited for.</summary>
    private static readonly TimeSpan _retryAfter = TimeSpan.FromMilliseconds(50);

    private const int PromptMoves = 4;

    private readonly Router _router;
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<byte[], SubscribedTopic>[] _topics;
    private readonly ConcurrentDictionary<byte[], SubscribedTopic>.AlternateLookup<ReadOnlySpan<byte>>[] _lookups;
    private readonly SubscriptionLinks _links;
    private IDisposable? _changes;
    private ITimer? _retry;
    private bool _isDisposed;

    internal SubscriptionDirectory(Router router)
    {
        _router = router;
        _topics = [New(), New(), New()];
        _lookups = [.. _topics.Select(static topics => topics.GetAlternateLookup<ReadOnlySpan<byte>>())];
        _links = new SubscriptionLinks(router, this);

        static ConcurrentDictionary<byte[], SubscribedTopic> New() => new(TopicNames.Comparer);
    }

    /// <summary>Adds a consumer and waits until the server has confirmed its subscription.</summary>
    internal async ValueTask<RedisSubscription> SubscribeAsync(SubscriptionKind kind, RedisChannel name, SubscriptionOptions? options, CancellationToken cancellationToken)
    {
        if (!Enum.IsDefined(kind)) throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of subscription.");
        byte[] bytes = name.ToArray() ?? throw new ArgumentNullException(nameof(name), "A subscription needs a name.");
        (options ??= SubscriptionOptions.Default).Check();
        cancellationToken.ThrowIfCancellationRequested();
        RedisSubscription subscription;
        SubscribedTopic topic;
        Task confirmation;
        lock (_gate)
        {
            if (_isDisposed) throw Disposed("Nothing was subscribed to.");
            _changes ??= _router.Refresher.Subscribe(_ => Reconcile());
            topic = _topics[(int)kind].GetOrAdd(bytes, static (name, kind) => new SubscribedTopic(kind, name), kind);
            subscription = new RedisSubscription(topic, this, options, _router.Logger);
            topic.Add(subscription);
            if (topic.Link is null) Place(topic);
            confirmation = topic.Confirmation.Task;
        }

        try
        {
            await confirmation.WaitAsync(_router.Settings.CommandTimeout, cancellationToken).ConfigureAwait(false);
            return subscription;
        }
        catch (Exception failure)
        {
            RedisTimeoutException? late = failure is TimeoutException ? Late(topic) : null;
            Remove(topic, subscription);
            subscription.End(null, isDiscarding: true);
            if (late is not null) throw late;
            throw;
        }
    }

    /// <summary>Takes a consumer out; with the last one the subscription ends on the server.</summary>
    internal void Remove(SubscribedTopic topic, RedisSubscription subscription)
    {
        lock (_gate)
        {
            if (topic.Remove(subscription) && topic.Consumers.IsEmpty) Drop(topic);
        }
    }

    /// <summary>Who is to get what a link brings under a name; null when nobody wants it from there.</summary>
    internal SubscribedTopic? Find(SubscriptionLink link, SubscriptionKind kind, ReadOnlySpan<byte> name)
        => _lookups[(int)kind].TryGetValue(name, out SubscribedTopic? topic) && ReferenceEquals(topic.Link, link) ? topic : null;

    internal void OnSubscribed(SubscriptionLink link, Topic asked)
    {
        SubscribedTopic? topic;
        SubscriptionGap? gap;
        lock (_gate)
        {
            topic = Current(link, asked);
            gap = topic?.Confirm();
        }

        if (gap is null) return;
        foreach (RedisSubscription consumer in topic!.Consumers) consumer.OnRestored(gap);
    }

    internal void OnRefused(SubscriptionLink link, Topic asked, string error)
    {
        switch (Refusal.Read(error, asked.Subscribe, link.Endpoint, _router))
        {
            case RefusalKind.Elsewhere:
                Replace(link, asked, now: true);
                break;
            case RefusalKind.Later:
                Replace(link, asked, now: false);
                break;
            default:
                lock (_gate)
                {
                    if (Current(link, asked) is { } topic) Fail(topic, new RedisServerException(error) { Node = link.Name, CommandName = asked.Subscribe.Name });
                }

                break;
        }
    }

    /// <summary>The slot of a shard channel has left the node, which knows where to: asked once more, it says so with MOVED.</summary>
    internal void OnRevoked(SubscriptionLink link, Topic asked) => Replace(link, asked, now: true);

    internal void OnConnectionLost(SubscriptionLink link, RedisConnectionException cause)
    {
        lock (_gate)
        {
            foreach (SubscribedTopic topic in On(link)) topic.Interrupt(SubscriptionGapReason.ConnectionLost, cause);
        }
    }

    /// <summary>A node cannot be connected to, or is silent: others take what is not bound to it.</summary>
    internal void OnAiling(SubscriptionLink link, RedisConnectionException? failure)
    {
        lock (_gate)
        {
            foreach (SubscribedTopic topic in On(link))
            {
                if (!ReferenceEquals(_links.Choose(topic), link)) Place(topic);
                else if (failure is { IsTransient: false } && !topic.IsConfirmed && topic.Confirmation.TrySetException(failure)) _ = topic.Confirmation.Task.Exception; // Seen: perhaps nobody waits just now.
            }
        }
    }

    /// <summary>Ends every subscription; what waits can still be read.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            _changes?.Dispose();
            _retry?.Dispose();
            foreach (SubscribedTopic topic in All())
            {
                topic.Confirmation.TrySetException(Disposed("The subscription had not been confirmed."));
                _ = topic.Confirmation.Task.Exception;
                foreach (RedisSubscription consumer in topic.Consumers) consumer.End(null);
            }

            _links.Close();
        }
    }

    public ValueTask DisposeAsync()
    {
        Close();
        return _links.DisposeAsync();
    }

    private void Reconcile()
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            foreach (SubscribedTopic topic in All())
            {
                if (topic.Link is null || !ReferenceEquals(_links.Choose(topic), topic.Link)) Place(topic);
            }

            _links.CloseUnused([.. All().Select(static topic => topic.Link).OfType<SubscriptionLink>()]);
        }
    }

    /// <summary>Puts a name onto the link that should carry it; under the lock.</summary>
    private void Place(SubscribedTopic topic)
    {
        SubscriptionLink? link = _isDisposed ? null : _links.Choose(topic);
        topic.Place(link);
        if (link is null) RetryLater();
    }

    /// <summary>A link does not carry a name any more, or never did.</summary>
    private void Replace(SubscriptionLink link, Topic asked, bool now)
    {
        lock (_gate)
        {
            if (Current(link, asked) is not { } topic) return;
            topic.Place(null);

            // Nodes that send each other's subscribers to and fro are given time to agree.
            if (now && topic.Moves++ < PromptMoves) Place(topic);
            else RetryLater();
        }
    }

    private void RetryLater()
    {
        if (_isDisposed) return;
        _retry ??= TimeProvider.System.CreateTimer(static self => ((SubscriptionDirectory)self!).Reconcile(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _retry.Change(_retryAfter, Timeout.InfiniteTimeSpan);
    }

    /// <summary>No server will ever confirm it: its consumers are told.</summary>
    private void Fail(SubscribedTopic topic, RedisException failure)
    {
        topic.Confirmation.TrySetException(failure);
        _ = topic.Confirmation.Task.Exception;
        foreach (RedisSubscription consumer in topic.Consumers) consumer.End(failure);
        Drop(topic);
    }

    private void Drop(SubscribedTopic topic)
    {
        _topics[(int)topic.Kind].TryRemove(new(topic.Name, topic));
        topic.Place(null);
    }

    /// <summary>The topic that a link speaks of, if it is still the one that was asked for there.</summary>
    private SubscribedTopic? Current(SubscriptionLink link, Topic asked)
        => Find(link, asked.Kind, asked.Name) is { } topic && ReferenceEquals(topic.Topic, asked) ? topic : null;

    private IEnumerable<SubscribedTopic> All() => _topics.SelectMany(static topics => topics.Values);

    private IEnumerable<SubscribedTopic> On(SubscriptionLink link) => All().Where(topic => ReferenceEquals(topic.Link, link));

    private static ObjectDisposedException Disposed(string consequence) => new("RedisClient", $"The client is disposed. {consequence}");

    private RedisTimeoutException Late(SubscribedTopic topic)
    {
        (string where, CommandStage stage, Exception? cause) = topic.Link switch
        {
            null => ("no node is known that could take it", CommandStage.WaitingForTopology, _router.Refresher.LastFailure),
            { IsConnected: false } link => ($"there is no connection to {link.Name}", CommandStage.WaitingForConnection, link.LastFailure),
            { } link => ($"{link.Name} has not confirmed it", CommandStage.AwaitingReply, null),
        };
        return new RedisTimeoutException(
            $"The subscription to {new RedisChannel(topic.Name)} reached its deadline of {_router.Settings.CommandTimeoutMilliseconds} ms: {where}. There is no subscription.{(cause is null ? string.Empty : $" {cause.Message}")}",
            stage, Outcome.NotExecuted, cause)
        { Node = topic.Link?.Name, CommandName = topic.Topic.Subscribe.Name };
    }
}
