// Reply trees: access by index and key, and how they look.
namespace ClusterClient.UnitTests.Protocol;

public sealed class RespValueTests
{
    [Theory]
    [InlineData("%2\r\n+name\r\n$3\r\nAda\r\n$3\r\nage\r\n:36\r\n")]
    [InlineData("*4\r\n$4\r\nname\r\n$3\r\nAda\r\n$3\r\nage\r\n$2\r\n36\r\n")]
    [InlineData("*5\r\n+name\r\n+Ada\r\n+age\r\n:36\r\n+odd\r\n")]
    [InlineData("%4\r\n*1\r\n+name\r\n:1\r\n-name\r\n:1\r\n+name\r\n+Ada\r\n+age\r\n:36\r\n")]
    public void MapsAndFlatArraysAreAskedByKey(string frame)
    {
        RespValue reply = Scan.Tree(frame);
        Assert.Equal("Ada", reply["name"].AsString());
        Assert.True(reply.TryGet("age", out RespValue age));
        Assert.Equal(36, age.AsInt64());
        Assert.False(reply.TryGet("odd", out RespValue none));
        Assert.True(none.IsNull);
        Assert.Contains("\"odd\"", Assert.Throws<KeyNotFoundException>(() => reply["odd"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AScalarHasNoFieldsAndNoItems()
    {
        RespValue reply = Scan.Tree(":1\r\n");
        Assert.False(reply.TryGet("a", out _) || reply.IsAggregate);
        Assert.Equal(0, reply.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => reply[0]);
    }

    [Fact]
    public void ItemsAreAskedByIndex()
    {
        RespValue reply = Scan.Tree("*2\r\n:1\r\n*1\r\n:2\r\n");
        Assert.Equal(2, reply[1][0].AsInt64());
        Assert.Equal(2, reply.Items.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => reply[2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => reply[-1]);
    }

    [Fact]
    public void TheDefaultIsNull()
    {
        RespValue reply = default;
        Assert.True(reply.IsNull && !reply.IsError && !reply.IsAggregate && reply.Attributes is null && reply.AsString() is null);
        Assert.Equal("(nil)", reply.ToString());
    }

    [Fact]
    public void RepliesLookAsInRedisCli() =>
        Assert.Equal(
            """
             1) "a\x00b"
             2) (integer) 5
             3) (nil)
             4) 1) OK
                2) (error) ERR x
             5) 1# "k" => 1) (double) 1.5
                          2) (true)
                2# "n" => (empty map)
             6) 1~ (big number) 12
                2~ text
             7) (empty array)
             8) ""
             9) (false)
            10) (double) -inf
            """,
            Scan.Tree(
                "*10\r\n$3\r\na\0b\r\n:5\r\n_\r\n*2\r\n+OK\r\n-ERR x\r\n%2\r\n$1\r\nk\r\n*2\r\n,1.5\r\n#t\r\n$1\r\nn\r\n%0\r\n"
                + "~2\r\n(12\r\n=8\r\ntxt:text\r\n*0\r\n$0\r\n\r\n#f\r\n,-inf\r\n").ToString());
}
