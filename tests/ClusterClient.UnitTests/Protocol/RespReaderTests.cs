// Walking over replies: conversions of every type, skipping, attributes, streams, and what is refused how.
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Protocol;

public sealed class RespReaderTests
{
    private delegate T Conversion<out T>(ref RespReader reader);

    [Theory]
    [InlineData(":5\r\n", 5L)]
    [InlineData(":-9223372036854775808\r\n", long.MinValue)]
    [InlineData(":+5\r\n", 5L)]
    [InlineData(":0000000000000000000000005\r\n", 5L)]
    [InlineData("$1\r\n5\r\n", 5L)]
    [InlineData("+5\r\n", 5L)]
    [InlineData("(5\r\n", 5L)]
    [InlineData("=5\r\ntxt:5\r\n", 5L)]
    [InlineData("#t\r\n", 1L)]
    [InlineData("#f\r\n", 0L)]
    [InlineData(",5\r\n", 5L)]
    [InlineData(",5.0\r\n", 5L)]
    [InlineData("$?\r\n;1\r\n1\r\n;1\r\n2\r\n;0\r\n", 12L)]
    public void IntegersAreReadFromEveryTypeThatHasOne(string frame, long expected)
    {
        Assert.Equal(expected, Convert(frame, static (ref r) => r.ReadInt64()));
        Assert.Equal(expected, Scan.Tree(frame).AsInt64());
        Assert.Equal(expected, (long)Scan.Tree(frame));
    }

    [Theory]
    [InlineData(",1.5\r\n", 1.5)]
    [InlineData(",inf\r\n", double.PositiveInfinity)]
    [InlineData(",-inf\r\n", double.NegativeInfinity)]
    [InlineData(",nan\r\n", double.NaN)]
    [InlineData(":5\r\n", 5.0)]
    [InlineData("$3\r\n1.5\r\n", 1.5)]
    [InlineData("$3\r\ninf\r\n", double.PositiveInfinity)]
    [InlineData("+1e3\r\n", 1000.0)]
    [InlineData("(5\r\n", 5.0)]
    public void DoublesAreReadFromEveryTypeThatHasOne(string frame, double expected)
    {
        Assert.Equal(expected, Convert(frame, static (ref r) => r.ReadDouble()));
        Assert.Equal(expected, Scan.Tree(frame).AsDouble());
        Assert.Equal(expected, (double)Scan.Tree(frame));
    }

    [Theory]
    [InlineData("#t\r\n", true)]
    [InlineData("#f\r\n", false)]
    [InlineData(":1\r\n", true)]
    [InlineData(":0\r\n", false)]
    [InlineData("$1\r\n1\r\n", true)]
    [InlineData("+0\r\n", false)]
    public void TruthValuesAreReadFromEveryTypeThatHasOne(string frame, bool expected)
    {
        Assert.Equal(expected, Convert(frame, static (ref r) => r.ReadBoolean()));
        Assert.Equal(expected, Scan.Tree(frame).AsBoolean());
        Assert.Equal(expected, (bool)Scan.Tree(frame));
    }

    [Theory]
    [InlineData("+OK\r\n", "OK")]
    [InlineData("$2\r\nhi\r\n", "hi")]
    [InlineData("$0\r\n\r\n", "")]
    [InlineData("=6\r\ntxt:hi\r\n", "hi")]
    [InlineData("=4\r\nmkd:\r\n", "")]
    [InlineData(":5\r\n", "5")]
    [InlineData(":-12345\r\n", "-12345")]
    [InlineData(",1.5\r\n", "1.5")]
    [InlineData("#t\r\n", "1")]
    [InlineData("(12345678901234567890123\r\n", "12345678901234567890123")]
    [InlineData("$?\r\n;1\r\na\r\n;2\r\nbc\r\n;0\r\n", "abc")]
    [InlineData("$-1\r\n", null)]
    [InlineData("*-1\r\n", null)]
    [InlineData("_\r\n", null)]
    public void EveryScalarIsTextBytesAndAValue(string frame, string? expected)
    {
        Assert.Equal(expected, Convert(frame, static (ref r) => r.ReadString()));
        Assert.Equal(expected, (string?)Convert(frame, static (ref r) => r.ReadValue()));
        Assert.Equal(expected, Convert(frame, static (ref r) => r.ReadBytes()) is { } bytes ? Encoding.UTF8.GetString(bytes) : null);
        RespValue tree = Scan.Tree(frame);
        Assert.Equal(expected, tree.AsString());
        Assert.Equal(expected, (string?)tree);
        Assert.Equal(expected, (string?)(RedisValue)tree);
        Assert.Equal(expected, (byte[]?)tree is { } same ? Encoding.UTF8.GetString(same) : null);
        Assert.Equal(expected is null, tree.IsNull);
    }

