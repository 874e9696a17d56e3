// Writes a reply tree back as the bytes of a reply, so that what was joined out of several replies can be read like any other.
using System.Buffers;

namespace ClusterClient.Protocol;

/// <summary>Attributes are left out, and strings come out as bulk strings; to a reader of replies both are the same.</summary>
internal static class RespTreeWriter
{
    internal static void Write(IBufferWriter<byte> writer, in RespValue value)
    {
        if (value.IsAggregate)
        {
            int count = value.Count;
            switch (value.Type)
            {
                case RespType.Map: RespWriter.WriteMapHeader(writer, count / 2); break;
                case RespType.Set: RespWriter.WriteSetHeader(writer, count); break;
                default: RespWriter.WriteArrayHeader(writer, count); break;
            }

            foreach (RespValue item in value.Items) Write(writer, item);
            return;
        }

        if (value.IsNull) RespWriter.WriteNull(writer);
        else if (value.IsError) RespWriter.WriteBlobError(writer, value.AsBytes());
        else if (value.Type == RespType.Integer) RespWriter.WriteInteger(writer, value.AsInt64());
        else if (value.Type == RespType.Boolean) RespWriter.WriteBoolean(writer, value.AsBoolean());
        else if (value.Type == RespType.Double) RespWriter.WriteDouble(writer, value.AsDouble());
        else if (value.Type == RespType.SimpleString) RespWriter.WriteSimpleString(writer, value.AsString()!);
        else RespWriter.WriteBulkString(writer, value.AsRedisValue());
    }

    /// <summary>Reads a joined tree as a caller wants it.</summary>
    /// <exception cref="UnexpectedReplyException">It cannot be read so.</exception>
    internal static T Read<T>(in RespValue value, ReplyParser<T> parser, CommandInfo command)
    {
        if (value is T tree) return tree;
        try
        {
            ArrayBufferWriter<byte> bytes = new();
            Write(bytes, value);
            RespReader reader = new(bytes.WrittenSpan);
            reader.Read();
            return parser.Parse(ref reader);
        }
        catch (Exception failure)
        {
            throw new UnexpectedReplyException($"The joined replies to {command.Name} cannot be read as {UnexpectedReplyException.NameOf(typeof(T))}: {failure.Message}", failure) { CommandName = command.Name };
        }
    }
}
