// Work in flight and work waiting are bounded, first in, first out, and nobody overtakes.
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Connections;

public class BackPressureTests
{
    [Fact]
    public async Task No_more_commands_are_in_flight_than_allowed()
    {
        await using FakeServer server = new();
        Gate gate = new();
        server.On("ECHO", command => FakeAnswer.Bulk(command.Words[1]).After(gate));
        await using NodeHarness node = await new NodeHarness(server, static o => o.MaxInFlightCommands = 4).ConnectedAsync();
        ValueTask<RedisValue>[] calls = [.. Enumerable.Range(0, 40).Select(i => node.EchoAsync(i))];
        Assert.Equal(4, node.Node.Current!.InFlight);
        gate.Open();
        for (int i = 0; i < calls.Length; i++) Assert.Equal(i, (int)await Until.EndsAsync(calls[i]));
        Assert.Equal(Enumerable.Range(0, 40).Select(static i => $"{i}"), server.Of("ECHO").Select(static command => command[1]));
    }

    [Fact]
    public async Task No_more_bytes_are_in_flight_than_allowed_but_one_command_always_goes()
    {
        await using FakeServer server = new();
        Gate gate = new();
        server.On("ECHO", command => FakeAnswer.Bulk(command.Words[1]).After(gate));
        await using NodeHarness node = await new NodeHarness(server, static o => o.MaxInFlightBytes = 1024).ConnectedAsync();
        byte[] value = new byte[400];
        ValueTask<RedisValue>[] calls = [.. Enumerable.Range(0, 10).Select(_ => node.EchoAsync(value)), node.EchoAsync(new byte[100_000]), node.EchoAsync("small")];

        // Two make 858 bytes, so a third may begin; the fourth may not.
        Assert.Equal(3, node.Node.Current!.InFlight);
        gate.Open();
        foreach (ValueTask<RedisValue> call in calls) await Until.EndsAsync(call);
        Assert.Equal([.. Enumerable.Repeat(400, 10), 100_000, 5], server.Of("ECHO").Select(static command => command.Words[1].Length));
    }

    [Fact]
    public async Task When_the_line_is_full_too_a_call_fails_at_once()
    {
        await using FakeServer server = new();
        Gate gate = new();
        server.On("ECHO", command => FakeAnswer.Bulk(command.Words[1]).After(gate));
        await using NodeHarness node = await new NodeHarness(server, static o => (o.MaxInFlightCommands, o.MaxWaitingCommands) = (2, 3)).ConnectedAsync();
        ValueTask<RedisValue>[] calls = [.. Enumerable.Range(0, 5).Select(i => node.EchoAsync(i))];
        ValueTask<RedisValue> refused = node.EchoAsync("too many");
        Assert.True(refused.IsCompleted);
        RedisOverloadedException failure = await Until.FailsAsync<RedisOverloadedException, RedisValue>(refused);
        Assert.Equal((Outcome.NotExecuted, "ECHO", server.Name, true), (failure.Outcome, failure.CommandName, failure.Node, failure.IsTransient));
        Assert.Contains("maxWaitingCommands", failure.Message, StringComparison.Ordinal);
        gate.Open();
        for (int i = 0; i < calls.Length; i++) Assert.Equal(i, (int)await Until.EndsAsync(calls[i]));
        Assert.DoesNotContain(server.Of("ECHO"), static command => command[1] == "too many");
        Assert.Equal("room again", (string?)await Until.EndsAsync(node.EchoAsync("room again")));
    }

    [Fact]
    public async Task When_the_line_is_full_of_bytes_a_call_fails_at_once()
    {
        await using FakeServer server = new();
        Gate gate = new();
        server.On("ECHO", command => FakeAnswer.Bulk(command.Words[1]).After(gate));
        await using NodeHarness node = await new NodeHarness(server, static o => (o.MaxInFlightCommands, o.MaxWaitingBytes) = (1, 10_000)).ConnectedAsync();
        List<ValueTask<RedisValue>> calls = [node.EchoAsync("in flight"), node.EchoAsync(new byte[6000])];
        Assert.Equal(Outcome.NotExecuted, (await Until.FailsAsync<RedisOverloadedException, RedisValue>(node.EchoAsync(new byte[6000]))).Outcome);
        calls.Add(node.EchoAsync(new byte[2000]));
        gate.Open();
        foreach (ValueTask<RedisValue> call in calls) await Until.EndsAsync(call);
        Assert.Equal(3, server.CountOf("ECHO"));
    }

