// What a caller is told when its connection ends: not executed if the bytes had not left, unknown if they had, and reads again.
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Connections;

public class OutcomeTests
{
    public static TheoryData<bool> CloseOrReset => [false, true];

    [Theory]
    [MemberData(nameof(CloseOrReset))]
    public async Task A_write_whose_server_went_after_reading_it_is_unknown(bool reset)
    {
        await using FakeServer server = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        server.Once("INCR", reset ? FakeAnswer.Reset : FakeAnswer.Close);
        RedisConnectionException failure = await Until.FailsAsync<RedisConnectionException, long>(redis.StringIncrementAsync("k"));
        Assert.Equal((ConnectionFailure.Lost, Outcome.Unknown, server.Name, "INCR"), (failure.Failure, failure.Outcome, failure.Node, failure.CommandName));
        Assert.Contains(server.Name, failure.Message, StringComparison.Ordinal);
        Assert.Contains("may have run and may still run later", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, await Until.EndsAsync(redis.StringIncrementAsync("k")));
        Assert.Equal(2, server.CountOf("INCR"));
    }

    [Theory]
    [MemberData(nameof(CloseOrReset))]
    public async Task A_read_is_sent_again(bool reset)
    {
        await using FakeServer server = new();
        server.Store["k"] = "v"u8.ToArray();
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        FakeAnswer end = reset ? FakeAnswer.Reset : FakeAnswer.Close;
        server.Once("GET", end, end, end);
        Assert.Equal("v", (string?)await Until.EndsAsync(redis.StringGetAsync("k")));
        Assert.Equal(4, server.CountOf("GET"));
    }

    [Fact]
    public async Task A_reply_cut_off_is_no_reply()
    {
        await using FakeServer server = new();
        server.Store["k"] = "whole value"u8.ToArray();
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        server.Once("GET", FakeAnswer.Raw("$11\r\nwhole val").Then(FakeAnswer.Close));
        Assert.Equal("whole value", (string?)await Until.EndsAsync(redis.StringGetAsync("k")));
        server.Once("SET", FakeAnswer.Raw("+OK\r").Then(FakeAnswer.Close));
        Assert.Equal(Outcome.Unknown, (await Until.FailsAsync<RedisConnectionException, bool>(redis.StringSetAsync("k", "v"))).Outcome);
    }

