// Key commands: rename, copy, move, dump and restore.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Commands that bring a value from one key, database or server to another.</summary>
public static class KeyMoveCommands
{
    private static readonly CommandInfo Copy = CommandTable.Get("COPY");
    private static readonly CommandInfo Dump = CommandTable.Get("DUMP");
    private static readonly CommandInfo Move = CommandTable.Get("MOVE");
    private static readonly CommandInfo Rename = CommandTable.Get("RENAME");
    private static readonly CommandInfo RenameIfNotExists = CommandTable.Get("RENAMENX");
    private static readonly CommandInfo Restore = CommandTable.Get("RESTORE");

    extension(ICommandExecutor redis)
    {
        /// <summary>Renames a key, value and expiry (<c>RENAME</c>, <c>RENAMENX</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="newKey">Its new name, in a cluster of the same slot; what was there is replaced.</param>
        /// <param name="when"><see cref="When.Always"/>, or <see cref="When.NotExists"/> to leave an existing key alone.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Whether it was renamed: false when the new name existed and was left alone.</returns>
        /// <exception cref="RedisServerException">The key does not exist.</exception>
        public ValueTask<bool> KeyRenameAsync(RedisKey key, RedisKey newKey, When when = When.Always, CancellationToken cancellationToken = default) => when switch
        {
            When.Always => redis.ExecuteAsync(new Command(Rename, Argument.Key(key), Argument.Key(newKey)), Replies.Ok, cancellationToken),
            When.NotExists => redis.ExecuteAsync(new Command(RenameIfNotExists, Argument.Key(key), Argument.Key(newKey)), Replies.Boolean, cancellationToken),
            When.Exists => throw new ArgumentException("A key cannot be renamed only to a name that exists.", nameof(when)),
            _ => throw Argument.Unknown(when, nameof(when)),
        };

        /// <summary>Copies a key, value and expiry (<c>COPY</c>, Redis 6.2).</summary>
        /// <param name="source">The key.</param>
        /// <param name="destination">The key of the copy, in a cluster of the same slot.</param>
        /// <param name="replace">Whether what is there is replaced.</param>
        /// <param name="database">The database the copy goes to; null for the client's own.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Whether it was copied: false when the source does not exist, or the destination does and was left alone.</returns>
        public ValueTask<bool> KeyCopyAsync(
            RedisKey source, RedisKey destination, bool replace = false, int? database = null, CancellationToken cancellationToken = default)
        {
            var arguments = default(ArgumentList);
            arguments.Add(Argument.Key(source), Argument.Key(destination));
            if (database is { } index) arguments.Add(Words.Database, Argument.NotNegative(index, nameof(database)));
            if (replace) arguments.Add(Words.Replace);
            return redis.ExecuteAsync(arguments.ToCommand(Copy), Replies.Boolean, cancellationToken);
        }

        /// <summary>Moves a key to another database of the same server (<c>MOVE</c>; not in a cluster before Valkey 9).</summary>
        /// <param name="key">The key.</param>
        /// <param name="database">The database.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Whether it was moved: false when it does not exist, or exists there too.</returns>
        public ValueTask<bool> KeyMoveAsync(RedisKey key, int database, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Move, Argument.Key(key), Argument.NotNegative(database)), Replies.Boolean, cancellationToken);

        /// <summary>A value in the server's own serialized form, without its expiry (<c>DUMP</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The bytes, for <c>KeyRestoreAsync</c> on a server of this version or a later one; null when the key does not exist.</returns>
        public ValueTask<byte[]?> KeyDumpAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Dump, Argument.Key(key)), Replies.Bytes, cancellationToken);

        /// <summary>Makes a key from what <c>KeyDumpAsync</c> gave (<c>RESTORE</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="serialized">The bytes.</param>
        /// <param name="options">Expiry, and what else the key gets.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Always true; a failure is an exception.</returns>
        /// <exception cref="RedisServerException"><c>BUSYKEY</c>: the key exists and is not to be replaced; or the bytes are damaged or of a later version.</exception>
        public ValueTask<bool> KeyRestoreAsync(
            RedisKey key, ReadOnlyMemory<byte> serialized, RestoreOptions options = default, CancellationToken cancellationToken = default)
        {
            var arguments = default(ArgumentList);
            arguments.Add(Argument.Key(key));
            arguments.Add(options.Expiry.Milliseconds, serialized);
            options.AddTo(ref arguments);
            return redis.ExecuteAsync(arguments.ToCommand(Restore), Replies.Ok, cancellationToken);
        }
    }
}
