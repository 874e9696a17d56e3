// Any command by name: found in the table, routed by its keys, refused where the shared connection must not carry it.
using ClusterClient.Protocol;
using static ClusterClient.UnitTests.Commands.Wire;

namespace ClusterClient.UnitTests.Commands;

public sealed class ExecuteTests
{
    [Fact]
    public async Task SendsAnyCommand()
    {
        var redis = new RecordingExecutor("*2\r\n:1\r\n$1\r\nx\r\n");
        RespValue reply = await redis.ExecuteAsync("lrange", "k", 0, -1);
        Assert.Equal(2, reply.Count);
        Assert.Equal(Encode("LRANGE", "k", "0", "-1"), redis.Sent);
        Assert.Equal(0, redis.Info!.Keys.First);
        Assert.True(redis.Info!.Is(CommandFlags.ReadOnly));

        await redis.ExecuteAsync("PING");
        Assert.Equal(Encode("PING"), redis.Sent);
        await redis.ExecuteAsync("MSET", "a", 1, "b", 2, "c", 3);
        Assert.Equal(Encode("MSET", "a", "1", "b", "2", "c", "3"), redis.Sent);
    }

    [Theory]
    [InlineData("OBJECT", "ENCODING")]
    [InlineData("object", "encoding")]
    [InlineData("Object", "Encoding")]
    public async Task FindsSubcommands(string container, string subcommand)
    {
        var redis = new RecordingExecutor("$3\r\nint\r\n");
        await redis.ExecuteAsync(container, subcommand, "user:1");
        Assert.Equal("OBJECT ENCODING", redis.Info!.Name);
        Assert.Equal(Encode("OBJECT", "ENCODING", "user:1"), redis.Sent);
        await redis.ExecuteAsync($"{container} {subcommand}", "user:1");
        Assert.Equal(Encode("OBJECT", "ENCODING", "user:1"), redis.Sent);
    }

    [Fact]
    public async Task TakesAToken()
    {
        using var source = new CancellationTokenSource();
        var redis = new RecordingExecutor(":1\r\n");
        await redis.ExecuteAsync("CLIENT", ["ID"], source.Token);
        Assert.Equal(source.Token, redis.Token);
        Assert.Equal(Encode("CLIENT", "ID"), redis.Sent);
    }

    [Fact]
    public async Task LeavesUnknownCommandsToTheServer()
    {
        var redis = new RecordingExecutor(Ok);
        await redis.ExecuteAsync("my.COMMAND", "a");
        CommandInfo first = redis.Info!;
        Assert.Equal(Encode("MY.COMMAND", "a"), redis.Sent);
        Assert.True(first.Is(CommandFlags.MovableKeys));
        Assert.False(first.Is(CommandFlags.ReadOnly));
        await redis.ExecuteAsync("MY.command", "b");
        Assert.Same(first, redis.Info);
    }

    [Fact]
    public void DoesNotKeepEveryNameEverUsed()
    {
        var commands = new ClusterClient.Commands.UnknownCommands(most: 10);
        for (int i = 0; i < 100; i++)
        {
            Assert.Same(commands.Get($"made.up.{i}"), commands.Get($"MADE.UP.{i}"));
            Assert.InRange(commands.Count, 1, 10);
        }
    }

