// How long a command is on the wire.
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Connections;

internal readonly struct CommandLength(params RedisValue[] words)
{
    public int OnTheWire
    {
        get
        {
            System.Buffers.ArrayBufferWriter<byte> writer = new();
            RespWriter.WriteCommand(writer, words);
            return writer.WrittenCount;
        }
    }
}
