// Reads a replica's reply, and notes whether it says that there is nothing.
using ClusterClient.Connections;
using ClusterClient.Protocol;

namespace ClusterClient.Routing.Freshness;

/// <summary>
/// Redis 7 and 8: while a slot moves, the replicas of its old owner answer as if the keys that have left did not exist. A client learns of a
/// move only when it meets it, so where a reply would have to be believed that says that there is nothing, the master is asked.
/// </summary>
internal static class EmptyReply
{
    /// <summary>
    /// Whether a reply shows that a key was missing: that of one key is empty then, and that of MGET or EXISTS has a gap. SUNION of several keys of which some have left is neither
    /// empty nor true, nor is what a script makes of them: such reads are the masters'.
    /// </summary>
    /// <param name="command">The read.</param>
    /// <param name="keys">How many keys it names.</param>
    internal static bool Tells(CommandInfo command, int keys)
        => !command.Is(CommandFlags.Script) && (keys == 1 || command is { SplitStride: 1, SplitJoin: SplitJoin.ByKey });
}

/// <summary>Watches the reply of one call.</summary>
internal sealed class EmptyReply<T> : ReplyParser<T>
{
    // A read ends on the thread on which its caller begins the next one: one of each is enough to allocate none.
    [ThreadStatic]
    private static EmptyReply<T>? _spare;

    private ReplyParser<T> _inner;
    private int _keys;

    /// <param name="inner">Reads the reply.</param>
    /// <param name="keys">How many keys were asked for: a count of fewer (EXISTS) says that something is missing.</param>
    internal EmptyReply(ReplyParser<T> inner, int keys) => (_inner, _keys) = (inner, keys);

    /// <summary>Whether the reply was null, zero, or without any element or byte.</summary>
    internal bool WasEmpty { get; private set; }

    /// <summary>One that may have served before.</summary>
    internal static EmptyReply<T> Rent(ReplyParser<T> inner, int keys)
    {
        EmptyReply<T>? spare = _spare;
        if (spare is null) return new(inner, keys);
        _spare = null;
        (spare._inner, spare._keys, spare.WasEmpty) = (inner, keys, false);
        return spare;
    }

    /// <summary>Lets it serve again; only after an answer, since a reply may still come to a call that was given up.</summary>
    internal void Return() => _spare = this;

    public override T Parse(ref RespReader reader)
    {
        WasEmpty = reader.IsNull || reader.Type switch
        {
            RespType.Array or RespType.Map or RespType.Set => reader.Count == 0 || HasNothing(reader),
            RespType.Integer => reader.ReadInt64() < _keys, // EXISTS, STRLEN; the TTL of a missing key is -2
            RespType.SimpleString => reader.Span.SequenceEqual("none"u8), // TYPE
            RespType.BulkString or RespType.VerbatimString => reader.Span.IsEmpty,
            RespType.Boolean => !reader.ReadBoolean(),
            _ => false,
        };
        return _inner.Parse(ref reader);
    }

    internal override bool TryTake(ReadOnlySpan<byte> frame, FrameBuffer buffer, out T result) => _inner.TryTake(frame, buffer, out result);

    // MGET and HMGET answer a null for what is not there, of which one is enough to ask; SMISMEMBER, BITFIELD_RO and HTTL nothing but 0, -2 or false.
    private static bool HasNothing(RespReader reader)
    {
        bool isNothing = true;
        for (int left = reader.Count; left > 0 && reader.Read(); left--)
        {
            if (reader.IsNull) return true;
            isNothing &= reader.Type switch
            {
                RespType.Integer => reader.ReadInt64() is 0 or -2,
                RespType.Boolean => !reader.ReadBoolean(),
                _ => false,
            };
            reader.SkipChildren();
        }

        return isNothing;
    }
}
