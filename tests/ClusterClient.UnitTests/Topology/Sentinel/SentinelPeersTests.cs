// How Sentinels are asked, and that nothing is left of one that is forgotten.
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
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
    private volatile bool _isNamed = true;

    public SentinelPeersTests()
    {
        _settings = RedisClientOptions.Parse($"redis://{_first.Name}?serviceName=m").Snapshot();
        _peers = new SentinelPeers(_settings, new Telemetry(_settings), _time, static (_, _) => { }, NullLogger.Instance);
        _first.On("SENTINEL", command => Answer(command, "id1", _isNamed ? Entry("ip", "127.0.0.1", "port", $"{_second.Port}", "runid", "id2") : null));
        _second.On("SENTINEL", command => Answer(command, "id2", Entry("ip", "127.0.0.1", "port", $"{_first.Port}", "runid", "id1")));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
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
        Assert.True(_peers.HasUnasked);
        Assert.Equal(2, (await _peers.AskAsync(default)).Views.Count);
        Assert.False(_peers.HasUnasked);

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
