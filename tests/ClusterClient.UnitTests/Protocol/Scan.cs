// Shorthand for tests: text to frames, frames to trees.
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Protocol;

internal static class Scan
{
    internal static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    // The frame's length, or -1 when it is not complete.
    internal static int Length(ReadOnlySpan<byte> bytes, RespLimits? limits = null)
    {
        var scanner = new RespFrameScanner(limits ?? RespLimits.Default);
        return scanner.TryScan(bytes, out int length) ? length : -1;
    }

    internal static string Failure(string text, RespLimits? limits = null) =>
        Assert.Throws<RedisProtocolException>(() => Length(Bytes(text), limits)).Message;

    internal static RespValue Tree(string text) => Tree(Bytes(text));

    internal static RespValue Tree(ReadOnlySpan<byte> bytes)
    {
        var reader = new RespReader(bytes);
        Assert.True(reader.Read());
        return reader.ReadTree();
    }
}
