// Replies as they come on the wire, one of each shape, small and large.
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

    public static IReadOnlyList<ReplyShape> All { get; } =
    [
        new("OK", writer => RespWriter.WriteSimpleString(writer, "OK")),
        new("error", writer => RespWriter.WriteError(writer, "MOVED 12182 127.0.0.1:7002")),
        new("blob error", writer => RespWriter.WriteBlobError(writer, "MOVED 12182 127.0.0.1:7002")),
        new("integer", writer => RespWriter.WriteInteger(writer, 1234567)),
        new("double", writer => RespWriter.WriteDouble(writer, 3.25)),
        new("boolean", writer => RespWriter.WriteBoolean(writer, true)),
        new("big number", writer => RespWriter.WriteBigNumber(writer, System.Numerics.BigInteger.Pow(10, 40))),
        new("null", RespWriter.WriteNull),
        new("null bulk", RespWriter.WriteNullBulkString),
        new("bulk 32 B", writer => RespWriter.WriteBulkString(writer, new byte[32])),
        new("bulk 4 KiB", writer => RespWriter.WriteBulkString(writer, new byte[4 << 10])),
        new("bulk 1 MiB", writer => RespWriter.WriteBulkString(writer, new byte[1 << 20])),
        new("verbatim", writer => RespWriter.WriteVerbatimString(writer, "txt", "role:master")),
        new("array of 100", writer => WriteBulks(writer, RespWriter.WriteArrayHeader, 100)),
        new("array of 10,000", writer => WriteBulks(writer, RespWriter.WriteArrayHeader, 10_000)),
        new("array in arrays", WriteNested),
        new("set of 100", writer => WriteBulks(writer, RespWriter.WriteSetHeader, 100)),
        new("push of 3", writer => WriteBulks(writer, RespWriter.WritePushHeader, 3)),
        new("map of 10", WriteMap),
    ];

    public override string ToString() => _name;

    private static void WriteBulks(IBufferWriter<byte> writer, Action<IBufferWriter<byte>, int> writeHeader, int count)
    {
        writeHeader(writer, count);
        for (int i = 0; i < count; i++) RespWriter.WriteBulkString(writer, new byte[32]);
    }

    // The shape of CLUSTER SLOTS in a cluster of 10 masters.
    private static void WriteNested(IBufferWriter<byte> writer)
    {
        RespWriter.WriteArrayHeader(writer, 10);
        for (int i = 0; i < 10; i++)
        {
            RespWriter.WriteArrayHeader(writer, 3);
            RespWriter.WriteInteger(writer, i * 1638);
            RespWriter.WriteInteger(writer, (i * 1638) + 1637);
            RespWriter.WriteArrayHeader(writer, 3);
            RespWriter.WriteBulkString(writer, "127.0.0.1");
            RespWriter.WriteInteger(writer, 7000 + i);
            RespWriter.WriteBulkString(writer, new byte[40]);
        }
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