    [Theory]
    [InlineData(RetryPolicy.ReadOnly, "GET", true)]
    [InlineData(RetryPolicy.ReadOnly, "SET", false)]
    [InlineData(RetryPolicy.ReadOnly, "INCR", false)]
    [InlineData(RetryPolicy.Idempotent, "GET", true)]
    [InlineData(RetryPolicy.Idempotent, "SET", true)]
    [InlineData(RetryPolicy.Idempotent, "INCR", false)]
    [InlineData(RetryPolicy.All, "GET", true)]
    [InlineData(RetryPolicy.All, "SET", true)]
    [InlineData(RetryPolicy.All, "INCR", true)]
    [InlineData(RetryPolicy.All, "SCAN", false)]
    public async Task What_is_sent_again_is_the_callers_choice(RetryPolicy policy, string command, bool isRepeated)
    {
        await using FakeServer server = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server, o => o.RetryPolicy = policy);
        server.On("SCAN", FakeAnswer.Bulks("0"));
        server.Once(command, FakeAnswer.Close);
        Task call = command switch
        {
            "GET" => redis.StringGetAsync("k").AsTask(),
            "SET" => redis.StringSetAsync("k", "v").AsTask(),
            "INCR" => redis.StringIncrementAsync("k").AsTask(),
            _ => redis.ExecuteAsync("SCAN", 17).AsTask(),
        };
        if (isRepeated) await Until.EndsAsync(call);
        else Assert.Equal(Outcome.Unknown, (await Until.FailsAsync<RedisConnectionException>(call)).Outcome);
        Assert.Equal(isRepeated ? 2 : 1, server.CountOf(command));
    }

    [Fact]
    public async Task A_view_has_its_own_choice()
    {
        await using FakeServer server = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        server.Once("INCR", FakeAnswer.Close);
        Assert.Equal(1, await Until.EndsAsync(redis.WithRetryPolicy(RetryPolicy.All).StringIncrementAsync("k")));
    }

    [Fact]
    public async Task What_may_have_run_once_is_never_called_not_executed_later()
    {
        await using FakeServer server = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server, static o => o.RetryPolicy = RetryPolicy.All);

        // Refused the second time.
        server.Once("INCR", FakeAnswer.Close, FakeAnswer.Error("OOM command not allowed when used memory > 'maxmemory'."));
        Assert.Equal(Outcome.Unknown, (await Until.FailsAsync<RedisServerException, long>(redis.StringIncrementAsync("k"))).Outcome);

        // Nowhere to go the second time.
        server.Once("INCR", FakeAnswer.Close);
        server.Greeting = static _ => FakeAnswer.Close;
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException, long>(redis.WithTimeout(TimeSpan.FromMilliseconds(300)).StringIncrementAsync("k"));
        Assert.Equal((Outcome.Unknown, CommandStage.WaitingForConnection), (late.Outcome, late.Stage));
        Assert.Contains("lost its connection", late.Message, StringComparison.Ordinal);
        server.Greeting = null;
        await Until.EndsAsync(redis.PingAsync());

        // Not let in the second time.
        server.Once("INCR", FakeAnswer.Close);
        server.Greeting = static _ => FakeAnswer.Error("DENIED Redis is running in protected mode.").Then(FakeAnswer.Close);
        Assert.Equal(Outcome.Unknown, (await Until.FailsAsync<RedisConnectionException, long>(redis.StringIncrementAsync("k"))).Outcome);
    }

    [Fact]
    public async Task Nor_when_there_is_no_room_to_wait_the_second_time()
    {
        await using FakeServer server = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server, static o => (o.RetryPolicy, o.MaxWaitingCommands) = (RetryPolicy.All, 0));
        server.Once("INCR", FakeAnswer.Close);
        RedisException failure = await Assert.ThrowsAnyAsync<RedisException>(async () => await Until.EndsAsync(redis.StringIncrementAsync("k")));
        Assert.Equal(Outcome.Unknown, failure.Outcome);
    }

    [Theory]
    [MemberData(nameof(CloseOrReset))]
    public async Task What_had_not_left_goes_again_and_what_had_is_unknown(bool reset)
    {
        await using StuckNode stuck = await StuckNode.StartAsync();
        Task<long>[] behind = [.. Enumerable.Range(0, 20).Select(_ => stuck.Node.StringIncrementAsync("counter").AsTask())];
        FakeConnection first = stuck.Server.Connections[0];
        if (reset) first.Reset();
        else first.Close();
        stuck.Server.Reading.Open();

        // The plug had begun to leave; whatever stood behind it had not, and runs once, in order.
        Assert.Equal(Outcome.Unknown, (await Until.FailsAsync<RedisConnectionException>(stuck.Plug)).Outcome);
        for (int i = 0; i < behind.Length; i++) Assert.Equal(i + 1, await Until.EndsAsync(behind[i]));
        Assert.Equal(20, stuck.Server.CountOf("INCR"));
    }

    [Fact]
    public async Task Replies_that_came_before_the_end_count_even_if_a_send_meets_it_first()
    {
        // The server answers everything and goes; the client, still sending, learns of the end by a failing send.
        for (int round = 0; round < 30; round++)
        {
            await using FakeServer server = new();
            await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
            server.On(command => command.Is("ECHO") && command[1] == "9" ? FakeAnswer.Bulk("9").Then(FakeAnswer.Close) : null);
            Task<RedisValue>[] calls = [.. Enumerable.Range(0, 10).Select(i => node.EchoAsync(i).AsTask())];
            using CancellationTokenSource stop = new();
            Task more = Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    try
                    {
                        await node.StringSetAsync("k", "v");
                    }
                    catch (RedisConnectionException)
                    {
                        // It went while this was on its way.
                    }
                }
            });
            for (int i = 0; i < calls.Length; i++) Assert.Equal(i, (int)await Until.EndsAsync(calls[i]));
            await stop.CancelAsync();
            await Until.EndsAsync(more);
        }
    }

    [Fact]
    public async Task An_argument_that_cannot_be_read_fails_its_call_alone()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server, static o => o.MaxInFlightCommands = 1).ConnectedAsync();
        using BrokenMemory broken = new();
        await Until.FailsAsync<InvalidTimeZoneException>(() => new ValueTask(node.EchoAsync((ReadOnlyMemory<byte>)broken.Memory).AsTask()));

        // The same in line.
        Gate gate = new();
        server.Once("ECHO", FakeAnswer.Bulk("1").After(gate));
        ValueTask<RedisValue> first = node.EchoAsync("1");
        using BrokenMemory later = new() { IsReadable = true };
        ValueTask<RedisValue> waiting = node.EchoAsync((ReadOnlyMemory<byte>)later.Memory);
        ValueTask<RedisValue> behind = node.EchoAsync("behind");
        later.IsReadable = false;
        gate.Open();
        Assert.Equal("1", (string?)await Until.EndsAsync(first));
        await Until.FailsAsync<InvalidTimeZoneException, RedisValue>(waiting);
        Assert.Equal("behind", (string?)await Until.EndsAsync(behind));
        Assert.Equal(1, server.Accepted);
        Assert.Empty(server.Violations);
    }

    [Fact]
    public async Task Disposal_of_the_client_says_what_became_of_each_call()
    {
        await using FakeServer server = new();
        RedisClient redis = await TestClient.ConnectAsync(server, static o => o.MaxInFlightCommands = 2);
        server.On("ECHO", FakeAnswer.Hang);
        Task<RedisValue>[] calls = [.. Enumerable.Range(0, 4).Select(i => redis.EchoAsync(i).AsTask())];
        await Until.HoldsAsync(() => server.CountOf("ECHO") == 1 && server.Connections[0].Unread > 0);
        await Until.EndsAsync(redis.DisposeAsync().AsTask());
        foreach (Task<RedisValue> sent in calls[..2])
        {
            RedisConnectionException failure = await Until.FailsAsync<RedisConnectionException>(sent);
            Assert.Equal((ConnectionFailure.Disposed, Outcome.Unknown), (failure.Failure, failure.Outcome));
        }

        foreach (Task<RedisValue> waiting in calls[2..])
            Assert.Contains("not executed", (await Until.FailsAsync<ObjectDisposedException>(waiting)).Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => { _ = redis.EchoAsync("late"); });
        await Until.EndsAsync(redis.DisposeAsync().AsTask());
    }

    [Fact]
    public async Task Disposal_amid_calls_leaves_none_hanging()
    {
        for (int round = 0; round < 40; round++)
        {
            await using FakeServer server = new() { IsRecording = false };
            RedisClient redis = await TestClient.ConnectAsync(server, static o => o.MaxInFlightCommands = 8);
            Task[] callers = [.. Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
            {
                for (int i = 0; ; i++)
                {
                    try
                    {
                        Assert.Equal(i, (int)await redis.EchoAsync(i));
                    }
                    catch (Exception failure) when (failure is ObjectDisposedException or RedisConnectionException { Failure: ConnectionFailure.Disposed })
                    {
                        return;
                    }
                }
            }))];
            if (round % 4 > 0) await Until.HoldsAsync(() => server.Received > 20 * round);
            await Until.EndsAsync(redis.DisposeAsync().AsTask());
            await Until.EndsAsync(Task.WhenAll(callers));
        }
    }

    [Fact]
    public async Task A_caller_whose_execution_context_does_not_flow_is_served_too()
    {
        await using FakeServer server = new();
        Task<RedisValue> call;
        RedisClient redis;
        using (ExecutionContext.SuppressFlow())
        {
            redis = TestClient.Create(server);
            call = redis.EchoAsync("x").AsTask();
        }

        await using (redis) Assert.Equal("x", (string?)await Until.EndsAsync(call));
    }

    private sealed class BrokenMemory : System.Buffers.MemoryManager<byte>
    {
        public bool IsReadable { get; set; }

        public override Memory<byte> Memory => CreateMemory(3);

        public override Span<byte> GetSpan() => IsReadable ? new byte[3] : throw new InvalidTimeZoneException("This memory was given back.");

        public override System.Buffers.MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }

    [Fact]
    public async Task A_deadline_that_is_noticed_late_blames_this_process_and_no_server()
    {
        await using NodeHarness node = new(NodeEndpoint.Parse("127.0.0.1:1")) { TimeoutMilliseconds = -5000 };
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException, RedisValue>(node.StringGetAsync("k"));
        Assert.Contains("ms late: this process is short of processors or threads", late.Message, StringComparison.Ordinal);
        Assert.Contains("code that blocks on tasks", late.Message, StringComparison.Ordinal);
        Assert.Equal(Outcome.NotExecuted, late.Outcome);
    }
}
