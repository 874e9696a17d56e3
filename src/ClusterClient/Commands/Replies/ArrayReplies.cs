// Replies that are a flat list.
using ClusterClient.Protocol;

namespace ClusterClient.Commands;

internal abstract class ListReply<T> : ReplyParser<T[]>
{
    public sealed override T[] Parse(ref RespReader reader)
    {
        if (reader.IsNull) return [];
        if (!reader.IsAggregate) throw Unexpected.Reply(reader, "an array");
        if (reader.Count == 0) return [];

        var items = new T[reader.Count];
        for (int i = 0; i < items.Length; i++)
        {
            reader.Read();
            items[i] = ParseItem(ref reader);
        }

        return items;
    }

    protected abstract T ParseItem(ref RespReader reader);
}

internal sealed class ValuesReply : ListReply<RedisValue>
{
    protected override RedisValue ParseItem(ref RespReader reader) => reader.ReadValue();
}

internal sealed class KeysReply : ListReply<RedisKey>
{
    protected override RedisKey ParseItem(ref RespReader reader) => reader.ReadBytes();
}

internal sealed class TextsReply : ListReply<string?>
{
    protected override string? ParseItem(ref RespReader reader) => reader.ReadString();
}

internal sealed class NullableInt64sReply : ListReply<long?>
{
    internal static readonly NullableInt64sReply Instance = new();

    protected override long? ParseItem(ref RespReader reader) => reader.IsNull ? null : reader.ReadInt64();
}