    [Fact]
    public async Task Who_gave_up_no_longer_counts_in_the_line()
    {
        await using FakeServer server = new();
        Gate gate = new();
        server.On("ECHO", command => FakeAnswer.Bulk(command.Words[1]).After(gate));
        await using NodeHarness node = await new NodeHarness(server, static o => (o.MaxInFlightCommands, o.MaxWaitingCommands) = (1, 10)).ConnectedAsync();
        ValueTask<RedisValue> first = node.EchoAsync("first");
        for (int round = 0; round < 50; round++)
        {
            using CancellationTokenSource source = new();
            ValueTask<RedisValue>[] waiting = [.. Enumerable.Range(0, 10).Select(i => node.EchoAsync(i, source.Token))];
            await Until.FailsAsync<RedisOverloadedException, RedisValue>(node.EchoAsync("eleventh"));
            await source.CancelAsync();
            foreach (ValueTask<RedisValue> call in waiting) Assert.Equal(Outcome.NotExecuted, (await Until.FailsAsync<RedisCanceledException, RedisValue>(call)).Outcome);
        }

        ValueTask<RedisValue> last = node.EchoAsync("last");
        gate.Open();
        Assert.Equal(("first", "last"), ((string?)await Until.EndsAsync(first), (string?)await Until.EndsAsync(last)));
        Assert.Equal(["first", "last"], server.Of("ECHO").Select(static command => command[1]));
    }

    [Fact]
    public async Task Nor_do_the_bytes_of_one_who_gave_up()
    {
        await using FakeServer server = new();
        Gate gate = new();
        server.On("ECHO", command => FakeAnswer.Bulk(command.Words[1]).After(gate));
        await using NodeHarness node = await new NodeHarness(server, static o => (o.MaxInFlightCommands, o.MaxWaitingBytes) = (1, 10_000)).ConnectedAsync();
        List<ValueTask<RedisValue>> calls = [node.EchoAsync("in flight"), node.EchoAsync("a"), node.EchoAsync("b"), node.EchoAsync("c")];
        using CancellationTokenSource source = new();
        ValueTask<RedisValue> large = node.EchoAsync(new byte[9000], source.Token);
        await source.CancelAsync();
        await Until.FailsAsync<RedisCanceledException, RedisValue>(large);
        calls.Add(node.EchoAsync(new byte[9000]));
        gate.Open();
        foreach (ValueTask<RedisValue> call in calls) await Until.EndsAsync(call);
    }

    [Fact]
    public async Task No_waiting_at_all_may_be_asked_for()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server, static o => (o.MaxInFlightCommands, o.MaxWaitingCommands) = (1, 0)).ConnectedAsync();
        Gate gate = new();
        server.Once("ECHO", FakeAnswer.Bulk("1").After(gate));
        ValueTask<RedisValue> first = node.EchoAsync("1");
        await Until.FailsAsync<RedisOverloadedException, RedisValue>(node.EchoAsync("2"));
        gate.Open();
        await Until.EndsAsync(first);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Each_callers_commands_arrive_in_its_order_through_all_waiting(int inFlight)
    {
        const int Callers = 8, Calls = 500;
        await using FakeServer server = new();
        await using NodeHarness node = new(server, o => o.MaxInFlightCommands = inFlight);
        await Until.EndsAsync(Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            // Begun before there is a connection, and not awaited in between.
            ValueTask<long>[] calls = new ValueTask<long>[Calls];
            for (int i = 0; i < Calls; i++) calls[i] = node.StringAppendAsync($"caller{caller}", $"{i},");
            foreach (ValueTask<long> call in calls) await call;
        }))));
        string expected = string.Concat(Enumerable.Range(0, Calls).Select(static i => $"{i},"));
        for (int caller = 0; caller < Callers; caller++) Assert.Equal(expected, System.Text.Encoding.ASCII.GetString(server.Store[$"caller{caller}"]!));
    }

    [Fact]
    public async Task Large_and_small_commands_of_one_caller_keep_their_order()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server, static o => (o.MaxInFlightBytes, o.MaxWaitingBytes) = (256 * 1024, 1L << 30)).ConnectedAsync();
        Random random = new(3);
        List<ValueTask<bool>> calls = [];
        for (int i = 0; i < 300; i++) calls.Add(node.StringSetAsync($"k{i}", new byte[random.Next(5) == 0 ? random.Next(200_000) : random.Next(100)]));
        foreach (ValueTask<bool> call in calls) Assert.True(await Until.EndsAsync(call));
        Assert.Equal(Enumerable.Range(0, 300).Select(static i => $"k{i}"), server.Of("SET").Select(static command => command[1]));
    }
}
