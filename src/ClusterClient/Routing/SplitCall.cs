// A command on many keys on its way: its parts travel at the same time, and one answer comes back.
using ClusterClient.Connections;
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>Waits for all parts of a cut command, and judges them together.</summary>
internal static class SplitCall
{
    /// <summary>The replies to the parts as one reply.</summary>
    /// <param name="command">The whole command.</param>
    /// <param name="parts">Its parts.</param>
    /// <param name="calls">The parts' calls, begun already: each under the one deadline of the whole.</param>
    /// <exception cref="PartialFailureException">Not all parts succeeded.</exception>
    /// <exception cref="RedisCanceledException">The caller gave up while parts were on their way.</exception>
    internal static async ValueTask<T> JoinAsync<T>(CommandInfo command, SplitPart[] parts, ValueTask<T>[] calls)
        => ReplyJoin.Join(parts, await RepliesAsync(command, parts, calls).ConfigureAwait(false));

    /// <summary>As <see cref="JoinAsync"/>, for replies that cannot be joined as the caller reads them.</summary>
    internal static async ValueTask<T> JoinTreesAsync<T>(Command command, SplitPart[] parts, ValueTask<RespValue>[] calls, ReplyParser<T> parser)
    {
        RespValue[] replies = await RepliesAsync(command.Info, parts, calls).ConfigureAwait(false);
        RespValue joined = command.Info.SplitJoin == SplitJoin.ByKey ? ReplyJoin.Join(parts, replies) : SetSplit.Join(command, parts, replies);
        return RespTreeWriter.Read(joined, parser, command.Info);
    }

    private static async ValueTask<T[]> RepliesAsync<T>(CommandInfo command, SplitPart[] parts, ValueTask<T>[] calls)
    {
        T[] replies = new T[calls.Length];
        Exception?[]? failures = null;
        for (int i = 0; i < calls.Length; i++)
        {
            try
            {
                replies[i] = await calls[i].ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                (failures ??= new Exception?[calls.Length])[i] = failure;
            }
        }

        return failures is null ? replies : throw Judge(command, parts, failures);
    }

    private static Exception Judge(CommandInfo command, SplitPart[] parts, Exception?[] failures)
    {
        int failed = failures.Count(static failure => failure is not null);
        Outcome outcome = PartOutcomes.Of(failures.OfType<Exception>(), isAnyDone: failed < failures.Length);
        if (Array.Find(failures, static failure => failure is RedisCanceledException) is RedisCanceledException cancelled)
        {
            return new RedisCanceledException(
                $"{command.Name} was cancelled by its caller when {parts.Length - failed} of its {parts.Length} parts were done. {OperationErrors.Explain(outcome)}", outcome, cancelled.CancellationToken);
        }

        if (Array.TrueForAll(failures, static failure => failure is ObjectDisposedException)) return failures[0]!;
        List<KeyFailure> keys = [];
        int stride = command.SplitStride;
        foreach ((int key, RedisKey name, Exception error) in parts
            .Zip(failures).Where(static pair => pair.Second is not null)
            .SelectMany(pair => pair.First.Keys.Select((key, i) => (key, (RedisKey)(byte[]?)pair.First.Command[(i * stride) + (pair.First.Command.Info.Keys.CountAt < 0 ? 0 : 1)], pair.Second!)))
            .OrderBy(static one => one.key))
        {
            keys.Add(new KeyFailure(name, error));
        }

        Exception first = keys[0].Error;
        return new PartialFailureException(
            $"{command.Name} was sent in {parts.Length} parts, one a slot, and {failed} of them failed, with {keys.Count} keys (see Failures). The first: {first.Message} All parts together: {OperationErrors.Explain(outcome)}",
            outcome, keys)
        { CommandName = command.Name, Node = (first as RedisException)?.Node };
    }
}
