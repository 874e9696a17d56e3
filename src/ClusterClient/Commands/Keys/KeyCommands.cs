// Key commands: delete, unlink, count, touch.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Commands on the existence of keys of any type.</summary>
public static class KeyCommands
{
    private static readonly CommandInfo Delete = CommandTable.Get("DEL");
    private static readonly CommandInfo Exists = CommandTable.Get("EXISTS");
    private static readonly CommandInfo Random = CommandTable.Get("RANDOMKEY");
    private static readonly CommandInfo Touch = CommandTable.Get("TOUCH");
    private static readonly CommandInfo Unlink = CommandTable.Get("UNLINK");

    extension(ICommandExecutor redis)
    {
        /// <summary>Deletes a key (<c>DEL</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Whether it existed.</returns>
        public ValueTask<bool> KeyDeleteAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Delete, Argument.Key(key)), Replies.Boolean, cancellationToken);

        /// <summary>Deletes keys (<c>DEL</c>).</summary>
        /// <param name="keys">The keys; in a cluster each slot is asked by itself, all at the same time.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>How many of them existed.</returns>
        /// <exception cref="ArgumentException">There is no key, or one is null.</exception>
        /// <exception cref="PartialFailureException">In a cluster, some slots were served and others not; it names the keys.</exception>
        public ValueTask<long> KeyDeleteAsync(ReadOnlySpan<RedisKey> keys, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Delete, Argument.Keys(keys)), Replies.Int64, cancellationToken);

        /// <summary>Deletes a key; the server frees its memory later, without holding up others (<c>UNLINK</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Whether it existed.</returns>
        public ValueTask<bool> KeyUnlinkAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Unlink, Argument.Key(key)), Replies.Boolean, cancellationToken);

        /// <summary>Deletes keys; the server frees their memory later, without holding up others (<c>UNLINK</c>).</summary>
        /// <param name="keys">The keys; in a cluster each slot is asked by itself, all at the same time.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>How many of them existed.</returns>
        /// <exception cref="ArgumentException">There is no key, or one is null.</exception>
        /// <exception cref="PartialFailureException">In a cluster, some slots were served and others not; it names the keys.</exception>
        public ValueTask<long> KeyUnlinkAsync(ReadOnlySpan<RedisKey> keys, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Unlink, Argument.Keys(keys)), Replies.Int64, cancellationToken);

        /// <summary>Whether a key exists (<c>EXISTS</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<bool> KeyExistsAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Exists, Argument.Key(key)), Replies.Boolean, cancellationToken);

        /// <summary>Counts the keys that exist (<c>EXISTS</c>).</summary>
        /// <param name="keys">The keys; in a cluster each slot is asked by itself, all at the same time. One that is named twice counts twice.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <exception cref="ArgumentException">There is no key, or one is null.</exception>
        /// <exception cref="PartialFailureException">In a cluster, some slots were served and others not; it names the keys.</exception>
        public ValueTask<long> KeyExistsAsync(ReadOnlySpan<RedisKey> keys, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Exists, Argument.Keys(keys)), Replies.Int64, cancellationToken);

        /// <summary>Marks a key as used just now, for the eviction of the least recently used (<c>TOUCH</c>). Always goes to the master.</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Whether it exists.</returns>
        public ValueTask<bool> KeyTouchAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Touch, Argument.Key(key)), Replies.Boolean, cancellationToken);

        /// <summary>Marks keys as used just now, for the eviction of the least recently used (<c>TOUCH</c>). Always goes to the master.</summary>
        /// <param name="keys">The keys; in a cluster each slot is asked by itself, all at the same time.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>How many of them exist.</returns>
        /// <exception cref="ArgumentException">There is no key, or one is null.</exception>
        /// <exception cref="PartialFailureException">In a cluster, some slots were served and others not; it names the keys.</exception>
        public ValueTask<long> KeyTouchAsync(ReadOnlySpan<RedisKey> keys, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Touch, Argument.Keys(keys)), Replies.Int64, cancellationToken);

        /// <summary>A key at random, from the node that is asked (<c>RANDOMKEY</c>).</summary>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The key; <see cref="RedisKey.IsNull"/> is true when the node has none.</returns>
        public ValueTask<RedisKey> KeyRandomAsync(CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Random), Replies.Key, cancellationToken);
    }
}
