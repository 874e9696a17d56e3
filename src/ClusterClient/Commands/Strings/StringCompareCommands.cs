// String commands: compare values on the server, and delete by comparison.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Commands that compare strings where they are.</summary>
public static class StringCompareCommands
{
    private static readonly CommandInfo DeleteExtended = CommandTable.Get("DELEX");
    private static readonly CommandInfo DeleteIfEqual = CommandTable.Get("DELIFEQ");
    private static readonly CommandInfo Digest = CommandTable.Get("DIGEST");
    private static readonly CommandInfo LongestCommonSubsequence = CommandTable.Get("LCS");

    extension(ICommandExecutor redis)
    {
        /// <summary>Deletes a string under a condition on its value (<c>DELEX</c>, Redis 8.4).</summary>
        /// <param name="key">The key.</param>
        /// <param name="when">The condition: <see cref="ValueCondition.Equal"/> and its like, or <see cref="ValueCondition.Always"/>.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Whether it was deleted.</returns>
        /// <exception cref="ArgumentException">The condition is about the key's existence.</exception>
        public ValueTask<bool> StringDeleteAsync(RedisKey key, ValueCondition when, CancellationToken cancellationToken = default)
        {
            if (!when.IsAlways && !when.ComparesValue) throw new ArgumentException("A deletion can only depend on the value.", nameof(when));
            var arguments = default(ArgumentList);
            arguments.Add(Argument.Key(key));
            when.AddTo(ref arguments);
            return redis.ExecuteAsync(arguments.ToCommand(DeleteExtended), Replies.Boolean, cancellationToken);
        }

        /// <summary>Deletes a string if it has this value (<c>DELIFEQ</c>, Valkey 9.0; on Redis use <c>StringDeleteAsync</c> with <see cref="ValueCondition.Equal"/>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="value">The value.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Whether it was deleted.</returns>
        public ValueTask<bool> StringDeleteIfEqualAsync(RedisKey key, RedisValue value, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(DeleteIfEqual, Argument.Key(key), Argument.Value(value)), Replies.Boolean, cancellationToken);

        /// <summary>The digest of a value, for <see cref="ValueCondition.DigestEqual"/> (<c>DIGEST</c>, Redis 8.4).</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The digest in hexadecimal digits; null when the key does not exist.</returns>
        public ValueTask<string?> StringDigestAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Digest, Argument.Key(key)), Replies.Text, cancellationToken);

        /// <summary>The longest common subsequence of two values (<c>LCS</c>, Redis 7.0).</summary>
        /// <param name="first">A key; in a cluster both of one slot.</param>
        /// <param name="second">The other key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The bytes they share in that order; empty when a key does not exist.</returns>
        public ValueTask<RedisValue> StringLongestCommonSubsequenceAsync(RedisKey first, RedisKey second, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(LongestCommonSubsequence, Argument.Key(first), Argument.Key(second)), Replies.Value, cancellationToken);

        /// <summary>The length of the longest common subsequence of two values (<c>LCS … LEN</c>, Redis 7.0).</summary>
        /// <param name="first">A key; in a cluster both of one slot.</param>
        /// <param name="second">The other key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The length in bytes.</returns>
        public ValueTask<long> StringLongestCommonSubsequenceLengthAsync(RedisKey first, RedisKey second, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(
                new Command(LongestCommonSubsequence, Argument.Key(first), Argument.Key(second), Words.Length), Replies.Int64, cancellationToken);

        /// <summary>Where the longest common subsequence of two values stands in each (<c>LCS … IDX WITHMATCHLEN</c>, Redis 7.0).</summary>
        /// <param name="first">A key; in a cluster both of one slot.</param>
        /// <param name="second">The other key.</param>
        /// <param name="minimumLength">Matches shorter than this are left out.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The matches, last one first.</returns>
        public ValueTask<LcsMatches> StringLongestCommonSubsequenceWithMatchesAsync(
            RedisKey first, RedisKey second, long minimumLength = 0, CancellationToken cancellationToken = default)
        {
            RedisValue[] arguments =
            [
                Argument.Key(first), Argument.Key(second), Words.Indexes, Words.MinimumMatchLength, Argument.NotNegative(minimumLength), Words.WithMatchLength,
            ];
            return redis.ExecuteAsync(new Command(LongestCommonSubsequence, arguments), LcsMatches.Reply, cancellationToken);
        }
    }
}
