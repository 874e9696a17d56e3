// Runs a reply parser over bytes the way a connection does.
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Topology.Support;

internal static class Reply
{
    public static T Parse<T>(ReplyParser<T> parser, byte[] bytes)
    {
        var reader = new RespReader(bytes);
        Assert.True(reader.Read());
        if (reader.IsError) throw new RedisServerException(reader.ReadString()!);
        return parser.Parse(ref reader);
    }

    public static T Parse<T>(ReplyParser<T> parser, string resp) => Parse(parser, Encoding.UTF8.GetBytes(resp.ReplaceLineEndings("\r\n")));

    /// <summary>A bulk string on the wire.</summary>
    public static string Bulk(string? text) => text is null ? "$-1\r\n" : $"${Encoding.UTF8.GetByteCount(text)}\r\n{text}\r\n";
}
