// The life of a node's connection: credentials, loss, back-off, replacement, disposal.
using System.Diagnostics;
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Connections;

public class NodeLifeTests
{
    [Fact]
    public async Task The_handshake_introduces_the_client()
    {
        await using FakeServer server = new();
        server.Handshake.Credentials = ("ada", "p w");
        await using NodeHarness node = await new NodeHarness(server, static o => (o.User, o.Password, o.ClientName, o.Database) = ("ada", "p w", "app", 5)).ConnectedAsync();
        Assert.Equal(["HELLO 3 AUTH ada p w SETNAME app", "CLIENT SETINFO LIB-NAME ClusterClient"], server.AllCommands.Take(2).Select(Words));
        Assert.StartsWith("CLIENT SETINFO LIB-VER ", Words(server.AllCommands[2]), StringComparison.Ordinal);
        Assert.Equal("SELECT 5", Words(server.AllCommands[3]));
        FakeConnection connection = Assert.Single(server.Connections);
        Assert.Equal((3, "app", 5, true), (connection.Protocol, connection.ClientName, connection.Database, connection.IsAuthenticated));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task An_old_server_is_spoken_to_in_resp2(bool knowsHello, bool knowsResp3)
    {
        await using FakeServer server = new();
        (server.Handshake.KnowsHello, server.Handshake.KnowsResp3, server.Handshake.KnowsSetInfo) = (knowsHello, knowsResp3, false);
        server.Handshake.Credentials = ("default", "x");
        await using NodeHarness node = await new NodeHarness(server, static o => (o.Password, o.ClientName) = ("x", "app")).ConnectedAsync();
        Assert.Equal(["AUTH x", "CLIENT SETNAME app"], server.AllCommands.Skip(1).Take(2).Select(Words));
        Assert.Equal(2, server.Connections[0].Protocol);
        Assert.Equal("v", (string?)await node.EchoAsync("v"));
        Assert.Contains(node.Log.Entries, static entry => entry.Text.Contains("RESP2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Resp2_by_choice_never_says_hello()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server, static o => o.Protocol = RedisProtocol.Resp2).ConnectedAsync();
        Assert.Equal("v", (string?)await node.EchoAsync("v"));
        Assert.Equal(0, server.CountOf("HELLO"));
    }

    [Fact]
    public async Task The_smallest_bounds_still_let_it_connect()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server, static o => (o.MaxInFlightCommands, o.Database, o.ClientName) = (1, 2, "app")).ConnectedAsync();
        Assert.Equal("v", (string?)await Until.EndsAsync(node.EchoAsync("v")));
    }

    [Fact]
    public async Task The_clients_own_questions_pass_a_full_connection()
    {
        await using FakeServer server = new();
        Gate gate = new();
        server.On("ECHO", command => FakeAnswer.Bulk(command.Words[1]).After(gate));
        await using NodeHarness node = await new NodeHarness(server, static o => o.MaxInFlightCommands = 1).ConnectedAsync();
        ValueTask<RedisValue> first = node.EchoAsync("1");
        ValueTask<RedisValue> second = node.EchoAsync("2");
        ValueTask<bool> question = node.Node.QueryAsync(new Command(CommandTable.Get("PING")), Replies.Create(static (ref RespReader _) => true), 60_000, CancellationToken.None);
        gate.Open();
        Assert.True(await Until.EndsAsync(question));
        Assert.Equal(("1", "2"), ((string?)await first, (string?)await second));
    }

    [Fact]
    public async Task Credentials_are_asked_for_at_each_connect()
    {
        await using FakeServer server = new();
        server.Handshake.Credentials = ("app", "first");
        int asked = 0;
        string password = "first";
        await using NodeHarness node = await new NodeHarness(server, o => o.CredentialsProvider = _ =>
        {
            Interlocked.Increment(ref asked);
            return ValueTask.FromResult(new RedisCredentials("app", Volatile.Read(ref password)));
        }).ConnectedAsync();
        Assert.Equal(1, asked);

        server.Handshake.Credentials = ("app", "second");
        Volatile.Write(ref password, "second");
        server.CloseAll();
        Assert.Equal("v", (string?)await Until.EndsAsync(EchoUntilAnsweredAsync(node, "v")));
        Assert.Equal(2, asked);
        Assert.Equal(2, server.Accepted);
    }

    [Fact]
    public async Task A_credentials_provider_that_fails_is_named_and_asked_again()
    {
        await using FakeServer server = new();
        int asked = 0;
        await using NodeHarness node = await new NodeHarness(server, o => o.CredentialsProvider = _ =>
            Interlocked.Increment(ref asked) == 1
                ? throw new InvalidOperationException("the vault is sealed")
                : ValueTask.FromResult(new RedisCredentials(null, "x"))).StartedAsync();
        await Until.HoldsAsync(() => node.Failures.Count > 0);
        RedisConnectionException failure = node.Failures.First();
        Assert.Equal((ConnectionFailure.Authentication, true), (failure.Failure, failure.LeavesNodeAlive));
        Assert.Contains($"credentials provider failed for a connection to {server.Name}: the vault is sealed", failure.Message, StringComparison.Ordinal);
        server.On("HELLO", FakeAnswer.Raw("%1\r\n+server\r\n+redis\r\n"));
        await Until.HoldsAsync(() => node.Node.IsConnected);
    }

    [Fact]
    public async Task A_credentials_provider_that_hangs_costs_one_connect_timeout()
    {
        await using FakeServer server = new();
        TaskCompletionSource<RedisCredentials> never = new();
        await using NodeHarness node = await new NodeHarness(server, o =>
        {
            // It does not look at its token, as real ones do not.
            o.CredentialsProvider = _ => new ValueTask<RedisCredentials>(never.Task);
            o.ConnectTimeout = TimeSpan.FromMilliseconds(100);
        }).StartedAsync();
        await Until.HoldsAsync(() => node.Failures.Count > 1);
        Assert.Equal((ConnectionFailure.TimedOut, true), (node.Failures.First().Failure, node.Failures.First().LeavesNodeAlive));
        Assert.Contains("credentials provider", node.Failures.First().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_connection_is_made_anew_and_told()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        for (int i = 1; i <= 3; i++)
        {
            server.ResetAll();
            await Until.HoldsAsync(() => server.Accepted == i + 1 && node.Node.IsConnected, node.Log.ToString);
        }

        Assert.Equal("v", (string?)await Until.EndsAsync(node.EchoAsync("v")));
        Assert.Equal(["Connected", "Lost", "Connected", "Lost", "Connected", "Lost", "Connected"], node.Heard);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_closes_every_connection_is_not_dialled_in_a_hot_loop(bool afterHandshake)
    {
        await using FakeServer server = new();
        if (afterHandshake) server.On("CLIENT", command => command[2] == "LIB-VER" ? FakeAnswer.Ok.Then(FakeAnswer.Close) : null);
        else server.Greeting = static _ => FakeAnswer.Close;
        long started = Stopwatch.GetTimestamp();
        await using NodeHarness node = await new NodeHarness(server, static o => (o.ReconnectBackoffMin, o.ReconnectBackoffMax) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200))).StartedAsync();
        await Until.HoldsAsync(() => server.Accepted >= 12);

        // Ten waits or more, drawn evenly below 100 and then 200 ms: that their sum stays below 100 ms has a chance of one in a billion.
        Assert.True(Stopwatch.GetElapsedTime(started) > TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task Who_comes_while_it_is_down_waits_and_is_served_when_it_is_back()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        server.GoDown();
        await Until.HoldsAsync(() => node.Heard.Contains("ConnectFailed"));
        ValueTask<RedisValue>[] waiting = [.. Enumerable.Range(0, 100).Select(i => node.EchoAsync(i))];
        server.ListenAgain();
        for (int i = 0; i < waiting.Length; i++) Assert.Equal(i, (int)await Until.EndsAsync(waiting[i]));
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => $"ECHO {i}"), server.Commands.Select(Words));
    }

