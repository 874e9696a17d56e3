// String commands: several keys at once.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Commands on several strings at once.</summary>
public static class StringManyCommands
{
    private static readonly CommandInfo GetMany = CommandTable.Get("MGET");
    private static readonly CommandInfo SetMany = CommandTable.Get("MSET");
    private static readonly CommandInfo SetManyExtended = CommandTable.Get("MSETEX");
    private static readonly CommandInfo SetManyIfNoneExists = CommandTable.Get("MSETNX");

    extension(ICommandExecutor redis)
    {
        /// <summary>Gets several values (<c>MGET</c>).</summary>
        /// <param name="keys">The keys; in a cluster each slot is asked by itself, all at the same time.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The values in the keys' order; <see cref="RedisValue.Null"/> for a key that does not exist or holds no string.</returns>
        /// <exception cref="ArgumentException">There is no key, or one is null.</exception>
        /// <exception cref="PartialFailureException">In a cluster, some slots were served and others not; it names the keys.</exception>
        public ValueTask<RedisValue[]> StringGetAsync(ReadOnlySpan<RedisKey> keys, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(GetMany, Argument.Keys(keys)), Replies.Values, cancellationToken);

        /// <summary>
        /// Sets several values at once, all or none (<c>MSET</c>; <c>MSETNX</c> when no key may exist; with an expiry or when all keys have to exist
        /// <c>MSETEX</c>, Redis 8.4 or Valkey 9.1).
        /// </summary>
        /// <param name="values">Keys and values; in a cluster MSET is sent in one part a slot, all or none within each; with a condition or an expiry all keys must share one slot.</param>
        /// <param name="when">Whether all keys, or none of them, have to exist.</param>
        /// <param name="expiry">When the keys expire.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Whether they were set: false when the condition was not met.</returns>
        /// <exception cref="ArgumentException">There is no pair, or a key or value is null.</exception>
        /// <exception cref="PartialFailureException">In a cluster, some slots were served and others not; it names the keys.</exception>
        public ValueTask<bool> StringSetAsync(
            ReadOnlySpan<KeyValuePair<RedisKey, RedisValue>> values, When when = When.Always, Expiry expiry = default, CancellationToken cancellationToken = default)
        {
            if (when is not (When.Always or When.Exists or When.NotExists)) throw Argument.Unknown(when, nameof(when));
            if (when == When.Exists || !expiry.IsNone)
            {
                return redis.ExecuteAsync(new Command(SetManyExtended, Extended(values, when, expiry)), Replies.Boolean, cancellationToken);
            }

            var arguments = new RedisValue[values.Length * 2];
            Fill(arguments, values);
            return when == When.NotExists
                ? redis.ExecuteAsync(new Command(SetManyIfNoneExists, arguments), Replies.Boolean, cancellationToken)
                : redis.ExecuteAsync(new Command(SetMany, arguments), Replies.Ok, cancellationToken);
        }
    }

    private static RedisValue[] Extended(ReadOnlySpan<KeyValuePair<RedisKey, RedisValue>> values, When when, Expiry expiry)
    {
        var options = default(ArgumentList);
        ValueCondition.FromWhen(when).AddTo(ref options);
        expiry.AddTo(ref options);

        var arguments = new RedisValue[1 + (values.Length * 2) + options.Count];
        arguments[0] = values.Length;
        Fill(arguments.AsSpan(1), values);
        options.CopyTo(arguments.AsSpan(1 + (values.Length * 2)));
        return arguments;
    }

    private static void Fill(Span<RedisValue> arguments, ReadOnlySpan<KeyValuePair<RedisKey, RedisValue>> values)
    {
        if (values.IsEmpty) throw new ArgumentException("At least one key and value is needed.", nameof(values));
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i].Key.IsNull) throw new ArgumentException($"The key at index {i} is null.", nameof(values));
            if (values[i].Value.IsNull) throw new ArgumentException($"The value at index {i} is null; RedisValue.EmptyString is a value of no bytes.", nameof(values));
            arguments[i * 2] = values[i].Key;
            arguments[(i * 2) + 1] = values[i].Value;
        }
    }
}
