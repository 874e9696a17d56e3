// PUBLISH, SPUBLISH and PUBSUB.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Publishing, and questions about who listens. To subscribe, see <see cref="RedisClient"/>'s <c>SubscribeAsync</c>.</summary>
public static class PubSubCommands
{
    private static readonly CommandInfo Channels = CommandTable.Get("PUBSUB CHANNELS");
    private static readonly CommandInfo NumPat = CommandTable.Get("PUBSUB NUMPAT");
    private static readonly CommandInfo NumSub = CommandTable.Get("PUBSUB NUMSUB");
    private static readonly CommandInfo Publish = CommandTable.Get("PUBLISH");
    private static readonly CommandInfo SPublish = CommandTable.Get("SPUBLISH");
    private static readonly CommandInfo ShardChannels = CommandTable.Get("PUBSUB SHARDCHANNELS");
    private static readonly CommandInfo ShardNumSub = CommandTable.Get("PUBSUB SHARDNUMSUB");

    extension(ICommandExecutor redis)
    {
        /// <summary>Sends a message to whoever is subscribed to a channel at this moment (<c>PUBLISH</c>); in a cluster it reaches the subscribers of every node.</summary>
        /// <param name="channel">The channel.</param>
        /// <param name="message">What to send; may be empty, but not null.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>How many connections of the node that took it received it. In a cluster those of other nodes are not counted.</returns>
        public ValueTask<long> PublishAsync(RedisChannel channel, RedisValue message, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Publish, Argument.Channel(channel), Argument.Value(message)), Replies.Int64, cancellationToken);

        /// <summary>
        /// Sends a message to the subscribers of a shard channel (<c>SPUBLISH</c>, Redis 7), which lives in the slot of its name: only that shard's nodes pass it on.
        /// </summary>
        /// <param name="channel">The shard channel.</param>
        /// <param name="message">What to send; may be empty, but not null.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>How many connections of the slot's master received it.</returns>
        public ValueTask<long> PublishShardedAsync(RedisChannel channel, RedisValue message, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(SPublish, Argument.Channel(channel), Argument.Value(message)), Replies.Int64, cancellationToken);

        /// <summary>The channels that somebody is subscribed to on the node asked (<c>PUBSUB CHANNELS</c>); use <see cref="IRedisView.OnNode"/> to choose it.</summary>
        /// <param name="pattern">Only names that match; null for all.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<string?[]> SubscriptionChannelsAsync(RedisChannel pattern = default, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(Filtered(Channels, pattern), Replies.Texts, cancellationToken);

        /// <summary>The shard channels that somebody is subscribed to on the node asked (<c>PUBSUB SHARDCHANNELS</c>, Redis 7).</summary>
        /// <param name="pattern">Only names that match; null for all.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<string?[]> ShardedSubscriptionChannelsAsync(RedisChannel pattern = default, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(Filtered(ShardChannels, pattern), Replies.Texts, cancellationToken);

        /// <summary>How many different patterns are subscribed to on the node asked (<c>PUBSUB NUMPAT</c>).</summary>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<long> SubscriptionPatternCountAsync(CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(NumPat), Replies.Int64, cancellationToken);

        /// <summary>How many connections of the node asked are subscribed to a channel, patterns not counted (<c>PUBSUB NUMSUB</c>).</summary>
        /// <param name="channel">The channel.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<long> SubscriptionSubscriberCountAsync(RedisChannel channel, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(NumSub, Argument.Channel(channel)), SubscriberCountReply.Instance, cancellationToken);

        /// <summary>How many connections of the node asked are subscribed to a shard channel (<c>PUBSUB SHARDNUMSUB</c>, Redis 7).</summary>
        /// <param name="channel">The shard channel.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<long> ShardedSubscriptionSubscriberCountAsync(RedisChannel channel, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(ShardNumSub, Argument.Channel(channel)), SubscriberCountReply.Instance, cancellationToken);
    }

    private static Command Filtered(CommandInfo info, RedisChannel pattern) => pattern.IsNull ? new Command(info) : new Command(info, pattern.AsValue());

    /// <summary>Reads [channel, count] for one channel.</summary>
    private sealed class SubscriberCountReply : ReplyParser<long>
    {
        internal static SubscriberCountReply Instance { get; } = new();

        public override long Parse(ref RespReader reader)
        {
            if (!reader.IsAggregate || reader.Count != 2) throw Unexpected.Reply(reader, "a channel and its count");
            reader.Read();
            reader.Read();
            return reader.ReadInt64();
        }
    }
}
