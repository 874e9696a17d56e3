// The writer's bytes, and what it refuses to write.
using System.Buffers;
using System.Numerics;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Protocol;

public sealed class RespWriterTests
{
    [Fact]
    public void ACommandIsAnArrayOfBulkStrings()
    {
        Assert.Equal("*3\r\n$3\r\nSET\r\n$2\r\nÄ\r\n$3\r\n-15\r\n", Written(static w => RespWriter.WriteCommand(w, "SET", "Ä", -15)));
        Assert.Equal("*2\r\n$1\r\nX\r\n$0\r\n\r\n", Written(static w => RespWriter.WriteCommand(w, "X", RedisValue.Null)));
    }

    [Fact]
    public void EveryTypeHasItsForm() =>
        Assert.Equal(
            "+OK\r\n-ERR x\r\n:-5\r\n$1\r\na\r\n$-1\r\n$-1\r\n*-1\r\n_\r\n,1.5\r\n,inf\r\n#t\r\n#f\r\n!3\r\nERR\r\n=5\r\ntxt:a\r\n(12345678901234567890\r\n"
            + "*1\r\n%2\r\n~3\r\n|4\r\n>5\r\n*?\r\n~?\r\n%?\r\n.\r\n$?\r\n;2\r\nab\r\n;0\r\n",
            Written(static w =>
            {
                RespWriter.WriteSimpleString(w, "OK");
                RespWriter.WriteError(w, "ERR x");
                RespWriter.WriteInteger(w, -5);
                RespWriter.WriteBulkString(w, "a");
                RespWriter.WriteBulkString(w, RedisValue.Null);
                RespWriter.WriteNullBulkString(w);
                RespWriter.WriteNullArray(w);
                RespWriter.WriteNull(w);
                RespWriter.WriteDouble(w, 1.5);
                RespWriter.WriteDouble(w, double.PositiveInfinity);
                RespWriter.WriteBoolean(w, true);
                RespWriter.WriteBoolean(w, false);
                RespWriter.WriteBlobError(w, "ERR");
                RespWriter.WriteVerbatimString(w, "txt", "a");
                RespWriter.WriteBigNumber(w, BigInteger.Parse("12345678901234567890", System.Globalization.CultureInfo.InvariantCulture));
                RespWriter.WriteArrayHeader(w, 1);
                RespWriter.WriteMapHeader(w, 2);
                RespWriter.WriteSetHeader(w, 3);
                RespWriter.WriteAttributeHeader(w, 4);
                RespWriter.WritePushHeader(w, 5);
                RespWriter.WriteStreamHeader(w, RespType.Array);
                RespWriter.WriteStreamHeader(w, RespType.Set);
                RespWriter.WriteStreamHeader(w, RespType.Map);
                RespWriter.WriteStreamEnd(w);
                RespWriter.WriteChunkHeader(w);
                RespWriter.WriteChunk(w, "ab"u8);
                RespWriter.WriteChunk(w, []);
                RespWriter.WriteChunkEnd(w);
            }));

    [Fact]
    public void WhatWouldBreakTheProtocolIsRefused()
    {
        var writer = new ArrayBufferWriter<byte>();
        Assert.Throws<ArgumentException>(() => RespWriter.WriteSimpleString(writer, "a\nb"));
        Assert.Throws<ArgumentException>(() => RespWriter.WriteError(writer, "a\r"));
        Assert.Throws<ArgumentException>(() => RespWriter.WriteVerbatimString(writer, "text", "a"));
        Assert.Throws<ArgumentException>(() => RespWriter.WriteVerbatimString(writer, "tä!", "a"));
        Assert.Throws<ArgumentOutOfRangeException>(() => RespWriter.WriteArrayHeader(writer, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => RespWriter.WriteStreamHeader(writer, RespType.Push));
        Assert.Equal(0, writer.WrittenCount);
    }

    private static string Written(Action<ArrayBufferWriter<byte>> write)
    {
        var writer = new ArrayBufferWriter<byte>();
        write(writer);
        return System.Text.Encoding.UTF8.GetString(writer.WrittenSpan);
    }
}
