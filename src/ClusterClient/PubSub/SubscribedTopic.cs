// One name that somebody in this process is subscribed to: its consumers, and where the subscription stands.
using ClusterClient.Connections.Subscriptions;
using ClusterClient.Protocol;

namespace ClusterClient.PubSub;

/// <summary>All but the consumers and the link are guarded by the directory's lock, and read without it by those who only show them.</summary>
internal sealed class SubscribedTopic(SubscriptionKind kind, byte[] name)
{
    private RedisSubscription[] _consumers = [];
    private volatile SubscriptionLink? _link;
    private volatile bool _isConfirmed;
    private (SubscriptionGapReason Reason, long Since, RedisException? Cause)? _interruption;

    internal SubscriptionKind Kind => kind;

    internal byte[] Name => name;

    /// <summary>The slot of a shard channel.</summary>
    internal int Slot { get; } = HashSlot.Of((RedisKey)name);

    /// <summary>What the link is asked for; another object for each time.</summary>
    internal Topic Topic { get; private set; } = new(kind, name);

    /// <summary>The link it is subscribed on, or shall be; null while there is nobody to ask. What other links bring is dropped.</summary>
    internal SubscriptionLink? Link => _link;

    internal bool IsConfirmed => _isConfirmed;

    /// <summary>How often in a row it was sent elsewhere without being confirmed.</summary>
    internal int Moves { get; set; }

    /// <summary>Ends when the server confirms the subscription, or when it is certain that none will.</summary>
    internal TaskCompletionSource Confirmation { get; private set; } = NewConfirmation();

    /// <summary>Who gets its messages; replaced, never changed.</summary>
    internal ReadOnlySpan<RedisSubscription> Consumers => Volatile.Read(ref _consumers);

    internal void Add(RedisSubscription consumer) => Volatile.Write(ref _consumers, [.. _consumers, consumer]);

    internal bool Remove(RedisSubscription consumer)
    {
        RedisSubscription[] left = Array.FindAll(_consumers, other => !ReferenceEquals(other, consumer));
        if (left.Length == _consumers.Length) return false;
        Volatile.Write(ref _consumers, left);
        return true;
    }

    /// <summary>Puts the subscription onto a link, or onto none, and takes it off the one it was on.</summary>
    internal void Place(SubscriptionLink? link)
    {
        _link?.Unsubscribe(Topic);
        Interrupt(SubscriptionGapReason.Moved, null);
        Topic = new Topic(kind, name);
        _link = link;
        link?.Subscribe(Topic);
    }

    /// <summary>The server's messages do not come any more, for the moment.</summary>
    internal void Interrupt(SubscriptionGapReason reason, RedisException? cause)
    {
        if (!_isConfirmed) return;
        _isConfirmed = false;
        Confirmation = NewConfirmation();
        _interruption = (reason, Environment.TickCount64, cause);
    }

    /// <summary>The server has confirmed the subscription. Gives the gap that this ends, if there was one.</summary>
    internal SubscriptionGap? Confirm()
    {
        _isConfirmed = true;
        Moves = 0;
        if (!Confirmation.TrySetResult() && !Confirmation.Task.IsCompletedSuccessfully)
        {
            // It had been given up (a wrong password, since mended): who subscribes from here on must not hear of that.
            Confirmation = NewConfirmation();
            Confirmation.SetResult();
        }

        SubscriptionGap? gap = _interruption is { } ended
            ? new SubscriptionGap(ended.Reason, TimeSpan.FromMilliseconds(Environment.TickCount64 - ended.Since), ended.Cause)
            : null;
        _interruption = null;
        return gap;
    }

    private static TaskCompletionSource NewConfirmation() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
