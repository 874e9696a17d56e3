// Makes one reply out of those of several nodes.
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>The joins of the command table (<see cref="KeylessJoin"/>), over replies of any shape.</summary>
internal static class FanOutJoin
{
    /// <param name="command">The command, whose row says how.</param>
    /// <param name="replies">One a node; at least one.</param>
    /// <exception cref="UnexpectedReplyException">A reply is not of the shape that this command answers with.</exception>
    internal static RespValue Join(CommandInfo command, IReadOnlyList<RespValue> replies)
    {
        try
        {
            return JoinAlike(command, replies);
        }
        catch (UnexpectedReplyException odd)
        {
            throw new UnexpectedReplyException($"The replies of {replies.Count} nodes to {command.Name} cannot be joined: {odd.Message}", odd) { CommandName = command.Name };
        }
    }

    private static RespValue JoinAlike(CommandInfo command, IReadOnlyList<RespValue> replies) => command.Join switch
    {
        KeylessJoin.Sum => RespValue.Integer(replies.Sum(static reply => reply.AsInt64())),
        KeylessJoin.And => And(command, replies),
        KeylessJoin.Union => Union(replies),
        KeylessJoin.Pick => Pick(replies),
        KeylessJoin.SumByName => SumByName(replies),
        _ => replies[0],
    };

    private static RespValue And(CommandInfo command, IReadOnlyList<RespValue> replies)
    {
        RespValue[] all = new RespValue[replies[0].Count];
        if (replies.Any(reply => reply.Count != all.Length)) throw new UnexpectedReplyException($"The nodes answered {command.Name} with lists of different lengths.");
        for (int i = 0; i < all.Length; i++) all[i] = RespValue.Integer(replies.All(reply => reply[i].AsBoolean()) ? 1 : 0);
        return RespValue.Aggregate(RespType.Array, all);
    }

    /// <summary>A key that is just moving stands on both nodes, as does the name of a channel with subscribers on both.</summary>
    internal static RespValue Union(IReadOnlyList<RespValue> replies)
    {
        HashSet<RedisValue> seen = [];
        List<RespValue> all = [];
        foreach (RespValue reply in replies)
        {
            foreach (RespValue item in reply.Items)
            {
                if (seen.Add(item.AsRedisValue())) all.Add(item);
            }
        }

        return RespValue.Aggregate(RespType.Array, [.. all]);
    }

    private static RespValue Pick(IReadOnlyList<RespValue> replies)
    {
        RespValue[] some = [.. replies.Where(static reply => !reply.IsNull)];
        return some.Length == 0 ? replies[0] : some[Random.Shared.Next(some.Length)];
    }

    private static RespValue SumByName(IReadOnlyList<RespValue> replies)
    {
        List<RespValue> names = [];
        Dictionary<RedisValue, long> sums = [];
        foreach (RespValue reply in replies)
        {
            for (int i = 0; i + 1 < reply.Count; i += 2)
            {
                RedisValue name = reply[i].AsRedisValue();
                if (!sums.TryGetValue(name, out long sum)) names.Add(reply[i]);
                sums[name] = sum + reply[i + 1].AsInt64();
            }
        }

        return RespValue.Aggregate(replies[0].Type, [.. names.SelectMany(name => new[] { name, RespValue.Integer(sums[name.AsRedisValue()]) })]);
    }
}
