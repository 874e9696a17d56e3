// Replies as they come on the wire, one of each shape that clients meet often.
using System.Buffers;
using ClusterClient.Protocol;

namespace ClusterClient.Bench.Micro;

/// <summary>A reply with a name for the table.</summary>
public sealed class ReplyShape
{
    private readonly string _name;

    private ReplyShape(string name, Action<IBufferWriter<byte>> write)
    {
        _name = name;
        var writer = new ArrayBufferWriter<byte>();
        write(writer);
        Bytes = writer.WrittenSpan.ToArray();
    }

    public byte[] Bytes { get; }

    public static IEnumerable<ReplyShape> All =>
    [
        new("OK", writer => RespWriter.WriteSimpleString(writer, "OK")),
        new("integer", writer => RespWriter.WriteInteger(writer, 1234567)),
        new("null", RespWriter.WriteNull),
        new("error", writer => RespWriter.WriteError(writer, "MOVED 12182 127.0.0.1:7002")),
        new("double", writer => RespWriter.WriteDouble(writer, 3.25)),
        new("bulk 32 B", writer => RespWriter.WriteBulkString(writer, new byte[32])),
        new("bulk 4 KiB", writer => RespWriter.WriteBulkString(writer, new byte[4 << 10])),
        new("bulk 1 MiB", writer => RespWriter.WriteBulkString(writer, new byte[1 << 20])),
        new("array of 100", writer => WriteBulks(writer, 100)),
        new("map of 10", WriteMap),
    ];

    public override string ToString() => _name;

    private static void WriteBulks(IBufferWriter<byte> writer, int count)
    {
        RespWriter.WriteArrayHeader(writer, count);
        for (int i = 0; i < count; i++) RespWriter.WriteBulkString(writer, new byte[32]);
    }

    private static void WriteMap(IBufferWriter<byte> writer)
    {
        RespWriter.WriteMapHeader(writer, 10);
        for (int i = 0; i < 10; i++)
        {
            RespWriter.WriteBulkString(writer, "field");
            RespWriter.WriteInteger(writer, i);
        }
    }
}
