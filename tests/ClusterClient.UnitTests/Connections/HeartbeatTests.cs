// A silent server becomes suspect, then hung; any byte is life.
using ClusterClient.Diagnostics;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Connections;

public class HeartbeatTests
{
    private static readonly TimeSpan _beat = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task A_silent_connection_is_asked_for_life()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server, static o => o.HeartbeatInterval = _beat).ConnectedAsync();
        await Until.HoldsAsync(() => server.CountOf("PING") >= 5);
        Assert.Equal(1, server.Accepted);
        await Until.HoldsAsync(() => !node.Node.IsSuspect);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_suspect_and_recovers_with_its_first_byte()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server, static o => (o.HeartbeatInterval, o.HangTimeout) = (_beat, TimeSpan.FromHours(1))).ConnectedAsync();
        Gate gate = new();
        server.Once("ECHO", FakeAnswer.Bulk("late").After(gate));
        ValueTask<RedisValue> slow = node.EchoAsync("late");
        await Until.HoldsAsync(() => node.Node.IsSuspect && node.Heard.Contains("Suspect"));
        Assert.Contains(node.Log.Entries, entry => entry.Event == EventIds.NodeSuspect && entry.Text.Contains(server.Name, StringComparison.Ordinal));

        // Suspicion fails nothing and closes nothing: new commands still go there.
        ValueTask<RedisValue> another = node.EchoAsync("another");
        gate.Open();
        Assert.Equal(("late", "another"), ((string?)await Until.EndsAsync(slow), (string?)await Until.EndsAsync(another)));
        await Until.HoldsAsync(() => !node.Node.IsSuspect);
        Assert.True(node.Log.CountOf(EventIds.NodeRecovered) > 0);
        Assert.Equal(1, server.Accepted);
    }

    [Theory]
    [InlineData("BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.")]
    [InlineData("MISCONF Errors writing to the AOF file: No space left on device")]
    [InlineData("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.")]
    [InlineData("NOPERM User ada has no permissions to run the 'ping' command")]
    public async Task An_error_in_answer_to_ping_is_life(string error)
    {
        await using FakeServer server = new();
        server.On("PING", FakeAnswer.Error(error));
        await using NodeHarness node = await new NodeHarness(server, static o => (o.HeartbeatInterval, o.HangTimeout) = (_beat, TimeSpan.FromHours(1))).ConnectedAsync();
        Gate gate = new();
        server.Once("ECHO", FakeAnswer.Bulk("x").After(gate));
        ValueTask<RedisValue> blocked = node.EchoAsync("x");
        await Until.HoldsAsync(() => node.Node.IsSuspect);
        int before = server.CountOf("PING");
        gate.Open();
        await Until.EndsAsync(blocked);
        await Until.HoldsAsync(() => !node.Node.IsSuspect && server.CountOf("PING") >= before + 3);
        Assert.Equal(1, server.Accepted);
    }

    [Fact]
    public async Task A_hung_server_is_left_after_the_hang_timeout_and_the_outcome_is_unknown()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server, static o => (o.HeartbeatInterval, o.HangTimeout) = (_beat, TimeSpan.FromMilliseconds(150))).ConnectedAsync();
        server.On("SET", command => command.Connection.Number == 1 ? FakeAnswer.Hang : null);
        RedisConnectionException failure = await Until.FailsAsync<RedisConnectionException, bool>(node.StringSetAsync("k", "v"));
        Assert.Equal((ConnectionFailure.Hung, Outcome.Unknown, server.Name), (failure.Failure, failure.Outcome, failure.Node));
        Assert.Contains("hangTimeout", failure.Message, StringComparison.Ordinal);
        await Until.HoldsAsync(() => server.Connections[0].IsLeftByClient);
        Assert.Contains("Suspect", node.Heard);
        await Until.HoldsAsync(() => node.Node.IsConnected);
        node.TimeoutMilliseconds = null;
        Assert.True(await SetUntilAnsweredAsync(node));
    }

    [Fact]
    public async Task A_server_that_stops_reading_is_left_too_and_what_had_not_left_goes_to_its_successor()
    {
        await using StuckNode stuck = await StuckNode.StartAsync(static o => (o.HeartbeatInterval, o.HangTimeout) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)));
        Task<long>[] behind = [.. Enumerable.Range(0, 5).Select(_ => stuck.Node.StringIncrementAsync("counter").AsTask())];
        RedisConnectionException failure = await Until.FailsAsync<RedisConnectionException>(stuck.Plug);
        Assert.Equal((ConnectionFailure.Hung, Outcome.Unknown), (failure.Failure, failure.Outcome));
        stuck.Server.Reading.Open();
        for (int i = 0; i < behind.Length; i++) Assert.Equal(i + 1, await Until.EndsAsync(behind[i]));
    }

    [Fact]
    public async Task An_idle_server_is_never_suspected_for_having_nothing_to_say()
    {
        // Nothing outstanding but the heartbeat's own PING, which is answered.
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server, static o => (o.HeartbeatInterval, o.HangTimeout) = (TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1))).ConnectedAsync();
        await Until.HoldsAsync(() => server.CountOf("PING") >= 20);
        Assert.DoesNotContain("Lost", node.Heard);
        Assert.Equal(1, server.Accepted);
    }

    [Fact]
    public async Task A_replaced_connection_that_hangs_is_closed_too()
    {
        await using FakeServer server = new();
        await using NodeHarness node = await new NodeHarness(server, static o => (o.HeartbeatInterval, o.HangTimeout) = (_beat, TimeSpan.FromMilliseconds(150))).ConnectedAsync();
        server.Once("ECHO", FakeAnswer.Hang);
        ValueTask<RedisValue> lost = node.EchoAsync("x");
        await Until.HoldsAsync(() => server.CountOf("ECHO") == 1);
        node.Node.Replace();
        RedisConnectionException failure = await Until.FailsAsync<RedisConnectionException, RedisValue>(lost);
        Assert.Equal((ConnectionFailure.Hung, Outcome.Unknown), (failure.Failure, failure.Outcome));
    }

    private static async Task<bool> SetUntilAnsweredAsync(NodeHarness node)
    {
        // A busy machine may starve a 150 ms hang timeout once more.
        while (true)
        {
            try
            {
                return await Until.EndsAsync(node.StringSetAsync("k", "v"));
            }
            catch (RedisConnectionException failure) when (failure.Failure == ConnectionFailure.Hung)
            {
                // Once more.
            }
        }
    }
}
