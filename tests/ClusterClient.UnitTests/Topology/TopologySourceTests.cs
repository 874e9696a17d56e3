// Reading the topology from nodes that answer, lag, freeze and refuse.
using ClusterClient.Topology;
using ClusterClient.Topology.Cluster;
using ClusterClient.UnitTests.Topology.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterClient.UnitTests.Topology;

public class TopologySourceTests
{
    private static readonly NodeEndpoint[] _ports = [.. Enumerable.Range(7000, 6).Select(Picture.At)];
    private readonly FakeTime _time = new();
    private readonly LogicalClock _clock = new();

    private ClusterTopologySource Cluster(params NodeEndpoint[] seeds) => new([.. seeds], endpointMap: null, _clock, _time, NullLogger.Instance);

    private static TopologyRequest Request(TopologySnapshot? current = null, NodeEndpoint[]? involved = null, NodeEndpoint[]? suspects = null) =>
        new(current ?? TopologySnapshot.Unknown, [.. involved ?? []], [.. suspects ?? []]);

    private static async Task<TopologySnapshot> ReadAsync(ClusterTopologySource source, ScriptedNodes nodes, TopologyRequest? request = null)
    {
        request ??= Request();
        return (await source.ReadAsync(request, nodes, CancellationToken.None).AsTask().Within()).Conclude(request.Current, LearnedMoves.None).Snapshot;
    }

    private async Task AdvanceOnceTimerIsSet(TimeSpan by)
    {
        await Eventually.TrueAsync(() => _time.Pending.Any(due => due <= by), () => $"timers: {string.Join(", ", _time.Pending)}");
        _time.Advance(by);
    }

    [Fact]
    public async Task The_first_seed_with_the_whole_picture_starts_whatever_the_others_do()
    {
        ScriptedNodes nodes = new ScriptedNodes().Serve(Picture.OfSix.SeenBy("b")).Freeze(Picture.At(7000)).Refuse(Picture.At(7002));

        TopologySnapshot snapshot = await ReadAsync(Cluster(Picture.At(7000), Picture.At(7001), Picture.At(7002)), nodes);

        Assert.Equal(6, snapshot.Nodes.Length);
    }

    [Fact]
    public async Task A_seed_without_the_whole_picture_waits_for_a_better_one_but_not_for_long()
    {
        Picture partial = Picture.OfSix.Replace(Picture.OfSix["a"] with { Slots = [] });
        var late = new TaskCompletionSource();
        ScriptedNodes nodes = new ScriptedNodes().Serve(partial.SeenBy("b")).Serve(Picture.OfSix.SeenBy("c")).Hold(Picture.At(7002), late.Task).Freeze(Picture.At(7000));
        Task<TopologySnapshot> read = ReadAsync(Cluster(_ports[..3]), nodes);
        await Eventually.TrueAsync(() => _time.Pending.Length > 0, () => "the grace has not begun");
        Assert.False(read.IsCompleted);
        late.SetResult();
        Assert.Equal(HashSlot.Count, (await read).CoveredSlots);

        Task<TopologySnapshot> alone = ReadAsync(Cluster(Picture.At(7000), Picture.At(7001)), nodes);
        await AdvanceOnceTimerIsSet(NodeRound<int>.Grace);
        Assert.Equal(HashSlot.Count - 5461, (await alone.Within()).CoveredSlots);
    }

    [Fact]
    public async Task When_every_seed_is_bad_each_is_named_with_its_cause()
    {
        ScriptedNodes nodes = new ScriptedNodes()
            .Refuse(Picture.At(7000))
            .Serve(Picture.At(7001), _ => "-WRONGPASS invalid username-password pair\r\n")
            .Serve(Picture.At(7002), _ => "-ERR This instance has cluster support disabled\r\n")
            .Serve(Picture.At(7003), _ => "+HTTP\r\n");

        RedisConnectionException error = await Assert.ThrowsAsync<RedisConnectionException>(() => ReadAsync(Cluster(_ports[..5]), nodes));

        Assert.StartsWith("No seed could tell the cluster's topology: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(": connection to 127.0.0.1:7000 refused; ", error.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:7001: WRONGPASS", error.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:7002: ERR This instance has cluster support disabled", error.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:7003: The reply to CLUSTER SLOTS cannot be read", error.Message, StringComparison.Ordinal);
        Assert.Contains("nobody listens at 127.0.0.1:7004", error.Message, StringComparison.Ordinal);
        Assert.Contains("topology=standalone", error.Message, StringComparison.Ordinal);
        Assert.Equal((ConnectionFailure.Authentication, Outcome.NotExecuted), (error.Failure, error.Outcome));
        Assert.Equal(5, Assert.IsType<AggregateException>(error.InnerException).InnerExceptions.Count);
    }

