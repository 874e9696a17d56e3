// topology=auto: what a server is, with full and with few permissions; and the single server.
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
using ClusterClient.Topology;
using ClusterClient.Topology.Cluster;
using ClusterClient.UnitTests.Topology.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterClient.UnitTests.Topology;

public class TopologyProbeTests
{
    private const string NoPermission = "-NOPERM User app has no permissions to run this command\r\n";
    private const string UnknownCommand = "-ERR unknown command\r\n";
    private const string Disabled = "-ERR This instance has cluster support disabled\r\n";
    private static readonly NodeEndpoint _node = new("h", 6379);
    private readonly FakeTime _time = new();

    private static async Task<TopologyKind> IdentifyAsync(string hello, string info = UnknownCommand, string slots = UnknownCommand) =>
        await TopologyProbe.IdentifyAsync(_node, new ScriptedNodes().Serve(_node, command => command switch { "HELLO" => hello, "INFO" => info, _ => slots }), CancellationToken.None);

    [Theory]
    [InlineData("cluster", TopologyKind.Cluster)]
    [InlineData("standalone", TopologyKind.Standalone)]
    [InlineData("sentinel", TopologyKind.Sentinel)]
    public async Task HELLO_tells(string mode, TopologyKind expected) => Assert.Equal(expected, await IdentifyAsync(ScriptedNodes.Hello(mode, "master")));

    [Theory]
    [InlineData("redis_mode:cluster", TopologyKind.Cluster)]
    [InlineData("# Server\r\nredis_mode:standalone\r\n", TopologyKind.Standalone)]
    [InlineData("server_mode:cluster", TopologyKind.Cluster)]
    [InlineData("redis_version:2.6\r\ncluster_enabled:1", TopologyKind.Cluster)]
    [InlineData("cluster_enabled:0", TopologyKind.Standalone)]
    public async Task Else_INFO_tells(string info, TopologyKind expected)
    {
        Assert.Equal(expected, await IdentifyAsync(UnknownCommand, Reply.Bulk(info)));
        Assert.Equal(expected, await IdentifyAsync(ScriptedNodes.Hello("something", "new"), Reply.Bulk(info)));
    }

    [Fact]
    public async Task Else_CLUSTER_SLOTS_tells()
    {
        Assert.Equal(TopologyKind.Cluster, await IdentifyAsync(UnknownCommand, NoPermission, Picture.OfSix.SlotsReply()));
        Assert.Equal(TopologyKind.Standalone, await IdentifyAsync(NoPermission, NoPermission, Disabled));
        Assert.Equal(TopologyKind.Standalone, await IdentifyAsync(UnknownCommand, "$-1\r\n".Replace("$-1", "$0\r\n", StringComparison.Ordinal), UnknownCommand));
    }

    [Fact]
    public async Task Without_any_permission_one_clear_error()
    {
        RedisServerException error = await Assert.ThrowsAsync<RedisServerException>(() => IdentifyAsync(UnknownCommand, NoPermission, NoPermission));

        Assert.Equal(("NOPERM", "h:6379"), (error.Code, error.Node));
        Assert.Contains("h:6379 does not tell what it is", error.Message, StringComparison.Ordinal);
        Assert.Contains("+cluster|slots", error.Message, StringComparison.Ordinal);
        Assert.Contains("topology=cluster", error.Message, StringComparison.Ordinal);
    }

    private ITopologySource Auto(ScriptedNodes nodes, params NodeEndpoint[] seeds)
    {
        _ = nodes;
        var options = new RedisClientOptions();
        foreach (NodeEndpoint seed in seeds) options.Endpoints.Add(seed);
        ClientSettings settings = options.Snapshot();
        return TopologySources.Create(settings, new LogicalClock(), _time, new Telemetry(settings), NullLogger.Instance);
    }

    private static async Task<TopologySnapshot> ReadAsync(ITopologySource source, ScriptedNodes nodes, TopologySnapshot? current = null)
    {
        current ??= TopologySnapshot.Unknown;
        return (await source.ReadAsync(new(current, [], []), nodes, CancellationToken.None).AsTask().Within()).Conclude(current, LearnedMoves.None).Snapshot;
    }

