// Set operations on keys of many slots: each node combines what it has, and the client combines what they answer.
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>
/// SUNION, SINTER, SDIFF and SINTERCARD over several slots. Members are compared byte by byte, as a server does, so the result is exactly what
/// one server would have given, but for the one moment. The parts' members pass through the client.
/// </summary>
internal static class SetSplit
{
    private static readonly CommandInfo _union = CommandTable.Get("SUNION");
    private static readonly CommandInfo _intersection = CommandTable.Get("SINTER");

    /// <summary>Where the keys stand; nothing when the arguments are not what the command takes.</summary>
    internal static (int First, int Count) Keys(in Command command)
        => CommandKeys.TryLocate(command, out KeyPositions keys) && keys.Count > 0 && (command.Info.SplitJoin != SplitJoin.IntersectionSize || TryReadLimit(command, keys.Count, out _))
            ? (keys[0], keys.Count)
            : default;

    /// <summary>The command of a part: of a difference only the part that has the first key subtracts, the others say what is to be subtracted.</summary>
    internal static CommandInfo PartOf(CommandInfo command, bool hasFirstKey) => command.SplitJoin switch
    {
        SplitJoin.IntersectionSize => _intersection,
        SplitJoin.Difference when !hasFirstKey => _union,
        _ => command,
    };

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
        }

        RespValue[] common = Common(replies);
        if (command.Info.SplitJoin == SplitJoin.Intersection) return RespValue.Aggregate(replies[0].Type, common);
        TryReadLimit(command, Keys(command).Count, out long limit);
        return RespValue.Integer(limit == 0 ? common.Length : Math.Min(limit, common.Length));
    }

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
