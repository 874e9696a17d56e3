// Which replies of a replica say that there is nothing, so that a session asks the master.
using System.Text;
using ClusterClient.Protocol;
using ClusterClient.Routing.Freshness;

namespace ClusterClient.UnitTests.Routing.Freshness;

public class EmptyReplyTests
{
    [Theory]
    [InlineData("$-1\r\n", 1, true)]
    [InlineData("_\r\n", 1, true)]
    [InlineData("$0\r\n\r\n", 1, true)]
    [InlineData("$1\r\nv\r\n", 1, false)]
    [InlineData(":0\r\n", 1, true)]
    [InlineData(":-2\r\n", 1, true)]
    [InlineData(":1\r\n", 1, false)]
    [InlineData(":1\r\n", 2, true)]
    [InlineData(":2\r\n", 2, false)]
    [InlineData("+none\r\n", 1, true)]
    [InlineData("+string\r\n", 1, false)]
    [InlineData("*0\r\n", 1, true)]
    [InlineData("%0\r\n", 1, true)]
    [InlineData("~1\r\n+a\r\n", 1, false)]
    [InlineData("*2\r\n$1\r\na\r\n_\r\n", 2, true)]
    [InlineData("*2\r\n:0\r\n:0\r\n", 1, true)]
    [InlineData("*2\r\n:0\r\n:1\r\n", 1, false)]
    [InlineData("*1\r\n:-2\r\n", 1, true)]
    [InlineData("*1\r\n*1\r\n:0\r\n", 1, false)]
    [InlineData("#f\r\n", 1, true)]
    [InlineData("#t\r\n", 1, false)]
    public void Says_whether_there_is_nothing(string frame, int keys, bool isEmpty)
    {
        EmptyReply<RespType> reply = new(new TypeReply(), keys);
        RespReader reader = new(Encoding.ASCII.GetBytes(frame));
        reader.Read();
        RespType type = reply.Parse(ref reader);
        Assert.Equal((isEmpty, true), (reply.WasEmpty, type != RespType.None));
    }

    private sealed class TypeReply : ReplyParser<RespType>
    {
        public override RespType Parse(ref RespReader reader) => reader.Type;
    }
}
