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
            RespType.Array or RespType.Map or RespType.Set => reader.Count == 0 || HasNull(reader),
            RespType.Integer => reader.ReadInt64() < keys, // EXISTS, STRLEN; the TTL of a missing key is -2
            RespType.SimpleString => reader.Span.SequenceEqual("none"u8), // TYPE
            RespType.BulkString or RespType.VerbatimString => reader.Span.IsEmpty,
            _ => false,
        };
        return inner.Parse(ref reader);
    }

    internal override bool TryTake(ReadOnlySpan<byte> frame, FrameBuffer buffer, out T result) => inner.TryTake(frame, buffer, out result);

    // MGET, HMGET and the like answer a list of nulls for what is not there; one missing key of several is enough to ask.
    private static bool HasNull(RespReader reader)
    {
        for (int left = reader.Count; left > 0 && reader.Read(); left--)
        {
            if (reader.IsNull) return true;
            reader.SkipChildren();
        }

        return false;
    }
}
