// How soon a node is dialled again for those who come while a pause is on: at once, as it were, unless it is gone for long or refuses.
using ClusterClient.UnitTests.Fakes;
using ClusterClient.UnitTests.Topology.Support;

namespace ClusterClient.UnitTests.Connections;

public class RedialTests
{
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(50);
    private readonly FakeTime _time = new();

    [Fact]
    public async Task Who_comes_during_a_long_pause_does_not_wait_for_its_end()
    {
        await using FakeServer server = new();
        server.StopListening();
        await using NodeHarness node = await new NodeHarness(server, time: _time).StartedAsync();
        await ReachLongPauseAsync(node);
        server.ListenAgain();
        Task<RedisValue> early = node.EchoAsync("early").AsTask();
        Assert.InRange(_time.Pending.Single(), TimeSpan.FromTicks(1), _short);
        _time.Advance(_short);
        Assert.Equal("early", (string?)await Until.EndsAsync(early));
    }

    [Fact]
    public async Task Nor_after_connections_that_died_young()
    {
        await using FakeServer server = new();
        server.On("CLIENT", static command => command[2] == "LIB-VER" ? FakeAnswer.Ok.Then(FakeAnswer.Close) : null);
        await using NodeHarness node = await new NodeHarness(server, time: _time).StartedAsync();
        await ReachLongPauseAsync(node);
        Assert.Contains("Connected", node.Heard);
        server.ClearRules();
        Task<RedisValue> early = node.EchoAsync("early").AsTask();
        Assert.InRange(_time.Pending.Single(), TimeSpan.FromTicks(1), _short);
        _time.Advance(_short);
        Assert.Equal("early", (string?)await Until.EndsAsync(early));
    }

    [Fact]
    public async Task For_a_node_that_is_gone_for_long_the_configured_pause_stands()
    {
        await using FakeServer server = new();
        server.StopListening();
        await using NodeHarness node = await new NodeHarness(server, time: _time).StartedAsync();
        await ReachLongPauseAsync(node);
        _time.Advance(TimeSpan.FromSeconds(31));
        await ReachLongPauseAsync(node);
        await CheckStandsAsync(node);
    }

    [Fact]
    public async Task For_a_node_that_refuses_the_configured_pause_stands()
    {
        await using FakeServer server = new();
        server.Greeting = static _ => FakeAnswer.Error("ERR max number of clients reached").Then(FakeAnswer.Close);
        await using NodeHarness node = await new NodeHarness(server, time: _time).StartedAsync();
        await ReachLongPauseAsync(node);
        server.Greeting = null;
        await CheckStandsAsync(node);
    }

    private async Task CheckStandsAsync(NodeHarness node)
    {
        TimeSpan pause = _time.Pending.Single();
        Task<RedisValue> waiting = node.EchoAsync("x").AsTask();
        Assert.Equal(pause, _time.Pending.Single());
        _time.Advance(pause - TimeSpan.FromTicks(1));
        Assert.False(waiting.IsCompleted);
        Assert.Single(_time.Pending);
    }

    /// <summary>Attempt after attempt fails, until one leads to a pause of more than a second; two are the most.</summary>
    private async Task ReachLongPauseAsync(NodeHarness node)
    {
        int failures = node.Failures.Count;
        for (int i = 0; i < 60; i++)
        {
            await Until.HoldsAsync(() => _time.Pending.Length == 1 || node.Failures.Count > failures, node.Log.ToString);
            failures = node.Failures.Count;
            if (_time.Pending is not [{ } pause]) continue; // the pause is about to begin, or there is none after the first young death
            if (pause > TimeSpan.FromSeconds(1)) return;
            _time.Advance(pause);
        }

        Assert.Fail($"No pause was long. {node.Log}");
    }
}
