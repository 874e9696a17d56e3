// One message of a subscription.
namespace ClusterClient;

/// <summary>One message of a subscription.</summary>
public readonly struct RedisMessage
{
    private readonly byte[] _channel;
    private readonly byte[]? _pattern;
    private readonly byte[] _value;

    internal RedisMessage(byte[] channel, byte[]? pattern, byte[] value, bool followsGap = false)
    {
        _channel = channel;
        _pattern = pattern;
        _value = value;
        FollowsGap = followsGap;
    }

    /// <summary>The channel it was published on.</summary>
    public RedisChannel Channel => new(_channel);

    /// <summary>The pattern of the subscription that it matched; null for a subscription to a channel.</summary>
    public RedisChannel? Pattern => _pattern is null ? default(RedisChannel?) : new RedisChannel(_pattern);

    /// <summary>What was published. All subscribers of this process are shown the same bytes: do not change them.</summary>
    public RedisValue Value => _value;

    /// <summary>
    /// Whether messages may have been lost between the one before and this one: the connection was lost and made again, the subscription moved to
    /// another node, or this subscription's buffer was full. See <see cref="RedisSubscription.Gap"/>, which does not wait for a next message.
    /// </summary>
    public bool FollowsGap { get; }

    internal int Size => _value.Length;

    internal RedisMessage AfterGap() => new(_channel, _pattern, _value, followsGap: true);

    /// <summary><c>channel: value</c>.</summary>
    public override string ToString() => $"{Channel}: {Value}";
}
