// No bytes that a server could send make a parser fail in any way but the two it states.
using ClusterClient.Protocol;
using ClusterClient.Topology.Replies;
using ClusterClient.UnitTests.Topology.Support;
using FsCheck;
using FsCheck.Fluent;

namespace ClusterClient.UnitTests.Topology;

public class HostileReplyTests
{
    private static readonly (string Server, string Name)[] _replies =
        [.. CapturedReplies.All.SelectMany(server => CapturedReplies.Names(server).Select(name => (server, name)))];

    [Fact]
    public void Every_captured_reply_parses()
    {
        foreach ((string server, string name) in _replies.Where(reply => !reply.Name.StartsWith("standalone", StringComparison.Ordinal)))
        {
            Parse(name, CapturedReplies.Get(server, name));
        }
    }

    [Fact]
    public void A_damaged_reply_ends_with_a_stated_exception()
    {
        Gen<(int Reply, int Place, byte Value)> damage =
            from reply in Gen.Choose(0, _replies.Length - 1)
            from place in Gen.Choose(0, 1 << 20)
            from value in Gen.OneOf(Gen.Choose(0, 255), Gen.Elements("0123456789:*$%-+\r\n@, ".Select(c => (int)c)))
            select (reply, place, (byte)value);
        Prop.ForAll(damage.ArrayOf(3).ToArbitrary(), hits =>
        {
            (string server, string name) = _replies[hits.Length == 0 ? 0 : hits[0].Reply];
            byte[] bytes = [.. CapturedReplies.Get(server, name)];
            foreach ((int _, int place, byte value) in hits) bytes[place % bytes.Length] = value;
            try
            {
                Parse(name, bytes);
            }
            catch (Exception error) when (error is UnexpectedReplyException or RedisProtocolException or RedisServerException)
            {
                return !error.Message.Contains('\r', StringComparison.Ordinal) || error is not UnexpectedReplyException;
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    private static void Parse(string name, byte[] bytes)
    {
        string command = name.Split('.')[1];
        _ = command switch
        {
            "slots" => (object)ParseOrError(ClusterSlotsParser.Instance, bytes),
            "nodes" => ParseOrError(ClusterNodesParser.Instance, bytes),
            "shards" => ParseOrError(ClusterShardsParser.Instance, bytes),
            "hello" => ParseOrError(HelloParser.Instance, bytes),
            "role" => ParseOrError(RoleParser.Instance, bytes),
            _ => ParseOrError(InfoParser.Instance, bytes),
        };
    }

    private static T ParseOrError<T>(ReplyParser<T> parser, byte[] bytes)
    {
        var reader = new RespReader(bytes);
        if (!reader.Read() || reader.IsError) throw new RedisServerException("an error");
        return parser.Parse(ref reader);
    }
}