    [Theory]
    [InlineData("SELECT 1", "connection string")]
    [InlineData("AUTH secret", "CredentialsProvider")]
    [InlineData("HELLO 3", "options")]
    [InlineData("RESET", "others use")]
    [InlineData("QUIT", "Dispose")]
    [InlineData("MULTI", "EVAL")]
    [InlineData("EXEC", "later version")]
    [InlineData("DISCARD", "later version")]
    [InlineData("WATCH k", "later version")]
    [InlineData("UNWATCH", "later version")]
    [InlineData("SUBSCRIBE c", "SubscribeAsync")]
    [InlineData("UNSUBSCRIBE", "SubscribeAsync")]
    [InlineData("PSUBSCRIBE c", "SubscribeAsync")]
    [InlineData("PUNSUBSCRIBE", "SubscribeAsync")]
    [InlineData("SSUBSCRIBE c", "SubscribeAsync")]
    [InlineData("SUNSUBSCRIBE", "SubscribeAsync")]
    [InlineData("MONITOR", "redis-cli")]
    [InlineData("SYNC", "redis-cli")]
    [InlineData("PSYNC ? -1", "redis-cli")]
    [InlineData("REPLCONF ACK 1", "redis-cli")]
    [InlineData("CLIENT REPLY OFF", "reply would go to the wrong")]
    [InlineData("client tracking ON", "Client-side caching")]
    [InlineData("CLIENT CACHING YES", "Client-side caching")]
    [InlineData("CLIENT SETNAME x", "client name")]
    [InlineData("CLIENT SETINFO LIB-NAME x", "connects")]
    [InlineData("CLIENT NO-EVICT ON", "leased")]
    [InlineData("CLIENT NO-TOUCH ON", "leased")]
    [InlineData("CLIENT CAPA redirect", "connects")]
    [InlineData("CLIENT IMPORT-SOURCE ON", "leased")]
    [InlineData("READONLY", "WithReadFrom")]
    [InlineData("READWRITE", "WithReadFrom")]
    [InlineData("ASKING", "redirect")]
    [InlineData("SCRIPT DEBUG YES", "--ldb")]
    [InlineData("HIMPORT SET k fs v", "leased")]
    [InlineData("WAIT 1 0", "leased")]
    [InlineData("WAITAOF 1 0 0", "leased")]
    [InlineData("BLPOP k 0", "leased")]
    [InlineData("BRPOP k 0", "leased")]
    [InlineData("BLMOVE a b LEFT LEFT 0", "leased")]
    [InlineData("BRPOPLPUSH a b 0", "leased")]
    [InlineData("BLMPOP 0 1 k LEFT", "leased")]
    [InlineData("BZPOPMIN k 0", "leased")]
    [InlineData("BZPOPMAX k 0", "leased")]
    [InlineData("BZMPOP 0 1 k MIN", "leased")]
    [InlineData("XREAD BLOCK 0 STREAMS s $", "leased")]
    [InlineData("xread count 1 block 5 streams s $", "leased")]
    [InlineData("XREADGROUP GROUP g c COUNT 1 BLOCK 0 STREAMS s >", "leased")]
    [InlineData("XREADGROUP GROUP g c NOACK BLOCK 0 STREAMS s >", "leased")]
    [InlineData("POST x", "HTTP")]
    [InlineData("host: x", "HTTP")]
    public void RefusesWhatTheSharedConnectionMustNotCarry(string line, string advice)
    {
        string[] words = line.Split(' ');
        var redis = new RecordingExecutor(Ok);
        var failure = Assert.Throws<NotSupportedException>(() => { _ = redis.ExecuteAsync(words[0], [.. words.Skip(1).Select(word => (RedisValue)word)]).AsTask(); });
        Assert.Contains(advice, failure.Message, StringComparison.Ordinal);
        Assert.Contains("was not sent", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
        Assert.Null(redis.Sent);
    }

    [Theory]
    [InlineData("XREAD COUNT 5 STREAMS s 0")]
    [InlineData("XREAD STREAMS BLOCK 0")]
    [InlineData("XREADGROUP GROUP BLOCK c STREAMS s >")]
    [InlineData("XREADGROUP GROUP g BLOCK STREAMS s >")]
    [InlineData("CLIENT LIST")]
    [InlineData("CLIENT KILL ID 5")]
    [InlineData("MIGRATE h 1 k 0 10")]
    [InlineData("DEBUG SLEEP 0")]
    [InlineData("SHUTDOWN")]
    [InlineData("LPOP k")]
    public async Task CarriesWhatOnlyLooksDangerous(string line)
    {
        string[] words = line.Split(' ');
        var redis = new RecordingExecutor(Ok);
        await redis.ExecuteAsync(words[0], [.. words.Skip(1).Select(word => (RedisValue)word)]);
        Assert.Equal(Encode(words), redis.Sent);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" GET")]
    [InlineData("GET ")]
    [InlineData("GET\r\nFLUSHALL")]
    [InlineData("GÉT")]
    [InlineData("SET k secret")]
    [InlineData("a\0b")]
    public void RefusesWhatIsNoName(string name)
    {
        var redis = new RecordingExecutor(Ok);
        var failure = Assert.ThrowsAny<ArgumentException>(() => { _ = redis.ExecuteAsync(name, "k").AsTask(); });
        Assert.Equal("command", failure.ParamName);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
        Assert.Null(redis.Sent);
    }

    [Fact]
    public void RefusesNullArguments()
    {
        Refuses(typeof(ArgumentException), "arguments", r => r.ExecuteAsync("SET", "k", RedisValue.Null));
        Refuses(typeof(ArgumentNullException), "arguments", r => r.ExecuteAsync("PING", (RedisValue[])null!, default));
        Refuses(typeof(ArgumentNullException), "command", r => r.ExecuteAsync(null!));
    }
}
