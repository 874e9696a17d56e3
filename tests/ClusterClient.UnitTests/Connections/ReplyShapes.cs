// Replies of every type, each with what a caller has to see of it.
using System.Text;
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Connections;

/// <param name="Name">For the report.</param>
/// <param name="Wire">Its bytes, one for each character.</param>
/// <param name="Check">Sends a command whose answer they are, and checks it.</param>
internal sealed record ReplyShape(string Name, string Wire, Func<ICommandExecutor, Task> Check)
{
    private static readonly string _blob = string.Concat(Enumerable.Range(0, 300).Select(static i => (char)(i % 256)));

    public byte[] Bytes => Encoding.Latin1.GetBytes(Wire);

    public override string ToString() => Name;

    public static IReadOnlyList<ReplyShape> All { get; } =
    [
        new("simple string", "+OK\r\n", static async redis => Assert.True(await redis.StringSetAsync("k", "v"))),
        new("empty simple string", "+\r\n", Tree(RespType.SimpleString, static v => Assert.Equal("", v.AsString()))),
        new("integer", ":1234567890123\r\n", static async redis => Assert.Equal(1234567890123, await redis.StringIncrementAsync("k"))),
        new("negative integer", ":-9223372036854775808\r\n", static async redis => Assert.Equal(long.MinValue, await redis.StringIncrementAsync("k"))),
        new("bulk string", "$5\r\nhello\r\n", static async redis => Assert.Equal("hello", (string?)await redis.StringGetAsync("k"))),
        new("bulk string into a lease", $"$300\r\n{_blob}\r\n", static async redis =>
        {
            using Lease lease = await redis.StringGetLeaseAsync("k");
            Assert.Equal(_blob, Encoding.Latin1.GetString(lease.Span));
        }),
        new("bulk string into text", "$5\r\nh\xC3\xA9\r\n\r\n", static async redis => Assert.Equal("hé\r\n", await redis.StringGetTextAsync("k"))),
        new("bulk string into a number", "$2\r\n42\r\n", static async redis => Assert.Equal(42, await redis.StringGetAsync<int>("k"))),
        new("empty bulk string", "$0\r\n\r\n", static async redis => Assert.Equal("", (string?)await redis.StringGetAsync("k"))),
        new("line ends inside a bulk string", "$8\r\n\r\n+OK\r\n\n\r\n", static async redis => Assert.Equal("\r\n+OK\r\n\n", (string?)await redis.StringGetAsync("k"))),
        new("RESP2 null string", "$-1\r\n", static async redis => Assert.True((await redis.StringGetAsync("k")).IsNull)),
        new("RESP3 null", "_\r\n", static async redis => Assert.Null(await redis.StringGetAsync<long>("k"))),
        new("RESP2 null array", "*-1\r\n", Tree(RespType.Array, static v => Assert.True(v.IsNull))),
        new("double", ",3.25\r\n", Tree(RespType.Double, static v => Assert.Equal(3.25, v.AsDouble()))),
        new("infinity", ",-inf\r\n", Tree(RespType.Double, static v => Assert.Equal(double.NegativeInfinity, v.AsDouble()))),
        new("not a number", ",nan\r\n", Tree(RespType.Double, static v => Assert.True(double.IsNaN(v.AsDouble())))),
        new("boolean", "#t\r\n", Tree(RespType.Boolean, static v => Assert.True(v.AsBoolean()))),
        new("big number", "(3492890328409238509324850943850943825024385\r\n", Tree(RespType.BigNumber, static v => Assert.Equal("3492890328409238509324850943850943825024385", v.AsString()))),
        new("verbatim string", "=15\r\ntxt:Some string\r\n", Tree(RespType.VerbatimString, static v => Assert.Equal("Some string", v.AsString()))),
        new("array", "*3\r\n$1\r\na\r\n$-1\r\n:3\r\n", static async redis => Assert.Equal([(RedisValue)"a", RedisValue.Null, 3], await redis.StringGetAsync(["x", "y", "z"]))),
        new("empty array", "*0\r\n", Tree(RespType.Array, static v => Assert.Equal(0, v.Count))),
        new("nested arrays", "*2\r\n*2\r\n:1\r\n*1\r\n+a\r\n$3\r\nend\r\n", Tree(RespType.Array, static v => Assert.Equal("a", v[0][1][0].AsString()))),
        new("map", "%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n", Tree(RespType.Map, static v => Assert.Equal(2, v["b"][0].AsInt64()))),
        new("set", "~2\r\n+a\r\n+b\r\n", Tree(RespType.Set, static v => Assert.Equal(2, v.Count))),
        new("attribute before a value", "|1\r\n+ttl\r\n:9\r\n$1\r\nv\r\n", static async redis => Assert.Equal("v", (string?)await redis.StringGetAsync("k"))),
        new("push before a value", ">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n$1\r\nv\r\n", static async redis => Assert.Equal("v", (string?)await redis.StringGetAsync("k"))),
        new("streamed string", "$?\r\n;4\r\nHell\r\n;5\r\no wor\r\n;2\r\nld\r\n;0\r\n", Tree(RespType.BulkString, static v => Assert.Equal("Hello world", v.AsString()))),
        new("streamed array", "*?\r\n:1\r\n*?\r\n.\r\n:3\r\n.\r\n", Tree(RespType.Array, static v => Assert.Equal(3, v[2].AsInt64()))),
        new("streamed map", "%?\r\n+a\r\n:1\r\n+b\r\n:2\r\n.\r\n", Tree(RespType.Map, static v => Assert.Equal(2, v["b"].AsInt64()))),
        new("error", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", Refused("WRONGTYPE Operation against a key holding the wrong kind of value")),
        new("error of one word", "-OOM\r\n", Refused("OOM")),
        new("blob error", "!22\r\nSYNTAX invalid\r\nsyntax\r\n", Refused("SYNTAX invalid\r\nsyntax")),
        new("error behind an attribute", "|1\r\n+x\r\n+y\r\n-ERR no\r\n", Refused("ERR no")),
        new("error inside an array", "*2\r\n-ERR inner\r\n:1\r\n", Tree(RespType.Array, static v => Assert.True(v[0].IsError && v[1].AsInt64() == 1))),
    ];

    private static Func<ICommandExecutor, Task> Tree(RespType type, Action<RespValue> check) => async redis =>
    {
        RespValue value = await redis.ExecuteAsync("ECHO", "x");
        Assert.Equal(type, value.Type);
        check(value);
    };

    private static Func<ICommandExecutor, Task> Refused(string line) => async redis =>
    {
        RedisServerException refusal = await Until.FailsAsync<RedisServerException, RedisValue>(redis.StringGetAsync("k"));
        Assert.Equal(line, refusal.ServerMessage);
        Assert.Equal(Outcome.Rejected, refusal.Outcome);
        Assert.Equal("GET", refusal.CommandName);
    };
}