    [Fact]
    public async Task Denied_CLUSTER_SLOTS_says_what_to_permit()
    {
        ScriptedNodes nodes = new ScriptedNodes().Serve(Picture.At(7000), command => $"-NOPERM User app has no permissions to run the '{command}' command\r\n");

        RedisConnectionException error = await Assert.ThrowsAsync<RedisConnectionException>(() => ReadAsync(Cluster(Picture.At(7000)), nodes));

        Assert.Contains("+cluster|slots", error.Message, StringComparison.Ordinal);
        Assert.Equal(ConnectionFailure.Permission, error.Failure);
        Assert.IsType<RedisServerException>(error.InnerException);
    }

    [Fact]
    public async Task Denied_CLUSTER_NODES_leaves_what_CLUSTER_SLOTS_tells()
    {
        ScriptedNodes nodes = new ScriptedNodes().Serve(Picture.At(7000), command => command == "CLUSTER SLOTS" ? Picture.OfSix.SlotsReply() : "-NOPERM no\r\n");

        TopologySnapshot snapshot = await ReadAsync(Cluster(Picture.At(7000)), nodes);

        Assert.Equal((3, 3, HashSlot.Count), (snapshot.Masters.Length, snapshot.Replicas.Length, snapshot.CoveredSlots));
        Assert.Single(snapshot.ReplicasOf(0));
    }

    [Fact]
    public async Task Slots_are_asked_before_nodes()
    {
        ScriptedNodes nodes = new ScriptedNodes().ServeAll(Picture.OfSix);

        await ReadAsync(Cluster(Picture.At(7000)), nodes);

        Assert.Equal(["CLUSTER SLOTS", "CLUSTER NODES"], nodes.Asked.Select(question => question.Command));
    }

    [Fact]
    public async Task A_frozen_node_delays_one_round_by_the_grace_and_the_next_not_at_all()
    {
        ScriptedNodes nodes = new ScriptedNodes().ServeAll(Picture.OfSix).Freeze(Picture.At(7002));
        ClusterTopologySource source = Cluster(Picture.At(7000));
        TopologySnapshot start = await ReadAsync(source, nodes);

        Task<TopologySnapshot> first = ReadAsync(source, nodes, Request(start));
        await AdvanceOnceTimerIsSet(NodeRound<int>.Grace);
        Assert.Equal(HashSlot.Count, (await first.Within()).CoveredSlots);

        nodes.Forget();
        Assert.Equal(HashSlot.Count, (await ReadAsync(source, nodes, Request(start))).CoveredSlots); // no clock was moved
        Assert.Contains(Picture.At(7002), nodes.NodesAsked);
    }

    [Fact]
    public async Task Who_was_slow_once_is_waited_for_again_when_it_has_been_heard_of()
    {
        var late = new TaskCompletionSource();
        ScriptedNodes nodes = new ScriptedNodes().ServeAll(Picture.OfSix).Hold(Picture.At(7002), late.Task);
        ClusterTopologySource source = Cluster(Picture.At(7000));
        TopologySnapshot start = await ReadAsync(source, nodes);
        ValueTask<ITopologyReading> first = source.ReadAsync(Request(start), nodes, CancellationToken.None);
        await AdvanceOnceTimerIsSet(NodeRound<int>.Grace);
        Assert.DoesNotContain(Picture.At(7002), (await first.AsTask().Within()).Answered);

        nodes.Hear(Picture.At(7002));
        Task<ITopologyReading> next = source.ReadAsync(Request(start), nodes, CancellationToken.None).AsTask();
        await Eventually.TrueAsync(() => next.IsCompleted || _time.Pending.Length > 0, () => "nobody answered");
        Assert.False(next.IsCompleted);
        late.SetResult();
        Assert.Contains(Picture.At(7002), (await next.Within()).Answered);
    }

