// Key commands: when keys expire.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Commands on when keys expire.</summary>
public static class KeyExpiryCommands
{
    // PTTL and PEXPIRETIME: the key is not there; it is and does not expire.
    private const long Missing = -2;
    private const long Persistent = -1;

    private static readonly CommandInfo ExpireIn = CommandTable.Get("EXPIRE");
    private static readonly CommandInfo ExpireAt = CommandTable.Get("EXPIREAT");
    private static readonly CommandInfo ExpireInMilliseconds = CommandTable.Get("PEXPIRE");
    private static readonly CommandInfo ExpireAtMilliseconds = CommandTable.Get("PEXPIREAT");
    private static readonly CommandInfo ExpireTime = CommandTable.Get("PEXPIRETIME");
    private static readonly CommandInfo Persist = CommandTable.Get("PERSIST");
    private static readonly CommandInfo TimeToLive = CommandTable.Get("PTTL");

    private static readonly ReplyParser<TimeSpan?> TimeSpanReply = Replies.Create<TimeSpan?>(
        static (ref reader) => reader.ReadInt64() is var left and not (Missing or Persistent) ? TimeSpan.FromMilliseconds(left) : null);

    private static readonly ReplyParser<DateTimeOffset?> MomentReply = Replies.Create<DateTimeOffset?>(
        static (ref reader) => reader.ReadInt64() is var moment and not (Missing or Persistent) ? DateTimeOffset.FromUnixTimeMilliseconds(moment) : null);

    extension(ICommandExecutor redis)
    {
        /// <summary>
        /// Sets when a key expires (<c>EXPIRE</c>, <c>PEXPIRE</c>, <c>EXPIREAT</c>, <c>PEXPIREAT</c>, as the value asks; <c>PERSIST</c> for <see cref="Expiry.None"/>).
        /// </summary>
        /// <param name="key">The key.</param>
        /// <param name="expiry">When it expires; a <see cref="TimeSpan"/> or <see cref="DateTimeOffset"/> converts.</param>
        /// <param name="when">What has to be true of the expiry it has (Redis 7.0).</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Whether it was set: false when the key does not exist or the condition was not met.</returns>
        /// <exception cref="ArgumentException">The expiry is <see cref="Expiry.Keep"/>, or none is to be set under a condition.</exception>
        public ValueTask<bool> KeyExpireAsync(
            RedisKey key, Expiry expiry, ExpireWhen when = ExpireWhen.Always, CancellationToken cancellationToken = default)
        {
            if (expiry.IsKeep) throw new ArgumentException("An expiry that is to be kept needs no command.", nameof(expiry));
            RedisValue condition = Condition(when);
            if (expiry.IsNone)
            {
                if (!condition.IsNull) throw new ArgumentException("PERSIST has no conditions.", nameof(when));
                return redis.KeyPersistAsync(key, cancellationToken);
            }

            CommandInfo info = expiry.IsWholeSeconds
                ? expiry.IsAbsolute ? ExpireAt : ExpireIn
                : expiry.IsAbsolute ? ExpireAtMilliseconds : ExpireInMilliseconds;
            RedisValue time = expiry.IsWholeSeconds ? expiry.Seconds : expiry.Milliseconds;
            Command command = condition.IsNull
                ? new Command(info, Argument.Key(key), time)
                : new Command(info, Argument.Key(key), time, condition);
            return redis.ExecuteAsync(command, Replies.Boolean, cancellationToken);
        }

        /// <summary>Takes a key's expiry away (<c>PERSIST</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Whether it had one: false when the key does not exist or does not expire.</returns>
        public ValueTask<bool> KeyPersistAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Persist, Argument.Key(key)), Replies.Boolean, cancellationToken);

        /// <summary>How long a key will still live (<c>PTTL</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The time left; null when the key does not exist or does not expire (<c>KeyTimeToLiveMillisecondsAsync</c> tells these apart).</returns>
        public ValueTask<TimeSpan?> KeyTimeToLiveAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(TimeToLive, Argument.Key(key)), TimeSpanReply, cancellationToken);

        /// <summary>How long a key will still live, as the server says it (<c>PTTL</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Milliseconds; −1 when the key does not expire, −2 when it does not exist.</returns>
        public ValueTask<long> KeyTimeToLiveMillisecondsAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(TimeToLive, Argument.Key(key)), Replies.Int64, cancellationToken);

        /// <summary>When a key expires, by the server's clock (<c>PEXPIRETIME</c>, Redis 7.0).</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The moment; null when the key does not exist or does not expire.</returns>
        public ValueTask<DateTimeOffset?> KeyExpireTimeAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(ExpireTime, Argument.Key(key)), MomentReply, cancellationToken);
    }

    private static RedisValue Condition(ExpireWhen when) => when switch
    {
        ExpireWhen.Always => RedisValue.Null,
        ExpireWhen.HasNoExpiry => Words.NotExists,
        ExpireWhen.HasExpiry => Words.Exists,
        ExpireWhen.GreaterThanCurrentExpiry => Words.GreaterThan,
        ExpireWhen.LessThanCurrentExpiry => Words.LessThan,
        _ => throw Argument.Unknown(when, nameof(when)),
    };
}
