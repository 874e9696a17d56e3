// String commands: get and set one value.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Commands on strings: the values of GET and SET.</summary>
public static class StringCommands
{
    private static readonly CommandInfo Append = CommandTable.Get("APPEND");
    private static readonly CommandInfo Get = CommandTable.Get("GET");
    private static readonly CommandInfo GetDelete = CommandTable.Get("GETDEL");
    private static readonly CommandInfo GetExpire = CommandTable.Get("GETEX");
    private static readonly CommandInfo GetRange = CommandTable.Get("GETRANGE");
    private static readonly CommandInfo Length = CommandTable.Get("STRLEN");
    private static readonly CommandInfo Set = CommandTable.Get("SET");
    private static readonly CommandInfo SetRange = CommandTable.Get("SETRANGE");

    // SET without options is what SET is not in general: run twice, it leaves and answers the same.
    private static readonly CommandInfo PlainSet = new("SET", KeySpec.Single, CommandFlags.Idempotent);

    extension(ICommandExecutor redis)
    {
        /// <summary>Gets a value (<c>GET</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The value; <see cref="RedisValue.Null"/> when the key does not exist.</returns>
        public ValueTask<RedisValue> StringGetAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Get, Argument.Key(key)), Replies.Value, cancellationToken);

        /// <summary>Gets a value as pooled bytes, without allocating (<c>GET</c>). Dispose the lease when done.</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The bytes; <see cref="Lease.IsNull"/> is true when the key does not exist.</returns>
        public ValueTask<Lease> StringGetLeaseAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Get, Argument.Key(key)), Replies.Lease, cancellationToken);

        /// <summary>Gets a value as UTF-8 text, allocating only the string (<c>GET</c>). <c>StringGetAsync</c> converts too, but holds the bytes in between.</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The text; null when the key does not exist.</returns>
        public ValueTask<string?> StringGetTextAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Get, Argument.Key(key)), Replies.Text, cancellationToken);

        /// <summary>Sets a value; the key loses its expiry (<c>SET</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="value">The value.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Always true; a failure is an exception.</returns>
        public ValueTask<bool> StringSetAsync(RedisKey key, RedisValue value, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(PlainSet, Argument.Key(key), Argument.Value(value)), Replies.Ok, cancellationToken);

        /// <summary>Sets a value (<c>SET</c> with its options).</summary>
        /// <param name="key">The key.</param>
        /// <param name="value">The value.</param>
        /// <param name="expiry">When the key expires; a <see cref="TimeSpan"/> or <see cref="DateTimeOffset"/> converts.</param>
        /// <param name="when">What has to be true of the key; a <see cref="When"/> converts.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Whether it was set: false when the condition was not met.</returns>
        public ValueTask<bool> StringSetAsync(
            RedisKey key, RedisValue value, Expiry expiry, ValueCondition when = default, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(SetCommand(key, value, expiry, when, get: false), Replies.Ok, cancellationToken);

        /// <summary>Sets a value under a condition (<c>SET</c> with <c>NX</c>, <c>XX</c>, <c>IFEQ</c>…).</summary>
        /// <param name="key">The key.</param>
        /// <param name="value">The value.</param>
        /// <param name="when">What has to be true of the key; a <see cref="When"/> converts.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Whether it was set: false when the condition was not met.</returns>
        public ValueTask<bool> StringSetAsync(RedisKey key, RedisValue value, ValueCondition when, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(SetCommand(key, value, default, when, get: false), Replies.Ok, cancellationToken);

        /// <summary>Sets a value and gives the one it replaces (<c>SET … GET</c>, Redis 6.2; together with <see cref="When.NotExists"/>, Redis 7.0).</summary>
        /// <param name="key">The key.</param>
        /// <param name="value">The value.</param>
        /// <param name="expiry">When the key expires.</param>
        /// <param name="when">What has to be true of the key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The value there was before, whether or not the condition was met; <see cref="RedisValue.Null"/> when there was none.</returns>
        public ValueTask<RedisValue> StringSetAndGetAsync(
            RedisKey key, RedisValue value, Expiry expiry = default, ValueCondition when = default, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(SetCommand(key, value, expiry, when, get: true), Replies.Value, cancellationToken);

        /// <summary>Gets a value and sets when its key expires (<c>GETEX</c>, Redis 6.2).</summary>
        /// <param name="key">The key.</param>
        /// <param name="expiry">When the key expires from now on; <see cref="Expiry.None"/> takes its expiry away, <see cref="Expiry.Keep"/> leaves it alone.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The value; <see cref="RedisValue.Null"/> when the key does not exist.</returns>
        public ValueTask<RedisValue> StringGetSetExpiryAsync(RedisKey key, Expiry expiry, CancellationToken cancellationToken = default)
        {
            var arguments = default(ArgumentList);
            arguments.Add(Argument.Key(key));
            if (expiry.IsNone) arguments.Add(Words.Persist);
            else if (!expiry.IsKeep) expiry.AddTo(ref arguments);
            return redis.ExecuteAsync(arguments.ToCommand(GetExpire), Replies.Value, cancellationToken);
        }

        /// <summary>Gets a value and deletes its key (<c>GETDEL</c>, Redis 6.2).</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The value; <see cref="RedisValue.Null"/> when the key does not exist.</returns>
        public ValueTask<RedisValue> StringGetDeleteAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(GetDelete, Argument.Key(key)), Replies.Value, cancellationToken);

        /// <summary>Adds bytes to the end of a value; a missing key counts as an empty one (<c>APPEND</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="value">What to add.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The value's length in bytes afterwards.</returns>
        public ValueTask<long> StringAppendAsync(RedisKey key, RedisValue value, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Append, Argument.Key(key), Argument.Value(value)), Replies.Int64, cancellationToken);

        /// <summary>The length of a value in bytes (<c>STRLEN</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The length; 0 when the key does not exist.</returns>
        public ValueTask<long> StringLengthAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Length, Argument.Key(key)), Replies.Int64, cancellationToken);

        /// <summary>A part of a value (<c>GETRANGE</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="start">Index of the first byte; negative counts from the end (−1 is the last).</param>
        /// <param name="end">Index of the last byte, which belongs to the part.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The bytes; empty when the key does not exist or the range holds nothing.</returns>
        public ValueTask<RedisValue> StringGetRangeAsync(RedisKey key, long start, long end, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(GetRange, Argument.Key(key), start, end), Replies.Value, cancellationToken);

        /// <summary>Overwrites a part of a value, which grows (with zero bytes, if need be) to hold it (<c>SETRANGE</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="offset">Index of the first byte to overwrite.</param>
        /// <param name="value">The bytes.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The value's length in bytes afterwards.</returns>
        public ValueTask<long> StringSetRangeAsync(RedisKey key, long offset, RedisValue value, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(
                new Command(SetRange, Argument.Key(key), Argument.NotNegative(offset), Argument.Value(value)), Replies.Int64, cancellationToken);
    }

    private static Command SetCommand(RedisKey key, RedisValue value, Expiry expiry, ValueCondition when, bool get)
    {
        var arguments = default(ArgumentList);
        arguments.Add(Argument.Key(key), Argument.Value(value));
        when.AddTo(ref arguments);
        if (get) arguments.Add(Words.Get);
        expiry.AddTo(ref arguments);
        return arguments.ToCommand(Set);
    }
}
