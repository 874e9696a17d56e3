// Key commands: what is behind a key.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Commands that look at what is behind a key.</summary>
public static class KeyObjectCommands
{
    private static readonly CommandInfo Encoding = CommandTable.Get("OBJECT ENCODING");
    private static readonly CommandInfo Frequency = CommandTable.Get("OBJECT FREQ");
    private static readonly CommandInfo IdleTime = CommandTable.Get("OBJECT IDLETIME");
    private static readonly CommandInfo ReferenceCount = CommandTable.Get("OBJECT REFCOUNT");
    private static readonly CommandInfo Type = CommandTable.Get("TYPE");

    private static readonly ReplyParser<TimeSpan?> SecondsReply = Replies.Create<TimeSpan?>(
        static (ref reader) => reader.IsNull ? null : TimeSpan.FromSeconds(reader.ReadInt64()));

    extension(ICommandExecutor redis)
    {
        /// <summary>What type of value a key holds (<c>TYPE</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The type; <see cref="RedisType.None"/> when the key does not exist.</returns>
        public ValueTask<RedisType> KeyTypeAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Type, Argument.Key(key)), RedisTypes.Reply, cancellationToken);

        /// <summary>How the server holds a value: <c>embstr</c>, <c>listpack</c>… (<c>OBJECT ENCODING</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The encoding's name; null when the key does not exist.</returns>
        public ValueTask<string?> KeyEncodingAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Encoding, Argument.Key(key)), Replies.Text, cancellationToken);

        /// <summary>How often a key is used, on a logarithmic scale (<c>OBJECT FREQ</c>; the server must evict by LFU).</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The counter; null when the key does not exist.</returns>
        public ValueTask<long?> KeyFrequencyAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Frequency, Argument.Key(key)), Replies.NullableInt64, cancellationToken);

        /// <summary>How long a key has not been used, in steps of about ten seconds (<c>OBJECT IDLETIME</c>; the server must not evict by LFU).</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The time; null when the key does not exist.</returns>
        public ValueTask<TimeSpan?> KeyIdleTimeAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(IdleTime, Argument.Key(key)), SecondsReply, cancellationToken);

        /// <summary>How many places in the server refer to a value (<c>OBJECT REFCOUNT</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The count; null when the key does not exist.</returns>
        public ValueTask<long?> KeyRefCountAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(ReferenceCount, Argument.Key(key)), Replies.NullableInt64, cancellationToken);
    }
}