    [Theory]
    [InlineData("-ERR my words\r\n")]
    [InlineData("!12\r\nERR my words\r\n")]
    public void AnErrorIsTextButNothingElse(string frame)
    {
        Assert.Equal("ERR my words", Convert(frame, static (ref r) => r.ReadString()));
        Assert.Equal("ERR my words", Encoding.UTF8.GetString(Convert(frame, static (ref r) => r.ReadBytes())!));
        Assert.Equal("ERR my words", Scan.Tree(frame).AsString());
        Assert.True(Scan.Tree(frame).IsError && Convert(frame, static (ref r) => r.IsError));
        AssertUnexpected(frame, "ERR my words", text: false);
    }

    [Theory]
    [InlineData("$3\r\nabc\r\n", "abc")]
    [InlineData("$0\r\n\r\n", "")]
    [InlineData("+1.5x\r\n", "1.5x")]
    public void TextThatIsNoNumberIsUnexpectedAndNotShown(string frame, string content)
    {
        foreach (UnexpectedReplyException failure in Refusals(frame, text: false, value: false))
        {
            Assert.True(content.Length == 0 || !failure.Message.Contains(content, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("$-1\r\n")]
    [InlineData("_\r\n")]
    [InlineData("*-1\r\n")]
    public void NullIsNoNumber(string frame)
    {
        foreach (UnexpectedReplyException failure in Refusals(frame, text: false, value: false))
        {
            Assert.Contains("null", failure.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("*1\r\n:1\r\n")]
    [InlineData("*0\r\n")]
    [InlineData("%1\r\n:1\r\n:1\r\n")]
    [InlineData("~0\r\n")]
    [InlineData(">1\r\n:1\r\n")]
    public void AnAggregateIsNoScalar(string frame) => AssertUnexpected(frame, "of type", text: true);

    [Fact]
    public void NumbersThatDoNotFitAreUnexpected()
    {
        Assert.Throws<UnexpectedReplyException>(() => Convert("$19\r\n9223372036854775808\r\n", static (ref r) => r.ReadInt64()));
        Assert.Throws<UnexpectedReplyException>(() => Convert("(9223372036854775808\r\n", static (ref r) => r.ReadInt64()));
        Assert.Throws<UnexpectedReplyException>(() => Convert(",1e300\r\n", static (ref r) => r.ReadInt64()));
        Assert.Throws<UnexpectedReplyException>(() => Convert(",1.5\r\n", static (ref r) => r.ReadInt64()));
        Assert.Throws<UnexpectedReplyException>(() => Convert(":2\r\n", static (ref r) => r.ReadBoolean()));
        Assert.Throws<UnexpectedReplyException>(() => Convert("#t\r\n", static (ref r) => r.ReadDouble()));
        Assert.Throws<UnexpectedReplyException>(() => Scan.Tree(",1e300\r\n").AsInt64());
    }

    [Fact]
    public void ValuesKeepTheBytesTheyCameAs()
    {
        foreach (string text in new[] { "5", "-5", "05", "-0", "+5", "5.0", "1e3", "", "-", "99999999999999999999", "\r\n" })
        {
            RedisValue value = Convert($"${text.Length}\r\n{text}\r\n", static (ref r) => r.ReadValue());
            Assert.Equal(text, value.ToString());
            Assert.Equal((RedisValue)text, value);
        }
    }

    [Fact]
    public void ChildrenFollowDepthFirstAndCanBeSkipped()
    {
        var reader = new RespReader("*3\r\n*2\r\n:1\r\n:2\r\n%?\r\n+k\r\n*?\r\n:3\r\n.\r\n.\r\n+end\r\n:9\r\n"u8);
        Assert.True(reader.Read() && reader.IsAggregate && reader.Count == 3);
        Assert.True(reader.Read() && reader.Count == 2);
        reader.SkipChildren();
        Assert.Equal(0, reader.Count);
        Assert.True(reader.Read());
        Assert.Equal((RespType.Map, 2), (reader.Type, reader.Count));
        reader.SkipChildren();
        Assert.True(reader.Read());
        Assert.Equal("end", reader.ReadString());
        reader.SkipChildren();
        Assert.True(reader.Read());
        Assert.Equal(9, reader.ReadInt64());
        Assert.False(reader.Read());
        Assert.Equal(RespType.None, reader.Type);
        Assert.False(reader.Skip());
    }

    [Fact]
    public void AttributesArePassedOverAndCanBeRead()
    {
        var reader = new RespReader("*2\r\n|1\r\n+ttl\r\n:60\r\n|1\r\n$1\r\nx\r\n*?\r\n:1\r\n.\r\n:5\r\n:6\r\n"u8);
        Assert.True(reader.Read() && !reader.HasAttributes);
        Assert.Null(reader.ReadAttributes());
        Assert.True(reader.Read() && reader.HasAttributes);
        Assert.Equal(5, reader.ReadInt64());
        RespValue attributes = reader.ReadAttributes()!.Value;
        Assert.Equal(4, attributes.Count);
        Assert.Equal(60, attributes["ttl"].AsInt64());
        Assert.Equal(1, attributes["x"][0].AsInt64());
        Assert.Equal(60, reader.ReadTree().Attributes!.Value["ttl"].AsInt64());
        Assert.True(reader.Read() && !reader.HasAttributes);
        Assert.Equal(6, reader.ReadInt64());
        Assert.Null(reader.ReadTree().Attributes);
        Assert.False(reader.Read());
    }

    [Fact]
    public void AnAttributeWithoutAnElementIsMalformed() =>
        Assert.Throws<RedisProtocolException>(() => Convert("|1\r\n+a\r\n:1\r\n", static (ref r) => r.Count));

    [Fact]
    public void AVerbatimStringHasItsFormatApart()
    {
        Assert.Equal("mkd", Convert("=6\r\nmkd:hi\r\n", static (ref r) => r.VerbatimFormat));
        Assert.Equal("mkd", Scan.Tree("=6\r\nmkd:hi\r\n").VerbatimFormat);
        Assert.Null(Convert("$6\r\nmkd:hi\r\n", static (ref r) => r.VerbatimFormat));
        Assert.Null(Scan.Tree("$6\r\nmkd:hi\r\n").VerbatimFormat);
    }

    private static T Convert<T>(string frame, Conversion<T> convert)
    {
        var reader = new RespReader(Scan.Bytes(frame));
        Assert.True(reader.Read());
        return convert(ref reader);
    }

    private static void AssertUnexpected(string frame, string words, bool text)
    {
        foreach (UnexpectedReplyException failure in Refusals(frame, text, value: true))
        {
            Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        }
    }

    private static List<UnexpectedReplyException> Refusals(string frame, bool text, bool value)
    {
        RespValue tree = Scan.Tree(frame);
        List<Action> attempts =
        [
            () => Convert(frame, static (ref r) => r.ReadInt64()),
            () => Convert(frame, static (ref r) => r.ReadDouble()),
            () => Convert(frame, static (ref r) => r.ReadBoolean()),
            () => tree.AsInt64(),
            () => tree.AsDouble(),
            () => tree.AsBoolean(),
        ];
        if (value)
        {
            attempts.AddRange([() => Convert(frame, static (ref r) => r.ReadValue()), () => tree.AsRedisValue()]);
        }

        if (text)
        {
            attempts.AddRange(
            [
                () => Convert(frame, static (ref r) => r.ReadString()), () => Convert(frame, static (ref r) => r.ReadBytes()),
                () => tree.AsString(), () => tree.AsBytes(),
            ]);
        }

        return attempts.ConvertAll(Assert.Throws<UnexpectedReplyException>);
    }
}
