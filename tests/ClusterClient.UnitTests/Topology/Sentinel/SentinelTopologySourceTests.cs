// What a client under Sentinels makes of a master that is farther away than its replicas: it is heard, and the looks come to rest.
using System.Collections.Immutable;
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
using ClusterClient.Topology;
using ClusterClient.Topology.Sentinel;
using ClusterClient.UnitTests.Fakes;
using ClusterClient.UnitTests.Topology.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterClient.UnitTests.Topology.Sentinel;

public sealed class SentinelTopologySourceTests : IAsyncLifetime, IRefreshRequests
{
    private static readonly NodeEndpoint _master = new("10.0.0.1", 6379), _replica = new("10.0.0.2", 6379);
    private readonly FakeServer _sentinel = new();
    private readonly ScriptedNodes _nodes = new();
    private readonly FakeTime _time = new();
    private readonly SentinelTopologySource _source;
    private int _requests;

    public SentinelTopologySourceTests()
    {
        ClientSettings settings = RedisClientOptions.Parse($"redis://{_sentinel.Name}?serviceName=m").Snapshot();
        _source = new SentinelTopologySource(settings, new Telemetry(settings), _time, NullLogger.Instance);
        _source.Attach(this);
        _sentinel.On("SENTINEL", static command => command.Subcommand switch
        {
            "MASTER" => FakeAnswer.Raw(Entry("name", "m", "ip", "10.0.0.1", "port", "6379", "flags", "master", "config-epoch", "3")),
            "GET-MASTER-ADDR-BY-NAME" => FakeAnswer.Bulks("10.0.0.1", "6379"),
            "REPLICAS" => FakeAnswer.Raw($"*1\r\n{Entry("ip", "10.0.0.2", "port", "6379", "flags", "slave", "master-link-status", "ok")}"),
            "SENTINELS" => FakeAnswer.Raw("*0\r\n"),
            _ => FakeAnswer.Bulk("id1"),
        });
        _nodes.Serve(_master, static _ => Reply.Bulk("role:master\r\nmaster_replid:a\r\n"));
        _nodes.Serve(_replica, static _ => Reply.Bulk("role:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:6379\r\nmaster_link_status:up\r\nmaster_replid:a\r\n"));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _source.DisposeAsync();
        await _sentinel.DisposeAsync();
    }

    [Fact]
    public async Task A_master_that_is_far_away_is_waited_for_once_it_has_said_anything_and_the_looks_come_to_rest()
    {
        TaskCompletionSource late = new();
        _nodes.Hold(_master, late.Task);
        TopologySnapshot snapshot = await FirstLookAsync();
        Assert.Equal(_master, snapshot.MasterOf(0)!.Endpoint);

        // Nothing is certain before it has spoken: looks are asked for again and again, and it is not waited for.
        await NextRequestAsync();
        Assert.DoesNotContain(_master, (await ReadAsync(snapshot).Within()).Answered); // no clock was moved

        // Its connection stands.
        _nodes.Hear(_master);
        _nodes.Forget();
        Task<ITopologyReading> next = ReadAsync(snapshot);
        await Eventually.TrueAsync(() => next.IsCompleted || (_nodes.NodesAsked.Contains(_replica) && _time.Pending.Any(static due => due > TimeSpan.FromMilliseconds(50))), static () => "nobody answered");
        Assert.False(next.IsCompleted);
        late.SetResult();
        ITopologyReading heard = await next.Within();
        Assert.Contains(_master, heard.Answered);
        Assert.Same(snapshot, Conclude(heard, snapshot));
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(50));
                return _time.Pending.Length == 0;
            },
            static () => "the looks go on");
    }

    [Fact]
    public async Task A_master_that_is_gone_is_dialled_at_every_look_for_seconds_only()
    {
        _nodes.Lose(_master);
        await FirstLookAsync();
        for (int look = 0; look < 200; look++) await NextRequestAsync();
        Assert.Equal(Enumerable.Repeat(_master, (int)(HurriedNode.For / EagerPace.Pause)), _nodes.Hurried);
    }

    void IRefreshRequests.RequestRefresh(TopologyChangeReason reason, NodeEndpoint? node, string? detail)
    {
        if (detail == "the master is not certain yet") Interlocked.Increment(ref _requests);
    }

    private static TopologySnapshot Conclude(ITopologyReading reading, TopologySnapshot current) => reading.Conclude(current, LearnedMoves.None).Snapshot;

    private static string Entry(params string[] words) => $"*{words.Length}\r\n{string.Concat(words.Select(Reply.Bulk))}";

    private Task<ITopologyReading> ReadAsync(TopologySnapshot current) => _source.ReadAsync(new(current, ImmutableHashSet<NodeEndpoint>.Empty, ImmutableHashSet<NodeEndpoint>.Empty), _nodes, CancellationToken.None).AsTask();

    /// <summary>A look for which the grace of each of its rounds runs out: that of the Sentinels may still be counted when their only answer has come.</summary>
    private async Task<TopologySnapshot> FirstLookAsync()
    {
        Task<ITopologyReading> first = ReadAsync(TopologySnapshot.Unknown);
        await Eventually.TrueAsync(
            () =>
            {
                if (_time.Pending.Length > 0) _time.Advance(NodeRound<int>.Grace);
                return first.IsCompleted;
            },
            static () => "nobody answered");
        return Conclude(await first, TopologySnapshot.Unknown);
    }

    private async Task NextRequestAsync()
    {
        int before = Volatile.Read(ref _requests);
        await Eventually.TrueAsync(() => _time.Pending.Length > 0, static () => "no look is to come");
        _time.Advance(EagerPace.Pause);
        await Eventually.TrueAsync(() => Volatile.Read(ref _requests) > before, static () => "no look was asked for");
    }
}