    [Fact]
    public async Task Nobody_waits_for_a_suspect()
    {
        ScriptedNodes nodes = new ScriptedNodes().ServeAll(Picture.OfSix).Freeze(Picture.At(7000));
        ClusterTopologySource source = Cluster(Picture.At(7001));
        TopologySnapshot start = await ReadAsync(source, nodes);

        await ReadAsync(source, nodes, Request(start, suspects: [Picture.At(7000)])); // no clock was moved
    }

    [Fact]
    public async Task When_only_suspects_are_left_they_are_waited_for()
    {
        var gate = new TaskCompletionSource();
        ScriptedNodes nodes = new ScriptedNodes().ServeAll(Picture.OfSix);
        ClusterTopologySource source = Cluster(Picture.At(7000));
        TopologySnapshot start = await ReadAsync(source, nodes);
        foreach (NodeEndpoint node in _ports[1..]) nodes.Refuse(node);
        nodes.Hold(Picture.At(7000), gate.Task);

        Task<TopologySnapshot> read = ReadAsync(source, nodes, Request(start, suspects: [Picture.At(7000)]));
        gate.SetResult();
        Assert.Equal(6, (await read.Within()).Nodes.Length);
    }

    [Fact]
    public async Task In_a_large_cluster_those_involved_the_heirs_and_a_few_others_are_asked()
    {
        Picture large = Large(masters: 50);
        ScriptedNodes nodes = new ScriptedNodes().ServeAll(large);
        ClusterTopologySource source = Cluster(large["m7"].Endpoint);
        TopologySnapshot start = await ReadAsync(source, nodes);
        Assert.Equal((50, 50), (start.Masters.Length, start.Replicas.Length));

        nodes.Forget();
        await ReadAsync(source, nodes, Request(start, involved: [large["m3"].Endpoint], suspects: [large["m9"].Endpoint]));

        Assert.Contains(large["m3"].Endpoint, nodes.NodesAsked);
        Assert.Contains(large["m9"].Endpoint, nodes.NodesAsked);
        Assert.Contains(large["r9"].Endpoint, nodes.NodesAsked);
        Assert.Equal(6, nodes.NodesAsked.Count);
    }

    [Fact]
    public async Task When_those_asked_first_are_gone_all_others_are_and_then_the_seeds()
    {
        Picture large = Large(masters: 20);
        ScriptedNodes nodes = new ScriptedNodes().ServeAll(large);
        NodeEndpoint seed = new("seed.example", 6379);
        nodes.Serve(seed, command => command == "CLUSTER SLOTS" ? large.SlotsReply() : Reply.Bulk(large.NodesText()));
        ClusterTopologySource source = Cluster(seed);
        TopologySnapshot start = await ReadAsync(source, nodes);

        foreach (Member member in large.Members.Where(member => member.Name != "r11")) nodes.Refuse(member.Endpoint);
        Assert.Equal(40, (await ReadAsync(source, nodes, Request(start))).Nodes.Length);

        nodes.Refuse(large["r11"].Endpoint);
        nodes.Forget();
        Assert.Equal(40, (await ReadAsync(source, nodes, Request(start))).Nodes.Length);
        Assert.Equal(41, nodes.NodesAsked.Count);

        nodes.Refuse(seed);
        RedisConnectionException error = await Assert.ThrowsAsync<RedisConnectionException>(() => ReadAsync(source, nodes, Request(start)));
        Assert.StartsWith("No node could tell the cluster's topology", error.Message, StringComparison.Ordinal);
        Assert.Contains("seed.example:6379", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_ends_a_read_even_when_every_node_is_frozen()
    {
        ScriptedNodes nodes = new ScriptedNodes().Freeze(Picture.At(7000));
        using var cancel = new CancellationTokenSource();
        Task<ITopologyReading> read = Cluster(Picture.At(7000)).ReadAsync(Request(), nodes, cancel.Token).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.Within());
    }

    private static Picture Large(int masters)
    {
        int share = HashSlot.Count / masters;
        return new("m7", [
            .. Enumerable.Range(0, masters).Select(i => new Member($"m{i}", 10000 + i, i + 1, new SlotRange(i * share, i == masters - 1 ? HashSlot.Count - 1 : ((i + 1) * share) - 1))),
            .. Enumerable.Range(0, masters).Select(i => new Member($"r{i}", 20000 + i, i + 1) { MasterName = $"m{i}" })]);
    }
}
