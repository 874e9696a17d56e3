// Set operations on keys of many slots: each node combines what it has, and the client combines what they answer.
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>
/// SUNION, SINTER, SDIFF, SINTERCARD, ZINTERCARD and ZDIFF over several slots. Members are compared byte by byte, as a server does, so the result is exactly what
/// one server would have given, but for the one moment. The parts' members pass through the client.
/// </summary>
internal static class SetSplit
{
    private static readonly CommandInfo _union = CommandTable.Get("SUNION");
    private static readonly CommandInfo _intersection = CommandTable.Get("SINTER");
    private static readonly CommandInfo _sortedUnion = CommandTable.Get("ZUNION");
    private static readonly CommandInfo _sortedIntersection = CommandTable.Get("ZINTER");

    /// <summary>Where the keys stand; nothing when the arguments are not what the command takes.</summary>
    internal static (int First, int Count) Keys(in Command command)
    {
        if (!CommandKeys.TryLocate(command, out KeyPositions keys) || keys.Count == 0) return default;
        bool isUnderstood = command.Info.SplitJoin switch
        {
            SplitJoin.IntersectionSize or SplitJoin.SortedIntersectionSize => TryReadLimit(command, keys.Count, out _),
            SplitJoin.SortedDifference => command.ArgumentCount == 1 + keys.Count || HasScores(command, keys.Count),
            _ => true,
        };
        return isUnderstood ? (keys[0], keys.Count) : default;
    }

    /// <summary>The command of a part: of a difference only the part that has the first key subtracts, the others say what is to be subtracted.</summary>
    internal static CommandInfo PartOf(CommandInfo command, bool hasFirstKey) => command.SplitJoin switch
    {
        SplitJoin.IntersectionSize => _intersection,
        SplitJoin.SortedIntersectionSize => _sortedIntersection,
        SplitJoin.Difference when !hasFirstKey => _union,
        SplitJoin.SortedDifference when !hasFirstKey => _sortedUnion,
        _ => command,
    };

    /// <summary>The arguments of a part: its keys, and what its command wants around them.</summary>
    internal static RedisValue[] ArgumentsOf(in Command command, CommandInfo part, RedisValue[] keys)
    {
        if (part.Keys.CountAt < 0) return keys;
        bool wantsScores = ReferenceEquals(part, command.Info) && command.Info.SplitJoin == SplitJoin.SortedDifference && HasScores(command, Keys(command).Count);
        return wantsScores ? [keys.Length, .. keys, "WITHSCORES"] : [keys.Length, .. keys];
    }

    /// <summary>Combines the parts' members.</summary>
    internal static RespValue Join(in Command command, SplitPart[] parts, RespValue[] replies)
    {
        switch (command.Info.SplitJoin)
        {
            case SplitJoin.Union:
                return FanOutJoin.Union(replies);
            case SplitJoin.Difference:
                int minuend = Array.FindIndex(parts, static part => part.Keys[0] == 0);
                HashSet<RedisValue> subtrahend = [.. replies.Where((_, i) => i != minuend).SelectMany(static reply => Members(reply))];
                return RespValue.Aggregate(replies[minuend].Type, [.. replies[minuend].Items.ToArray().Where(item => !subtrahend.Contains(item.AsRedisValue()))]);
            case SplitJoin.SortedDifference:
                return Subtract(command, parts, replies);
        }

        RespValue[] common = Common(replies);
        if (command.Info.SplitJoin == SplitJoin.Intersection) return RespValue.Aggregate(replies[0].Type, common);
        TryReadLimit(command, Keys(command).Count, out long limit);
        return RespValue.Integer(limit == 0 ? common.Length : Math.Min(limit, common.Length));
    }

    /// <summary>RESP3 gives scores as pairs, RESP2 each behind its member.</summary>
    private static RespValue Subtract(in Command command, SplitPart[] parts, RespValue[] replies)
    {
        int minuend = Array.FindIndex(parts, static part => part.Keys[0] == 0);
        HashSet<RedisValue> subtrahend = [.. replies.Where((_, i) => i != minuend).SelectMany(static reply => Members(reply))];
        RespValue[] items = replies[minuend].Items.ToArray();
        int stride = HasScores(command, Keys(command).Count) && items is [{ IsAggregate: false }, ..] ? 2 : 1;
        return RespValue.Aggregate(replies[minuend].Type, [.. items.Where((_, i) => !subtrahend.Contains(MemberOf(items[i / stride * stride])))]);
    }

    private static RedisValue MemberOf(RespValue item) => (item.IsAggregate ? item.Items[0] : item).AsRedisValue();

    private static bool HasScores(in Command command, int keys)
        => command.ArgumentCount == keys + 2 && string.Equals((string?)command[keys + 1], "WITHSCORES", StringComparison.OrdinalIgnoreCase);

    private static RespValue[] Common(RespValue[] replies)
    {
        RespValue smallest = replies.MinBy(static reply => reply.Count);
        HashSet<RedisValue> common = Members(smallest).ToHashSet();
        foreach (RespValue reply in replies) common.IntersectWith(Members(reply));
        return [.. smallest.Items.ToArray().Where(item => common.Contains(item.AsRedisValue()))];
    }

    private static IEnumerable<RedisValue> Members(RespValue reply) => reply.Items.ToArray().Select(static item => item.AsRedisValue());

    /// <summary>Reads what stands behind the keys of SINTERCARD: nothing, or LIMIT and a number, of which 0 is none. Anything else is for the server to refuse.</summary>
    private static bool TryReadLimit(in Command command, int keys, out long limit)
    {
        limit = 0;
        int behind = 1 + keys;
        return command.ArgumentCount == behind
            || (command.ArgumentCount == behind + 2 && string.Equals((string?)command[behind], "LIMIT", StringComparison.OrdinalIgnoreCase) && command[behind + 1].TryParse(out limit) && limit >= 0);
    }
}
