// Set commands: several sets combined.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>
/// Commands that combine sets. In a cluster the keys may live in any slots: each node combines the sets that it has, and the client combines their answers;
/// the result is exact, but not of one moment, and the nodes' answers pass through the client.
/// </summary>
public static class SetCombineCommands
{
    private static readonly CommandInfo Union = CommandTable.Get("SUNION");
    private static readonly CommandInfo Intersection = CommandTable.Get("SINTER");
    private static readonly CommandInfo Difference = CommandTable.Get("SDIFF");
    private static readonly CommandInfo IntersectionSize = CommandTable.Get("SINTERCARD");

    extension(ICommandExecutor redis)
    {
        /// <summary>Combines sets (<c>SUNION</c>, <c>SINTER</c>, <c>SDIFF</c>).</summary>
        /// <param name="operation">How.</param>
        /// <param name="keys">Their keys; a key that does not exist is an empty set.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The members, in no order.</returns>
        public ValueTask<RedisValue[]> SetCombineAsync(SetOperation operation, ReadOnlySpan<RedisKey> keys, CancellationToken cancellationToken = default)
        {
            CommandInfo command = operation switch
            {
                SetOperation.Union => Union,
                SetOperation.Intersect => Intersection,
                SetOperation.Difference => Difference,
                _ => throw Argument.Unknown(operation, nameof(operation)),
            };
            return redis.ExecuteAsync(new Command(command, Argument.Keys(keys)), Replies.Values, cancellationToken);
        }

        /// <summary>How many members several sets have in common (<c>SINTERCARD</c>, Redis 7.0).</summary>
        /// <param name="keys">Their keys; a key that does not exist is an empty set.</param>
        /// <param name="limit">Where to stop counting; 0 for never.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<long> SetIntersectionLengthAsync(ReadOnlySpan<RedisKey> keys, long limit = 0, CancellationToken cancellationToken = default)
        {
            RedisValue last = Argument.NotNegative(limit);
            RedisValue[] arguments = Argument.Keys(keys, before: 1);
            arguments[0] = keys.Length;
            if (limit > 0) arguments = [.. arguments, "LIMIT", last];
            return redis.ExecuteAsync(new Command(IntersectionSize, arguments), Replies.Int64, cancellationToken);
        }
    }
}
