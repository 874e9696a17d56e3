// Reads a replica's reply, and notes whether it says that there is nothing.
using ClusterClient.Connections;
using ClusterClient.Protocol;

namespace ClusterClient.Routing.Freshness;

/// <summary>
/// Redis 7 and 8: while a slot moves, the replicas of its old owner answer as if the keys that have left did not exist. A client learns of a
/// move only when it meets it, so where a session would have to believe that there is nothing, its master is asked. One per call.
/// </summary>
/// <param name="inner">Reads the reply.</param>
/// <param name="keys">How many keys were asked for: a count of fewer (EXISTS) says that something is missing.</param>
internal sealed class EmptyReply<T>(ReplyParser<T> inner, int keys) : ReplyParser<T>
{
    /// <summary>Whether the reply was null, zero, or without any element or byte.</summary>
    internal bool WasEmpty { get; private set; }

    public override T Parse(ref RespReader reader)
    {
        WasEmpty = reader.IsNull || reader.Type switch
        {
            RespType.Array or RespType.Map or RespType.Set => reader.Count == 0 || HasNothing(reader),
            RespType.Integer => reader.ReadInt64() < keys, // EXISTS, STRLEN; the TTL of a missing key is -2
            RespType.SimpleString => reader.Span.SequenceEqual("none"u8), // TYPE
            RespType.BulkString or RespType.VerbatimString => reader.Span.IsEmpty,
            RespType.Boolean => !reader.ReadBoolean(),
            _ => false,
        };
        return inner.Parse(ref reader);
    }

    internal override bool TryTake(ReadOnlySpan<byte> frame, FrameBuffer buffer, out T result) => inner.TryTake(frame, buffer, out result);

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
