// Bytes that break the protocol end the connection: nobody gets another's reply, and the client goes on with a new one.
using ClusterClient.Connections;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Connections;

public class ProtocolViolationTests
{
    [Theory]
    [InlineData("garbage\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("\0\0\0\0")]
    [InlineData("$5\r\nhelloXX")]
    [InlineData("$abc\r\n")]
    [InlineData("$-5\r\n")]
    [InlineData(":12a\r\n")]
    [InlineData("*99999999999999999999\r\n")]
    [InlineData("*2147483647\r\n")]
    [InlineData("$2147483647\r\n")]
    [InlineData("#x\r\n")]
    [InlineData("%-1\r\n")]
    [InlineData("*1\r\n>1\r\n+x\r\n")]
    public async Task Malformed_bytes(string bytes)
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        Gate gate = new();
        server.Once("ECHO", FakeAnswer.Raw(bytes).After(gate).Then(FakeAnswer.Hang));
        ValueTask<RedisValue> broken = node.EchoAsync("x");
        await Until.HoldsAsync(() => server.CountOf("ECHO") == 1);
        ValueTask<RedisValue> behind = node.EchoAsync("y");
        await Until.HoldsAsync(() => server.Connections[0].Unread > 0);
        gate.Open();
        foreach (ValueTask<RedisValue> call in new[] { broken, behind })
        {
            RedisConnectionException failure = await Until.FailsAsync<RedisConnectionException, RedisValue>(call);
            Assert.Equal((ConnectionFailure.Protocol, Outcome.Unknown, server.Name, "ECHO"), (failure.Failure, failure.Outcome, failure.Node, failure.CommandName));
            Assert.Contains("broke the protocol", failure.Message, StringComparison.Ordinal);
            Assert.IsType<RedisProtocolException>(failure.InnerException);
        }

        Assert.Equal("after", (string?)await Until.EndsAsync(node.EchoAsync("after")));
        Assert.Equal(2, server.Accepted);
        await Until.HoldsAsync(() => server.Connections[0].IsLeftByClient);
    }

    [Fact]
    public async Task Bytes_nested_without_end()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        server.Once("ECHO", FakeAnswer.Raw(string.Concat(Enumerable.Repeat("*1\r\n", 100_000))));
        Assert.Equal(ConnectionFailure.Protocol, (await Until.FailsAsync<RedisConnectionException, RedisValue>(node.EchoAsync("x"))).Failure);
        Assert.Equal("after", (string?)await Until.EndsAsync(node.EchoAsync("after")));
    }

    [Fact]
    public async Task A_reply_that_nobody_asked_for()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        await server.Connections[0].SendAsync(FakeAnswer.Bulk("unasked"));
        await Until.HoldsAsync(() => node.Heard.Contains("Lost"));
        RedisConnectionException cause = node.Failures.First();
        Assert.Equal(ConnectionFailure.Protocol, cause.Failure);
        Assert.Contains("a reply that no command asked for", cause.Message, StringComparison.Ordinal);
        Assert.Equal("after", (string?)await Until.EndsAsync(node.EchoAsync("after")));
        Assert.Equal(2, server.Accepted);
    }

    [Fact]
    public async Task One_reply_too_many_reaches_nobody()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        server.Once("ECHO", FakeAnswer.Bulk("mine").Then(FakeAnswer.Bulk("nobody's")));
        Assert.Equal("mine", (string?)await Until.EndsAsync(node.EchoAsync("mine")));
        await Until.HoldsAsync(() => server.Accepted == 2 && node.Node.IsConnected);
        Assert.Equal("after", (string?)await Until.EndsAsync(node.EchoAsync("after")));
    }

    [Fact]
    public async Task A_bulk_string_longer_than_allowed_is_refused_by_its_header()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server, static o => o.MaxReplyLength = 1024).ConnectedAsync();
        server.Once("ECHO", FakeAnswer.Raw("$1025\r\n").Then(FakeAnswer.Hang));
        RedisConnectionException failure = await Until.FailsAsync<RedisConnectionException, RedisValue>(node.EchoAsync("x"));
        Assert.Equal((ConnectionFailure.Protocol, Outcome.Unknown), (failure.Failure, failure.Outcome));
        server.Once("ECHO", FakeAnswer.Bulk(new byte[1024]));
        Assert.Equal(1024, (await Until.EndsAsync(node.EchoAsync("x"))).Length());
    }

    [Fact]
    public async Task An_announced_length_alone_takes_no_memory()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        server.Once("ECHO", FakeAnswer.Raw("$536870912\r\nonly this").Then(FakeAnswer.Hang));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        using CancellationTokenSource source = new();
        Connection connection = node.Node.Current!;
        long receives = connection.Receives;
        ValueTask<RedisValue> call = node.EchoAsync("x", source.Token);
        await Until.HoldsAsync(() => connection.Receives > receives);
        Assert.True(GC.GetTotalMemory(forceFullCollection: false) - before < 64 << 20, "A length was believed.");
        await source.CancelAsync();
        await Until.FailsAsync<RedisCanceledException, RedisValue>(call);
    }

    [Fact]
    public async Task Pushes_between_and_before_replies_are_no_replies()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        FakeAnswer push = FakeAnswer.Raw(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n");
        await server.Connections[0].SendAsync(push);
        server.On("ECHO", command => push.Then(FakeAnswer.Bulk(command.Words[1])).Then(push));
        ValueTask<RedisValue>[] calls = [.. Enumerable.Range(0, 100).Select(i => node.EchoAsync(i))];
        for (int i = 0; i < calls.Length; i++) Assert.Equal(i, (int)await Until.EndsAsync(calls[i]));
        Assert.Equal(1, server.Accepted);
    }

    [Fact]
    public async Task A_well_formed_reply_of_the_wrong_shape_fails_its_call_alone()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        server.On("INCR", FakeAnswer.Bulks("not", "a", "number"));
        ValueTask<long> wrong = node.StringIncrementAsync("k");
        ValueTask<RedisValue> behind = node.EchoAsync("behind");
        UnexpectedReplyException failure = await Until.FailsAsync<UnexpectedReplyException, long>(wrong);
        Assert.Equal("behind", (string?)await Until.EndsAsync(behind));
        Assert.Equal(1, server.Accepted);
        Assert.Equal(("INCR", server.Name), (failure.CommandName, failure.Node));
    }
}