    [Fact]
    public async Task A_question_to_a_node_gets_the_connection_that_is_just_made()
    {
        // Again and again, so that question and connection meet at every moment.
        await using FakeServer server = new();
        for (int i = 0; i < 200; i++)
        {
            await using NodeHarness node = await new NodeHarness(server).StartedAsync();
            if (i % 2 == 0) await Task.Yield();
            Task<bool>[] questions = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () => await node.Node.QueryAsync(
                new Command(CommandTable.Get("PING")), Replies.Create(static (ref RespReader _) => true), 60_000, CancellationToken.None)))];
            await Task.WhenAll(questions).WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public async Task A_replaced_connection_serves_what_it_has_and_then_ends()
    {
        await using FakeServer server = new();
        Gate gate = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        server.Once("ECHO", FakeAnswer.Bulk("old").After(gate));
        ValueTask<RedisValue> old = node.EchoAsync("old");
        await Until.HoldsAsync(() => server.CountOf("ECHO") == 1);
        node.Node.Replace();
        await Until.HoldsAsync(() => server.Accepted == 2);
        await Until.HoldsAsync(() => node.Heard.Count(static what => what == "Connected") == 2);
        Assert.Equal("new", (string?)await Until.EndsAsync(node.EchoAsync("new")));
        Assert.True(server.Connections[0].IsOpen);
        gate.Open();
        Assert.Equal("old", (string?)await Until.EndsAsync(old));
        await Until.EndsAsync(server.Connections[0].Ended);
        Assert.Equal([1, 2], server.Of("ECHO").Select(static command => command.Connection.Number));
        Assert.DoesNotContain("Lost", node.Heard);
    }

    [Fact]
    public async Task A_replaced_connection_that_never_answers_does_not_outlive_the_node()
    {
        await using FakeServer server = new();
        NodeHarness node = await new NodeHarness(server, static o => o.HangTimeout = TimeSpan.FromMinutes(5)).ConnectedAsync();
        await using (node)
        {
            server.Once("ECHO", FakeAnswer.Hang);
            ValueTask<RedisValue> lost = node.EchoAsync("never");
            await Until.HoldsAsync(() => server.CountOf("ECHO") == 1);
            node.Node.Replace();
            await Until.HoldsAsync(() => node.Heard.Count(static what => what == "Connected") == 2);
            await node.DisposeAsync();
            RedisConnectionException failure = await Until.FailsAsync<RedisConnectionException, RedisValue>(lost);
            Assert.Equal(Outcome.Unknown, failure.Outcome);
        }

        await Until.HoldsAsync(() => server.Connections.All(static connection => connection.IsLeftByClient));
    }

    [Fact]
    public async Task Disposal_does_not_wait_for_a_server_that_does_not_answer()
    {
        await using FakeServer server = new();
        server.On("HELLO", FakeAnswer.Hang);
        NodeHarness node = await new NodeHarness(server, static o => o.ConnectTimeout = TimeSpan.FromHours(1)).StartedAsync();
        ValueTask<RedisValue> waiting = node.EchoAsync("x");
        await Until.HoldsAsync(() => server.CountOf("HELLO") == 1);
        await Until.EndsAsync(node.DisposeAsync().AsTask());
        Assert.Equal(Outcome.NotExecuted, (await Until.FailsAsync<RedisConnectionException, RedisValue>(waiting)).Outcome);
        await Until.HoldsAsync(() => server.Connections[0].IsLeftByClient);
    }

    [Fact]
    public async Task Disposal_ends_everything()
    {
        await using FakeServer server = new();
        NodeHarness node = await new NodeHarness(server, static o => o.MaxInFlightCommands = 2).ConnectedAsync();
        server.On("ECHO", FakeAnswer.Hang);
        ValueTask<RedisValue>[] calls = [.. Enumerable.Range(0, 4).Select(i => node.EchoAsync(i))];
        await Until.HoldsAsync(() => server.CountOf("ECHO") == 1 && server.Connections[0].Unread > 0);
        await Until.EndsAsync(node.DisposeAsync().AsTask());
        Outcome[] outcomes = new Outcome[calls.Length];
        for (int i = 0; i < calls.Length; i++)
        {
            RedisConnectionException failure = await Until.FailsAsync<RedisConnectionException, RedisValue>(calls[i]);
            Assert.Equal(ConnectionFailure.Disposed, failure.Failure);
            outcomes[i] = failure.Outcome;
        }

        Assert.Equal([Outcome.Unknown, Outcome.Unknown, Outcome.NotExecuted, Outcome.NotExecuted], outcomes);
        await Until.HoldsAsync(() => server.Connections[0].IsLeftByClient);
        Assert.Equal(Outcome.NotExecuted, (await Until.FailsAsync<RedisConnectionException, RedisValue>(node.EchoAsync("late"))).Outcome);
    }

    private static string Words(FakeCommand command) => string.Join(' ', Enumerable.Range(0, command.Count).Select(i => command[i]));

    /// <summary>An ECHO that meets the dying connection has an unknown outcome; the next one goes through.</summary>
    private static async Task<RedisValue> EchoUntilAnsweredAsync(NodeHarness node, string text)
    {
        while (true)
        {
            try
            {
                return await node.EchoAsync(text);
            }
            catch (RedisConnectionException lost) when (lost.Outcome == Outcome.Unknown)
            {
                // Sent before the loss was seen.
            }
        }
    }
}