    [Fact]
    public async Task Auto_asks_once_and_then_reads_what_it_found()
    {
        ScriptedNodes nodes = new ScriptedNodes().ServeAll(Picture.OfSix).Freeze(new("frozen", 1));
        ITopologySource source = Auto(nodes, new("frozen", 1), new("gone", 1), Picture.At(7000));

        TopologySnapshot snapshot = await ReadAsync(source, nodes);
        Assert.Equal((TopologyKind.Cluster, 6), (snapshot.Kind, snapshot.Nodes.Length));

        nodes.Forget();
        await ReadAsync(source, nodes, snapshot);
        Assert.Equal(0, nodes.CountOf("HELLO"));
    }

    [Fact]
    public async Task Auto_finds_a_single_server()
    {
        ScriptedNodes nodes = new ScriptedNodes().Serve(_node, command => command == "HELLO" ? ScriptedNodes.Hello("standalone", "master") : UnknownCommand);

        TopologySnapshot snapshot = await ReadAsync(Auto(nodes, _node), nodes);

        Assert.Equal((TopologyKind.Standalone, _node), (snapshot.Kind, snapshot.MasterOf("any")!.Endpoint));
    }

    [Fact]
    public async Task Auto_refuses_a_Sentinel_plainly_and_names_all_who_did_not_answer()
    {
        ScriptedNodes nodes = new ScriptedNodes().Serve(_node, _ => ScriptedNodes.Hello("sentinel", "none"));
        Assert.Contains("Sentinel", (await Assert.ThrowsAsync<RedisException>(() => ReadAsync(Auto(nodes, _node), nodes))).Message, StringComparison.Ordinal);

        RedisConnectionException error = await Assert.ThrowsAsync<RedisConnectionException>(() => ReadAsync(Auto(nodes, new NodeEndpoint("x", 1), new("y", 2)), nodes));
        Assert.Contains("No server could be reached: nobody listens at x:1, y:2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_single_server_is_the_first_master_among_the_seeds()
    {
        NodeEndpoint replica = new("r", 1), master = new("m", 1);
        var gate = new TaskCompletionSource();
        ScriptedNodes nodes = new ScriptedNodes()
            .Serve(replica, _ => ScriptedNodes.Hello("standalone", "replica"))
            .Serve(master, _ => ScriptedNodes.Hello("standalone", "master")).Hold(master, gate.Task);
        var source = new StandaloneTopologySource([replica, master], _time);

        Task<TopologySnapshot> read = ReadAsync(source, nodes);
        await Eventually.TrueAsync(() => nodes.Asked.Count == 2 && _time.Pending.Length == 1, () => $"{nodes.Asked.Count} questions");
        gate.SetResult();
        TopologySnapshot snapshot = await read;
        Assert.Equal(master, snapshot.MasterOf(0)!.Endpoint);

        // It is kept as long as it answers, and left for another when it does not.
        Assert.Same(snapshot, await ReadAsync(source, nodes, snapshot));
        nodes.Refuse(master);
        Assert.Equal(replica, (await ReadAsync(source, nodes, snapshot)).MasterOf(0)!.Endpoint);
    }

    [Fact]
    public async Task A_server_that_refuses_HELLO_is_still_a_server()
    {
        ScriptedNodes nodes = new ScriptedNodes().Serve(_node, _ => UnknownCommand);
        var source = new StandaloneTopologySource([_node], _time);

        TopologySnapshot snapshot = await ReadAsync(source, nodes);
        Assert.Equal(_node, snapshot.MasterOf(0)!.Endpoint);

        // The only server there is need not be asked again.
        nodes.Forget();
        Assert.Same(snapshot, await ReadAsync(source, nodes, snapshot));
        Assert.Empty(nodes.Asked);
    }

    [Fact]
    public async Task An_unreachable_single_server_is_named()
    {
        RedisConnectionException error = await Assert.ThrowsAsync<RedisConnectionException>(
            () => ReadAsync(new StandaloneTopologySource([_node], _time), new ScriptedNodes().Refuse(_node)));

        Assert.Equal((ConnectionFailure.Refused, "h:6379"), (error.Failure, error.Node));
        Assert.Equal("No server could be reached: connection to h:6379 refused", error.Message);
    }
}
