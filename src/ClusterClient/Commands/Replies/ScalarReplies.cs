// Replies that are one number, truth value or text.
using ClusterClient.Protocol;

namespace ClusterClient.Commands;

internal sealed class Int64Reply : ReplyParser<long>
{
    public override long Parse(ref RespReader reader) => reader.ReadInt64();
}

internal sealed class NullableInt64Reply : ReplyParser<long?>
{
    public override long? Parse(ref RespReader reader) => reader.IsNull ? null : reader.ReadInt64();
}

internal sealed class DoubleReply : ReplyParser<double>
{
    public override double Parse(ref RespReader reader) => reader.ReadDouble();
}

internal sealed class NullableDoubleReply : ReplyParser<double?>
{
    public override double? Parse(ref RespReader reader) => reader.IsNull ? null : reader.ReadDouble();
}

internal sealed class BooleanReply : ReplyParser<bool>
{
    public override bool Parse(ref RespReader reader) => reader.ReadBoolean();
}

internal sealed class OkReply : ReplyParser<bool>
{
    public override bool Parse(ref RespReader reader)
    {
        if (reader.IsNull) return false;
        return reader.Type is RespType.SimpleString or RespType.BulkString ? true : throw Unexpected.Reply(reader, "OK or null");
    }
}

internal sealed class ValueReply : ReplyParser<RedisValue>
{
    public override RedisValue Parse(ref RespReader reader) => reader.ReadValue();
}

internal sealed class TextReply : ReplyParser<string?>
{
    public override string? Parse(ref RespReader reader) => reader.ReadString();
}

internal sealed class BytesReply : ReplyParser<byte[]?>
{
    public override byte[]? Parse(ref RespReader reader) => reader.ReadBytes();
}

internal sealed class LeaseReply : ReplyParser<Lease>
{
    public override Lease Parse(ref RespReader reader)
    {
        if (reader.IsNull) return Lease.Null;
        if (reader.IsAggregate) throw Unexpected.Reply(reader, "a value");
        return Lease.Copy(reader.Span);
    }

    internal override bool TryTake(ReadOnlySpan<byte> frame, FrameBuffer buffer, out Lease result)
    {
        result = default;

        // A streamed string ("$?") comes in chunks, each with its header.
        if (frame[0] != (byte)RespType.BulkString || frame[1] == (byte)'?') return false;
        int header = frame.IndexOf((byte)'\n') + 1;
        result = Lease.Over(buffer.Take(header, frame.Length - header - 2));
        return true;
    }
}

internal sealed class KeyReply : ReplyParser<RedisKey>
{
    public override RedisKey Parse(ref RespReader reader) => reader.ReadBytes();
}

internal sealed class DelegateReply<T>(ReplyReader<T> read) : ReplyParser<T>
{
    public override T Parse(ref RespReader reader) => read(ref reader);
}
