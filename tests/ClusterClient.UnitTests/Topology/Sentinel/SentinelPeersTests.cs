// How Sentinels are asked, and that nothing is left of one that is forgotten.
using System.Collections.Concurrent;
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
using ClusterClient.Topology;
using ClusterClient.Topology.Sentinel;
using ClusterClient.UnitTests.Fakes;
using ClusterClient.UnitTests.Topology.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterClient.UnitTests.Topology.Sentinel;

public sealed class SentinelPeersTests : IAsyncLifetime
{
    private readonly FakeServer _first = new(), _second = new();
    private readonly FakeTime _time = new();
    private readonly ClientSettings _settings;
    private readonly SentinelPeers _peers;
    private readonly ConcurrentQueue<NodeEndpoint> _heardFrom = new();
    private readonly List<Gate> _gates = [];
    private volatile bool _isNamed = true;

    public SentinelPeersTests()
    {
        _settings = RedisClientOptions.Parse($"redis://{_first.Name}?serviceName=m").Snapshot();
        _peers = new SentinelPeers(_settings, new Telemetry(_settings), _time, (node, _) => _heardFrom.Enqueue(node), NullLogger.Instance);
        _first.On("SENTINEL", command => Answer(command, "id1", _isNamed ? Entry("ip", "127.0.0.1", "port", $"{_second.Port}", "runid", "id2") : null));
        _second.On("SENTINEL", command => Answer(command, "id2", Entry("ip", "127.0.0.1", "port", $"{_first.Port}", "runid", "id1")));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (Gate gate in _gates) gate.Open();
        await _peers.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task The_epoch_is_asked_before_the_address_whether_or_not_there_is_a_connection()
    {
        for (int i = 0; i < 50; i++)
        {
            await using SentinelPeer peer = new(_first.Endpoint, _settings.Sentinels!, "m", new Telemetry(_settings), static (_, _) => { }, NullLogger.Instance);
            for (int ask = 0; ask < 2; ask++)
            {
                _first.ForgetCommands();
                Assert.Equal(("id1", 3), await peer.AskAsync(default) is var view ? (view.Id, view.Epoch) : default);
                string[] asked = [.. _first.Of("SENTINEL").Select(static command => command.Subcommand)];
                Assert.Equal(("MASTER", 5), (asked[0], asked.Length));
            }
        }
    }

    [Fact]
    public async Task Who_does_not_tell_its_id_is_asked_once_a_connection()
    {
        _first.On("SENTINEL", static command => command.Subcommand is "MYID" ? FakeAnswer.Error("NOPERM this user has no permissions to run the 'sentinel|myid' command") : null);
        for (int i = 0; i < 5; i++) Assert.Contains((await _peers.AskAsync(default)).Views, view => view.Source == _first.Endpoint && view.Id.Length == 0);
        Assert.Single(_first.Of("SENTINEL"), static command => command.Subcommand is "MYID");
    }

    [Fact]
    public async Task One_that_is_forgotten_is_left_without_a_connection()
    {
        Assert.Equal(2, (await _peers.AskAsync(default)).Known);
        Assert.True(_peers.HasUnheard);
        Assert.Equal(2, (await _peers.AskAsync(default)).Views.Count);
        Assert.False(_peers.HasUnheard);

        // It lives, and watches the master no more; neither do the others name it.
        _isNamed = false;
        _second.On("SENTINEL", FakeAnswer.Error("ERR No such master with that name"));
        Assert.Equal(1, (await _peers.AskAsync(default)).Known);
        Assert.Contains(_second.Connections, static one => one.IsOpen);
        _time.Advance(TimeSpan.FromMilliseconds(SentinelCensus.Grace));
        Assert.Equal(1, (await _peers.AskAsync(default)).Known);
        foreach (FakeConnection connection in _second.Connections) await connection.Ended.WaitAsync(TimeSpan.FromSeconds(10));
        int asked = _second.CountOf("SENTINEL"), accepted = _second.Accepted;
        Assert.Single((await _peers.AskAsync(default)).Views);
        Assert.Equal((asked, accepted), (_second.CountOf("SENTINEL"), _second.Accepted));
    }

    [Fact]
    public async Task One_that_is_far_away_is_waited_for_when_its_connection_stands_and_then_listened_to()
    {
        (Gate handshake, Gate answers) = (NewGate(), NewGate());
        _second.On("HELLO", command => _second.Handshake.TryAnswer(command)!.After(handshake));
        await _peers.AskAsync(default); // names it

        // Its handshake takes longer than the others are waited for.
        Assert.Single((await AskWhileItIsSilentAsync(NodeRound<int>.Grace)).Views);
        Assert.False(_peers.HasUnheard); // it will say so itself
        Assert.Single((await _peers.AskAsync(default)).Views); // no clock was moved
        handshake.Open();
        await Eventually.TrueAsync(() => _heardFrom.Contains(_second.Endpoint), () => "it has not connected");

        // The first answer takes too long as well, and is asked for again.
        _second.On("SENTINEL", command => Answer(command, "id2", null).After(answers));
        Assert.Single((await AskWhileItIsSilentAsync(2 * NodeRound<int>.Grace)).Views);
        Assert.True(_peers.HasUnheard);
        answers.Open();
        for (int i = 0; i < 1000 && (await _peers.AskAsync(default).Within()).Views.Count < 2; i++)
        {
            // Its late answers are on their way.
        }

        for (int i = 0; i < 3; i++) Assert.Equal(2, (await _peers.AskAsync(default)).Views.Count);
        Assert.False(_peers.HasUnheard);
        await Eventually.TrueAsync(() => _second.CountOf("SUBSCRIBE") > 0, () => "nobody listens to it");

        async Task<SentinelRound> AskWhileItIsSilentAsync(TimeSpan patience)
        {
            int asked = _second.CountOf("SENTINEL"), held = _second.CountOf("HELLO");
            Task<SentinelRound> round = _peers.AskAsync(default);
            await Eventually.TrueAsync(() => round.IsCompleted || (_time.Pending.Length > 0 && (_second.CountOf("HELLO") > held || _second.CountOf("SENTINEL") > asked)), () => "nobody answered");
            Assert.False(round.IsCompleted);
            _time.Advance(patience);
            return await round.Within();
        }
    }

    private Gate NewGate()
    {
        _gates.Add(new Gate());
        return _gates[^1];
    }

    private static FakeAnswer Answer(FakeCommand command, string id, string? other) => command.Subcommand switch
    {
        "MASTER" => FakeAnswer.Raw(Entry("name", "m", "ip", "10.0.0.1", "port", "6379", "flags", "master", "config-epoch", "3")),
        "GET-MASTER-ADDR-BY-NAME" => FakeAnswer.Bulks("10.0.0.1", "6379"),
        "REPLICAS" => FakeAnswer.Raw("*0\r\n"),
        "SENTINELS" => FakeAnswer.Raw(other is null ? "*0\r\n" : $"*1\r\n{other}"),
        "MYID" => FakeAnswer.Bulk(id),
        _ => FakeAnswer.Error("ERR Unknown sentinel subcommand"),
    };

    private static string Entry(params string[] words) => $"*{words.Length}\r\n{string.Concat(words.Select(Reply.Bulk))}";
}
