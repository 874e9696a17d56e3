// Makes one reply out of those to the parts of a command.
using System.Runtime.CompilerServices;
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>Joins the replies to a cut command: values in the order of the keys, counts as their sum, acknowledgements as one.</summary>
internal static class ReplyJoin
{
    /// <summary>Whether replies read as <typeparamref name="T"/> can be joined as they are; others are read as trees first.</summary>
    internal static bool IsPossible<T>() => typeof(T) == typeof(RedisValue[]) || typeof(T) == typeof(long) || typeof(T) == typeof(bool) || typeof(T) == typeof(RespValue);

    /// <summary>The replies as one.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="replies">Their replies, in the order of the parts.</param>
    internal static T Join<T>(SplitPart[] parts, T[] replies)
    {
        if (typeof(T) == typeof(RedisValue[])) return As<RedisValue[], T>(Scatter(parts, As<T[], RedisValue[][]>(replies)));
        if (typeof(T) == typeof(long)) return As<long, T>(As<T[], long[]>(replies).Sum());
        if (typeof(T) == typeof(bool)) return As<bool, T>(Array.TrueForAll(As<T[], bool[]>(replies), static one => one));
        return As<RespValue, T>(Join(parts, As<T[], RespValue[]>(replies)));
    }

    private static RespValue Join(SplitPart[] parts, RespValue[] replies)
    {
        if (replies[0].Type == RespType.Array) return RespValue.Aggregate(RespType.Array, Scatter(parts, [.. replies.Select(static reply => reply.Items.ToArray())]));
        return replies[0].Type == RespType.Integer ? RespValue.Integer(replies.Sum(static reply => reply.AsInt64())) : replies[0];
    }

    private static TItem[] Scatter<TItem>(SplitPart[] parts, TItem[][] replies)
    {
        TItem[] all = new TItem[parts.Sum(static part => part.Keys.Length)];
        for (int i = 0; i < parts.Length; i++)
        {
            int[] keys = parts[i].Keys;
            if (replies[i].Length != keys.Length)
                throw new UnexpectedReplyException($"The reply to {parts[i].Command.Info.Name} has {replies[i].Length} values for {keys.Length} keys.") { CommandName = parts[i].Command.Info.Name };
            for (int k = 0; k < keys.Length; k++) all[keys[k]] = replies[i][k];
        }

        return all;
    }

    private static TTo As<TFrom, TTo>(TFrom value) => Unsafe.As<TFrom, TTo>(ref value);
}
