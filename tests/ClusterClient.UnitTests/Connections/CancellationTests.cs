// A call given up never runs if its bytes had not left, and never disturbs its neighbours either way.
using ClusterClient.Connections;
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Connections;

public class CancellationTests
{
    [Fact]
    public async Task Before_the_call_nothing_is_begun()
    {
        await using FakeServer server = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        CancellationToken cancelled = new(canceled: true);
        RedisCanceledException failure = await Until.FailsAsync<RedisCanceledException, bool>(redis.StringSetAsync("k", "v", cancelled));
        Assert.Equal((Outcome.NotExecuted, cancelled), (failure.Outcome, failure.CancellationToken));
        await redis.PingAsync();
        Assert.Equal(0, server.CountOf("SET"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_it_waits_for_a_connection_it_is_not_executed(bool cancelled)
    {
        await using FakeServer server = new();
        server.StopListening();
        await using NodeHarness node = new(server);
        Outcome outcome = await GiveUpAsync(node, cancelled, CommandStage.WaitingForConnection);
        Assert.Equal(Outcome.NotExecuted, outcome);
        server.ListenAgain();
        node.TimeoutMilliseconds = null;
        await Until.EndsAsync(node.PingAsync());
        Assert.Equal(0, server.CountOf("SET"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_it_waits_for_room_it_is_not_executed(bool cancelled)
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server, static o => o.MaxInFlightCommands = 1).ConnectedAsync();
        Gate gate = new();
        server.Once("ECHO", FakeAnswer.Bulk("first").After(gate));
        ValueTask<RedisValue> first = node.EchoAsync("first");
        Outcome outcome = await GiveUpAsync(node, cancelled, CommandStage.WaitingForCapacity);
        Assert.Equal(Outcome.NotExecuted, outcome);
        node.TimeoutMilliseconds = null;
        ValueTask<RedisValue> last = node.EchoAsync("last");
        gate.Open();
        Assert.Equal(("first", "last"), ((string?)await Until.EndsAsync(first), (string?)await Until.EndsAsync(last)));
        Assert.Equal(0, server.CountOf("SET"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Before_its_bytes_leave_it_is_withdrawn_and_a_filler_of_the_same_length_goes_instead(bool cancelled)
    {
        await using StuckNode stuck = await StuckNode.StartAsync();
        ValueTask<RedisValue> before = stuck.Node.EchoAsync("before");
        using CancellationTokenSource source = new();
        if (!cancelled) stuck.Node.TimeoutMilliseconds = 50;

        // Values of every length up to beyond two digits' worth of header, and one that gets a page of its own.
        int[] sizes = [.. Enumerable.Range(0, 130), 995, 1000, 100_000];
        Task[] given = [.. sizes.Select(size => (Task)stuck.Node.StringSetAsync($"gone{size}", new byte[size], source.Token).AsTask())];
        stuck.Node.TimeoutMilliseconds = null;
        ValueTask<RedisValue> after = stuck.Node.EchoAsync("after");
        if (cancelled) await source.CancelAsync();
        foreach (Task call in given)
        {
            if (cancelled)
            {
                RedisCanceledException failure = await Until.FailsAsync<RedisCanceledException>(call);
                Assert.Equal((Outcome.NotExecuted, source.Token), (failure.Outcome, failure.CancellationToken));
            }
            else
            {
                RedisTimeoutException failure = await Until.FailsAsync<RedisTimeoutException>(call);
                Assert.Equal((Outcome.NotExecuted, CommandStage.Sending, "SET", stuck.Server.Name), (failure.Outcome, failure.Stage, failure.CommandName, failure.Node));
            }
        }

        stuck.Server.Reading.Open();
        Assert.True(await Until.EndsAsync(stuck.Plug));
        Assert.Equal(("before", "after"), ((string?)await Until.EndsAsync(before), (string?)await Until.EndsAsync(after)));
        Assert.Empty(stuck.Server.Violations);
        Assert.Equal(["plug"], stuck.Server.Of("SET").Select(static command => command[1]));
        Assert.DoesNotContain(stuck.Server.Store.Keys, static key => key.StartsWith("gone", StringComparison.Ordinal));
        FakeCommand[] between = [.. stuck.Server.Commands.SkipWhile(static c => !c.Is("SET")).Where(static c => !c.Is("ECHO") && !c.Is("SET") && c.Count + c.Length > 15)];
        Assert.Equal(sizes.Select(SetLength), between.Select(static command => command.Length));
        Assert.All(between, static command => Assert.StartsWith("PING", command.Name, StringComparison.Ordinal));
        Assert.Equal(1, stuck.Server.Accepted);

        static int SetLength(int size) => new CommandLength("SET", $"gone{size}", new byte[size]).OnTheWire;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_its_bytes_left_the_outcome_is_unknown_and_its_reply_is_dropped(bool cancelled)
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        Gate gate = new();
        server.Once("SET", FakeAnswer.Raw("$17\r\nnot for neighbour\r\n").After(gate));
        Outcome outcome = await GiveUpAsync(node, cancelled, CommandStage.AwaitingReply, () => Until.HoldsAsync(() => server.CountOf("SET") == 1));
        Assert.Equal(Outcome.Unknown, outcome);
        node.TimeoutMilliseconds = null;
        ValueTask<RedisValue>[] neighbours = [.. Enumerable.Range(0, 50).Select(i => node.EchoAsync(i))];
        gate.Open();
        for (int i = 0; i < neighbours.Length; i++) Assert.Equal(i, (int)await Until.EndsAsync(neighbours[i]));
        Assert.Equal(1, server.Accepted);
    }

    [Fact]
    public async Task A_timeout_says_where_the_command_was()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        server.On("GET", FakeAnswer.Hang);
        node.TimeoutMilliseconds = 30;
        RedisTimeoutException failure = await Until.FailsAsync<RedisTimeoutException, RedisValue>(node.StringGetAsync("k"));
        Assert.Equal((CommandStage.AwaitingReply, Outcome.Unknown, "GET", server.Name), (failure.Stage, failure.Outcome, failure.CommandName, failure.Node));
        foreach (string part in new[] { "GET reached its deadline after", $"waiting for the reply of {server.Name}", "1 commands in flight", "it may have run and may still run later" })
            Assert.Contains(part, failure.Message, StringComparison.Ordinal);
        Assert.True(failure.IsTransient);
    }

    [Fact]
    public async Task Deadlines_are_met_for_calls_whose_timeouts_differ()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        server.On("ECHO", FakeAnswer.Hang);

        // Long ones first: the sweeper must not sleep until their time.
        List<(int Timeout, Task<RedisValue> Call)> calls = [];
        foreach (int timeout in new[] { 100_000, 400, 200, 100, 50, 25, 300, 10, 1 })
        {
            node.TimeoutMilliseconds = timeout;
            calls.Add((timeout, node.EchoAsync(timeout).AsTask()));
        }

        long started = Environment.TickCount64;
        foreach ((int timeout, Task<RedisValue> call) in calls.Where(static c => c.Timeout < 1000).OrderBy(static c => c.Timeout))
        {
            RedisTimeoutException failure = await Until.FailsAsync<RedisTimeoutException>(call);
            Assert.True(Environment.TickCount64 - started >= timeout - 20, "too early");
            Assert.Equal(failure.Stage == CommandStage.AwaitingReply ? Outcome.Unknown : Outcome.NotExecuted, failure.Outcome);
        }

        Assert.False(calls[0].Call.IsCompleted);
    }

    [Fact]
    public async Task The_token_of_the_caller_is_in_the_exception_whenever_it_was_cancelled()
    {
        // Cancelled from another thread while the call is being made: every step of it is met sooner or later.
        await using FakeServer server = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        int cancelledCalls = 0;
        for (int i = 0; i < 3000; i++)
        {
            using CancellationTokenSource source = new();
            using Barrier barrier = new(2);
            Task cancelling = Task.Run(() =>
            {
                barrier.SignalAndWait();
                source.Cancel();
            });
            barrier.SignalAndWait();
            if (i % 3 == 0) Thread.SpinWait(i % 50);
            try
            {
                Assert.Equal(i, (int)await Until.EndsAsync(redis.EchoAsync(i, source.Token)));
            }
            catch (RedisCanceledException failure)
            {
                cancelledCalls++;
                Assert.Equal(source.Token, failure.CancellationToken);
            }

            await cancelling;
        }

        Assert.Equal("in step", (string?)await Until.EndsAsync(redis.EchoAsync("in step")));
        Assert.True(cancelledCalls > 0, "No call was met by its cancellation.");
        Assert.Empty(server.Violations);
    }

    [Fact]
    public async Task Thousands_of_random_cancellations_and_deadlines_under_load_never_mix_replies_up()
    {
        await using FakeServer server = new() { IsRecording = false };
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        int answered = 0, givenUp = 0;
        await Until.EndsAsync(Task.WhenAll(Enumerable.Range(0, 32).Select(caller => Task.Run(async () =>
        {
            Random random = new(caller);
            for (int i = 0; i < 400; i++)
            {
                string own = $"caller {caller} call {i}";
                using CancellationTokenSource source = new();
                ICommandExecutor view = random.Next(4) == 0 ? redis.WithTimeout(TimeSpan.FromMilliseconds(1 + random.Next(3))) : redis;
                if (random.Next(8) == 0) source.CancelAfter(TimeSpan.FromMilliseconds(random.Next(3)));
                ValueTask<RedisValue> call = view.EchoAsync(own, source.Token);
                if (random.Next(4) == 0) await source.CancelAsync();
                try
                {
                    Assert.Equal(own, (string?)await call);
                    Interlocked.Increment(ref answered);
                }
                catch (Exception failure) when (failure is RedisCanceledException or RedisTimeoutException)
                {
                    Interlocked.Increment(ref givenUp);
                }
            }
        }))));
        Assert.Equal(32 * 400, answered + givenUp);
        Assert.True(answered > 0 && givenUp > 0, $"{answered} answered, {givenUp} given up");
        Assert.Equal("in step", (string?)await Until.EndsAsync(redis.EchoAsync("in step")));
        Assert.Equal(1, server.Accepted);
        Assert.Empty(server.Violations);
    }

    [Fact]
    public async Task Asking_for_the_result_too_early_does_no_harm()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        Gate gate = new();
        server.On("ECHO", command => FakeAnswer.Bulk(command.Words[1]).After(gate));
        ValueTask<RedisValue> early = node.EchoAsync("early");
        Assert.Throws<InvalidOperationException>(() => early.GetAwaiter().GetResult());
        Task<RedisValue>[] others = [.. Enumerable.Range(0, 200).Select(i => node.EchoAsync(i).AsTask())];
        gate.Open();
        Assert.Equal("early", (string?)await early);
        for (int i = 0; i < others.Length; i++) Assert.Equal(i, (int)await Until.EndsAsync(others[i]));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await early);
    }

    [Fact]
    public async Task Nor_does_it_while_the_call_waits_in_line()
    {
        await using FakeServer server = new();
        server.StopListening();
        await using NodeHarness node = new(server);
        ValueTask<RedisValue>[] early = [.. Enumerable.Range(0, 10).Select(i => node.EchoAsync(i))];
        foreach (ValueTask<RedisValue> call in early) Assert.Throws<InvalidOperationException>(() => call.GetAwaiter().GetResult());
        server.ListenAgain();
        for (int i = 0; i < early.Length; i++) Assert.Equal(i, (int)await Until.EndsAsync(early[i]));
    }

    [Fact]
    public async Task A_call_that_nobody_awaits_still_runs_and_is_not_kept_for_good()
    {
        await using FakeServer server = new() { IsRecording = false };
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        List<WeakReference> forgotten = Forget(node);
        await Until.EndsAsync(node.PingAsync());
        await Until.HoldsAsync(() =>
        {
            GC.Collect();
            return forgotten.TrueForAll(static one => !one.IsAlive);
        });
        Assert.Equal("v99", System.Text.Encoding.ASCII.GetString(server.Store["k99"]!));
    }

    [Fact]
    public async Task A_result_fetched_long_after_the_call_is_still_the_calls()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server).ConnectedAsync();
        Operation<RedisValue> operation = Operation<RedisValue>.Begin(new Command(CommandTable.Get("ECHO"), "late"), Replies.Value, node, (int)Until.Limit.TotalMilliseconds);
        ValueTask<RedisValue> call = operation.Task;
        node.Node.Enqueue(operation);
        await Until.HoldsAsync(() => operation.RegisterIndex < 0);
        for (int i = 0; i < 200; i++) Assert.Equal(i, (int)await Until.EndsAsync(node.EchoAsync(i)));
        Assert.Equal("late", (string?)await call);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await call);
        for (int i = 0; i < 200; i++) Assert.Equal(i, (int)await Until.EndsAsync(node.EchoAsync(i)));
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static List<WeakReference> Forget(NodeHarness node)
    {
        List<WeakReference> forgotten = [];
        for (int i = 0; i < 100; i++)
        {
            byte[] value = System.Text.Encoding.ASCII.GetBytes($"v{i}");
            Sentinel sentinel = new();
            _ = node.ExecuteAsync(new Command(CommandTable.Get("SET"), $"k{i}", value), sentinel);
            forgotten.Add(new WeakReference(sentinel));
        }

        return forgotten;
    }

    private static async Task<Outcome> GiveUpAsync(NodeHarness node, bool cancelled, CommandStage stage, Func<Task>? untilThere = null)
    {
        using CancellationTokenSource source = new();
        if (!cancelled) node.TimeoutMilliseconds = 100;
        Task<bool> call = node.StringSetAsync("k", "v", source.Token).AsTask();
        if (untilThere is not null) await untilThere();
        if (!cancelled)
        {
            RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException>(call);
            Assert.Equal((stage, "SET"), (late.Stage, late.CommandName));
            return late.Outcome;
        }

        Assert.False(call.IsCompleted);
        await source.CancelAsync();
        RedisCanceledException failure = await Until.FailsAsync<RedisCanceledException>(call);
        Assert.Equal(source.Token, failure.CancellationToken);
        return failure.Outcome;
    }

    private sealed class Sentinel : ReplyParser<bool>
    {
        public override bool Parse(ref RespReader reader) => true;
    }
}
