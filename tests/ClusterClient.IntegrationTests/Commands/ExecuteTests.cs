// Any command by name on a real server: found, routed, refused where the shared connection must not carry it.
namespace ClusterClient.IntegrationTests.Commands;

[Collection(CommandServerCollection.Name)]
public class ExecuteTests(CommandServer server)
{
    private readonly RedisClient _redis = server.Redis;

    [Fact]
    public async Task RunsCommandsWithoutAMethodOfTheirOwn()
    {
        RedisKey key = CommandServer.NewKey();
        Assert.Equal(2, (await _redis.ExecuteAsync("rpush", key, "a", "b")).AsInt64());
        RespValue items = await _redis.ExecuteAsync("LRANGE", [key, 0, -1], CancellationToken.None);
        Assert.Equal(["a", "b"], items.Items.ToArray().Select(item => item.AsString()));
        Assert.NotNull((await _redis.ExecuteAsync("OBJECT", "ENCODING", key)).AsString());
        Assert.NotNull((await _redis.ExecuteAsync("OBJECT ENCODING", key)).AsString());
        Assert.Equal("PONG", (await _redis.ExecuteAsync("PING")).AsString());
    }

    [Fact]
    public async Task HandsTheServersRefusalOn()
    {
        var failure = await Assert.ThrowsAsync<RedisServerException>(async () => await _redis.ExecuteAsync("NO.SUCH.COMMAND", "x"));
        Assert.Contains("unknown command", failure.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(Outcome.Rejected, failure.Outcome);
    }

    [Fact]
    public async Task LeavesTheSharedConnectionAlone()
    {
        long before = await _redis.ClientIdAsync();
        foreach (string[] line in new string[][] { ["SELECT", "1"], ["MULTI"], ["CLIENT", "REPLY", "OFF"], ["SUBSCRIBE", "c"], ["BLPOP", "k", "0"], ["MONITOR"], ["RESET"], ["QUIT"] })
        {
            await Assert.ThrowsAsync<NotSupportedException>(async () => await _redis.ExecuteAsync(line[0], [.. line[1..].Select(word => (RedisValue)word)], default));
        }

        Assert.Equal(before, await _redis.ClientIdAsync());
        Assert.Equal("still here", await _redis.EchoAsync("still here"));
    }

    [Fact]
    public async Task ReadsStreamsWithoutBlocking() => await server.WhereKnownAsync(
        "XREAD", () => _redis.ExecuteAsync("XREAD", "COUNT", 1, "STREAMS", CommandServer.NewKey(), "0"), reply => Assert.True(reply.IsNull));
}
