// A master with replicas and no Sentinel: found from any node, followed through every change that a person can make.
using System.Collections.Immutable;
using ClusterClient.Topology;
using ClusterClient.Topology.Replication;
using ClusterClient.UnitTests.Fakes;
using ClusterClient.UnitTests.Topology.Support;

namespace ClusterClient.UnitTests.Topology.Replication;

public sealed class ReplicationTopologyTests
{
    private readonly ReplicatedServers _servers = new ReplicatedServers().With(1).With(2, follows: 1, offset: 90).With(3, follows: 2, offset: 80);
    private readonly TestLog _log = new();
    private readonly FakeTime _time = new();
    private TopologySnapshot _current = TopologySnapshot.Unknown;
    private ReplicationTopologySource? _source;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Any_node_leads_to_all_of_a_chain(int seed)
    {
        TopologySnapshot snapshot = await ReadAsync(ReplicatedServers.At(seed));

        Assert.Equal((TopologyKind.Replicated, 3), (snapshot.Kind, snapshot.Nodes.Length));
        Assert.Equal(ReplicatedServers.At(1), snapshot.MasterOf(16383)!.Endpoint);
        Assert.Equal([ReplicatedServers.At(2), ReplicatedServers.At(3)], snapshot.ReplicasOf(0).Select(static node => node.Endpoint));
        NodeReplication chained = snapshot.NodeAt(ReplicatedServers.At(3))!.Replication!;
        Assert.Equal((ReplicatedServers.At(2), true, 80, TimeSpan.FromSeconds(1)), (chained.Follows, chained.IsLinkUp, chained.Offset, chained.Lag));
        Assert.Contains("10.0.0.1:3 replica of 10.0.0.1:2 at offset 80, heard of 1 s ago", snapshot.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_server_under_two_addresses_is_one_member_under_the_first()
    {
        TopologySnapshot snapshot = await ReadAsync(new NodeEndpoint("alias", 2));
        Assert.Equal(["10.0.0.1:1", "10.0.0.1:3", "alias:2"], snapshot.Nodes.Select(static node => node.Endpoint.ToString()));
        Assert.Equal("alias:2", snapshot.NodeAt(ReplicatedServers.At(2))!.Endpoint.ToString());
        Assert.Equal("alias:2", snapshot.NodeAt(ReplicatedServers.At(3))!.Replication!.Follows.ToString());

        // Known for the same, its other address is not asked again.
        _servers.Nodes.Forget();
        Assert.Same(snapshot, await ReadAsync());
        Assert.DoesNotContain(ReplicatedServers.At(2), _servers.Nodes.NodesAsked);
    }

    [Fact]
    public async Task Offsets_alone_are_no_news_unless_the_application_asks()
    {
        TopologySnapshot snapshot = await ReadAsync(ReplicatedServers.At(1));
        _servers.With(1, offset: 200).With(2, follows: 1, offset: 200).With(3, follows: 2, offset: 200);
        Assert.Same(snapshot, await ReadAsync());
        Assert.Equal(200, (await ReadAsync(wantsFigures: true)).NodeAt(ReplicatedServers.At(3))!.Replication!.Offset);
        _servers.With(3, follows: 2, isLinkUp: false);
        Assert.False((await ReadAsync()).NodeAt(ReplicatedServers.At(3))!.Replication!.IsLinkUp);
    }

    [Fact]
    public async Task Without_its_master_the_deployment_keeps_its_place_until_one_is_promoted()
    {
        await ReadAsync(ReplicatedServers.At(1), ReplicatedServers.At(2));
        _servers.Without(1).With(2, follows: 1, isLinkUp: false).With(3, follows: 2);
        TopologySnapshot orphaned = await ReadAsync(down: 1);
        Assert.Equal(ReplicatedServers.At(1), orphaned.MasterOf(0)!.Endpoint);
        Assert.Equal(ClusterNodeFlags.PossiblyFailed, orphaned.MasterOf(0)!.Flags);
        Assert.Equal(2, orphaned.ReplicasOf(0).Length);

        _servers.With(2, id: "b", previous: "a");
        TopologySnapshot promoted = await ReadAsync(down: 1);
        Assert.Equal(ReplicatedServers.At(2), promoted.MasterOf(0)!.Endpoint);
        Assert.Equal([ReplicatedServers.At(2)], promoted.Masters.Select(static node => node.Endpoint));
        Assert.False(promoted.NodeAt(ReplicatedServers.At(1))!.IsAvailable);

        // The old master comes back and believes what it believed: it is not written to.
        _servers.With(1, id: "c");
        TopologySnapshot back = await ReadAsync();
        Assert.Equal(ReplicatedServers.At(2), back.MasterOf(0)!.Endpoint);
        Assert.True(back.NodeAt(ReplicatedServers.At(1))!.Replication!.ClaimsToBeMaster);
        _servers.With(1, follows: 2);
        Assert.Equal(ReplicatedServers.At(2), (await ReadAsync()).NodeAt(ReplicatedServers.At(1))!.Replication!.Follows);
    }

    [Fact]
    public async Task A_master_that_was_made_a_replica_is_left_for_its_own_master()
    {
        await ReadAsync(ReplicatedServers.At(1));
        _servers.With(2, id: "b", previous: "a").With(1, follows: 2);
        TopologySnapshot snapshot = await ReadAsync();
        Assert.Equal(ReplicatedServers.At(2), snapshot.MasterOf(0)!.Endpoint);
        Assert.Equal(NodeRole.Replica, snapshot.NodeAt(ReplicatedServers.At(1))!.Role);
    }

    [Fact]
    public async Task Of_two_that_live_and_call_themselves_masters_the_present_one_stays_and_it_is_said_once()
    {
        await ReadAsync(ReplicatedServers.At(1));
        _servers.With(2, id: "b", previous: "a");
        (TopologySnapshot snapshot, TopologyVerdict verdict) = await ReadVerdictAsync();
        Assert.Equal(ReplicatedServers.At(1), snapshot.MasterOf(0)!.Endpoint);
        Assert.Single(snapshot.Masters);
        Assert.True(snapshot.NodeAt(ReplicatedServers.At(2))!.Replication!.ClaimsToBeMaster);
        Assert.Equal((TopologyChangeReason.Disputed, "10.0.0.1:2 also says to be master; staying with 10.0.0.1:1"), verdict.Cause);
        Assert.Null((await ReadVerdictAsync()).Verdict.Cause);
        Assert.Single(_log.ToString().Split('\n'), static line => line.Contains("to be master", StringComparison.Ordinal));

        // One whose connection was lost is being dialled again: it may live.
        _servers.Nodes.Refuse(ReplicatedServers.At(1));
        Assert.Equal(ReplicatedServers.At(1), (await ReadAsync(down: 1)).MasterOf(0)!.Endpoint);

        // The one whose data comes from the present master's takes its place when that is gone.
        _servers.Lose(1);
        Assert.Equal(ReplicatedServers.At(2), (await ReadAsync(down: 1)).MasterOf(0)!.Endpoint);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_master_that_refuses_this_client_lives_and_is_not_left_for_who_is_promoted_beside_it(bool isAnswered)
    {
        await ReadAsync(ReplicatedServers.At(1));
        _servers.With(2, id: "b", previous: "a");
        if (isAnswered) _servers.Nodes.DenyAtOnce(ReplicatedServers.At(1));
        else _servers.Nodes.Deny(ReplicatedServers.At(1));
        TopologySnapshot first = await ReadAsync(down: 1);
        Assert.Equal((ReplicatedServers.At(1), true), (first.MasterOf(0)!.Endpoint, first.NodeAt(ReplicatedServers.At(2))!.Replication!.ClaimsToBeMaster));
        Assert.Equal(ReplicatedServers.At(1), (await ReadAsync(down: 1)).MasterOf(0)!.Endpoint);
        Assert.True(_current.MasterOf(0)!.IsAvailable);
        _servers.Lose(1);
        Assert.Equal(ReplicatedServers.At(2), (await ReadAsync(down: 1)).MasterOf(0)!.Endpoint);
    }

    [Fact]
    public async Task Of_two_masters_found_at_the_start_the_promoted_one_is_taken_whoever_has_more_followers_and_it_is_said()
    {
        _servers.With(2, offset: 90, id: "b", previous: "a").With(3, follows: 1).With(4, follows: 1);
        (TopologySnapshot snapshot, TopologyVerdict verdict) = await ReadVerdictAsync(seeds: [ReplicatedServers.At(1), ReplicatedServers.At(2)]);
        Assert.Equal(ReplicatedServers.At(2), snapshot.MasterOf(0)!.Endpoint);
        Assert.True(snapshot.NodeAt(ReplicatedServers.At(1))!.Replication!.ClaimsToBeMaster);
        Assert.Empty(snapshot.ReplicasOf(0));
        Assert.Equal((TopologyChangeReason.Disputed, "10.0.0.1:1 also says to be master; taking 10.0.0.1:2, which was promoted from a replica of 10.0.0.1:1"), verdict.Cause);
        Assert.Single(_log.ToString().Split('\n'), static line => line.Contains("to be master", StringComparison.Ordinal));

        // From then on it is the present one, and stays.
        Assert.Equal(ReplicatedServers.At(2), (await ReadAsync()).MasterOf(0)!.Endpoint);
    }

    [Fact]
    public async Task Of_a_row_of_promotions_the_last_one_is_taken_at_the_start_and_of_strangers_the_one_that_is_followed()
    {
        _servers.With(2, id: "b", previous: "a").With(3, id: "c", previous: "b").With(4, follows: 2);
        Assert.Equal(ReplicatedServers.At(3), (await ReadAsync(ReplicatedServers.At(1), ReplicatedServers.At(2), ReplicatedServers.At(3))).MasterOf(0)!.Endpoint);

        _servers.With(2, id: "x").With(3, id: "y");
        (_current, _source) = (TopologySnapshot.Unknown, null);
        (TopologySnapshot snapshot, TopologyVerdict verdict) = await ReadVerdictAsync(seeds: [ReplicatedServers.At(1), ReplicatedServers.At(2), ReplicatedServers.At(3)]);
        Assert.Equal(ReplicatedServers.At(2), snapshot.MasterOf(0)!.Endpoint);
        Assert.Equal("10.0.0.1:1, 10.0.0.1:3 also says to be master; taking 10.0.0.1:2", verdict.Cause!.Value.Detail);
    }

    [Fact]
    public async Task Who_calls_itself_a_master_is_no_replica_and_neither_is_who_copies_from_it()
    {
        _servers.With(4, follows: 1);
        await ReadAsync(ReplicatedServers.At(1));
        _servers.With(2, id: "b", previous: "a").Lose(3);
        TopologySnapshot snapshot = await ReadAsync(down: 3);
        Assert.Equal(ReplicatedServers.At(2), snapshot.NodeAt(ReplicatedServers.At(3))!.Replication!.Follows);
        Assert.Equal([ReplicatedServers.At(4)], snapshot.ReplicasOf(0).Select(static node => node.Endpoint));
        Assert.DoesNotContain("not known", snapshot.ToString(), StringComparison.Ordinal);
        _servers.With(3, follows: 2);
        Assert.Null((await ReadAsync()).NodeAt(ReplicatedServers.At(3)));
        _servers.With(3, follows: 4);
        Assert.Equal(2, (await ReadAsync()).ReplicasOf(0).Length);
    }

    [Fact]
    public async Task A_stranger_that_calls_itself_a_master_is_no_heir()
    {
        await ReadAsync(ReplicatedServers.At(1));
        _servers.With(3, id: "restarted empty");
        await ReadAsync();
        _servers.Without(1).With(2, follows: 1, isLinkUp: false);
        Assert.Equal(ReplicatedServers.At(1), (await ReadAsync(down: 1)).MasterOf(0)!.Endpoint);
        _servers.With(2, id: "b", previous: "a");
        Assert.Equal(ReplicatedServers.At(2), (await ReadAsync(down: 1)).MasterOf(0)!.Endpoint);
    }

    [Fact]
    public async Task Found_while_the_master_is_gone_it_is_the_one_that_is_named()
    {
        _servers.Without(1);
        TopologySnapshot snapshot = await ReadAsync(ReplicatedServers.At(3));
        Assert.Equal(ReplicatedServers.At(1), snapshot.MasterOf(0)!.Endpoint);
        Assert.Equal(2, snapshot.Replicas.Length);
    }

    [Fact]
    public async Task Who_was_silent_in_one_look_is_not_waited_for_in_the_next_until_it_says_anything()
    {
        await ReadAsync(ReplicatedServers.At(1));
        _servers.Nodes.Freeze(ReplicatedServers.At(3));
        _servers.With(2, id: "b", previous: "a").With(1, follows: 2);
        Task<TopologySnapshot> first = ReadAsync();
        Assert.False(first.IsCompleted); // others may be slow, once
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(ReplicatedServers.At(2), (await first.WaitAsync(TimeSpan.FromSeconds(20))).MasterOf(0)!.Endpoint);
        _servers.With(1).With(2, follows: 1);
        Assert.Equal(ReplicatedServers.At(1), (await ReadAsync().WaitAsync(TimeSpan.FromSeconds(20))).MasterOf(0)!.Endpoint);

        // Its answer came after all, late: it is only far away.
        _servers.Nodes.Hear(ReplicatedServers.At(3));
        Task<TopologySnapshot> patient = ReadAsync();
        Assert.False(patient.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(500)); // twice as long, for it has shown that it needs more
        await patient.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task An_answer_that_comes_late_while_others_are_asked_is_one_and_its_node_is_waited_for_in_the_next_look()
    {
        NodeEndpoint late = ReplicatedServers.At(2), named = ReplicatedServers.At(4);
        TaskCompletionSource answers = new(), comesLate = new();
        await ReadAsync(ReplicatedServers.At(1));
        _servers.With(4, follows: 1).Nodes.Hold(named, answers.Task).Hold(late, comesLate.Task).Forget();

        // It is given up; who is named for the first time is asked then, and meanwhile the answer comes.
        Task<TopologySnapshot> first = ReadAsync();
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await Eventually.TrueAsync(() => _servers.Nodes.NodesAsked.Contains(named), static () => "who is named was not asked");
        _servers.Nodes.Hear(late);
        answers.SetResult();
        Assert.Equal((true, false), (await first.Within()) is var without ? (without.NodeAt(named)!.IsAvailable, without.NodeAt(late)!.IsAvailable) : default);

        Task<TopologySnapshot> next = ReadAsync();
        await Eventually.TrueAsync(() => next.IsCompleted || _time.Pending.Length > 0, static () => "nobody answered");
        Assert.False(next.IsCompleted);
        comesLate.SetResult();
        Assert.True((await next.Within()).NodeAt(late)!.IsAvailable);
    }

    [Fact]
    public async Task Who_is_named_and_does_not_answer_holds_up_the_walk_for_the_grace_though_nobody_else_is_asked_with_it()
    {
        _servers.Nodes.Freeze(ReplicatedServers.At(3));
        Task<TopologySnapshot> first = ReadAsync(ReplicatedServers.At(1));
        await Eventually.TrueAsync(() => _servers.Nodes.NodesAsked.Contains(ReplicatedServers.At(3)) && _time.Pending.Length > 0, static () => "who is named is waited for without an end");
        Assert.False(first.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.False((await first.Within()).NodeAt(ReplicatedServers.At(3))!.IsAvailable);
    }

    [Fact]
    public async Task Who_cannot_be_connected_to_is_not_waited_for()
    {
        await ReadAsync(ReplicatedServers.At(1));
        _servers.Lose(3);
        Assert.False((await ReadAsync().WaitAsync(TimeSpan.FromSeconds(20))).NodeAt(ReplicatedServers.At(3))!.IsAvailable);
        _servers.With(3, follows: 2);
        Assert.True((await ReadAsync().WaitAsync(TimeSpan.FromSeconds(20))).NodeAt(ReplicatedServers.At(3))!.IsAvailable);
    }

    [Fact]
    public async Task A_replica_that_was_named_and_never_reached_is_forgotten_when_nobody_names_it_any_more()
    {
        _servers.With(4, follows: 1).Nodes.Lose(ReplicatedServers.At(4));
        Assert.Equal(4, (await ReadAsync(ReplicatedServers.At(1))).Nodes.Length);
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(4, (await ReadAsync()).Nodes.Length); // still named
        _servers.Lose(4);
        Assert.Equal(4, (await ReadAsync()).Nodes.Length);
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(3, (await ReadAsync()).Nodes.Length);
    }

    [Fact]
    public async Task A_replica_that_returns_long_after_it_was_forgotten_is_remembered_as_any_other()
    {
        await ReadAsync(ReplicatedServers.At(1));
        _servers.Lose(3);
        await ReadAsync();
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Null((await ReadAsync()).NodeAt(ReplicatedServers.At(3)));
        await ReadAsync();

        // Named again, and in vain: at its address nobody answers.
        _time.Advance(TimeSpan.FromHours(1));
        _servers.With(3, follows: 2).Nodes.Lose(ReplicatedServers.At(3));
        Assert.NotNull((await ReadAsync()).NodeAt(ReplicatedServers.At(3)));
        _servers.Lose(3);
        Assert.NotNull((await ReadAsync()).NodeAt(ReplicatedServers.At(3)));
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.NotNull((await ReadAsync()).NodeAt(ReplicatedServers.At(3)));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null((await ReadAsync()).NodeAt(ReplicatedServers.At(3)));
    }

    [Fact]
    public async Task A_master_with_a_rival_that_is_no_heir_is_dialled_at_every_look_for_seconds_only()
    {
        NodeEndpoint master = ReplicatedServers.At(1);
        await ReadAsync(master);
        _servers.With(3, id: "restarted empty");
        await ReadAsync();
        _servers.Lose(1);
        for (int life = 1; life <= 2; life++)
        {
            _servers.Nodes.Hurried.Clear();
            for (int look = 0; look < 100; look++)
            {
                Assert.Equal(master, (await ReadAsync(down: 1)).MasterOf(0)!.Endpoint);
                _time.Advance(TimeSpan.FromMilliseconds(200));
            }

            Assert.Equal(Enumerable.Repeat(master, 25), _servers.Nodes.Hurried);

            // It comes back, and dies again.
            _servers.With(1);
            await ReadAsync();
            _servers.Lose(1);
        }
    }

    [Fact]
    public async Task With_fewer_permissions_less_is_known_and_it_is_said_once()
    {
        _servers.DeniesInfo = true;
        TopologySnapshot byRole = await ReadAsync(ReplicatedServers.At(3));
        Assert.Equal((3, ReplicatedServers.At(1)), (byRole.Nodes.Length, byRole.MasterOf(0)!.Endpoint));
        Assert.Single(_log.ToString().Split('\n'), static line => line.Contains("refuses INFO", StringComparison.Ordinal));

        _servers.DeniesRole = true;
        (_current, _source) = (TopologySnapshot.Unknown, null);
        TopologySnapshot byHello = await ReadAsync(ReplicatedServers.At(1), ReplicatedServers.At(2));
        Assert.Equal((2, ReplicatedServers.At(1)), (byHello.Nodes.Length, byHello.MasterOf(0)!.Endpoint));
    }

    [Theory]
    [InlineData("cluster", "topology=cluster")]
    [InlineData("sentinel", "is a Sentinel")]
    public async Task Another_kind_of_server_is_refused_plainly(string mode, string advice)
    {
        ScriptedNodes nodes = new ScriptedNodes().Serve(ReplicatedServers.At(9), _ => Reply.Bulk($"redis_mode:{mode}\r\nrole:master\r\n"));
        ReplicationTopologySource source = new([ReplicatedServers.At(9)], null, isAlways: true, _time, _log);
        RedisConnectionException refused = await Assert.ThrowsAsync<RedisConnectionException>(
            async () => await source.ReadAsync(new(TopologySnapshot.Unknown, [], []), nodes, CancellationToken.None));
        Assert.Contains(advice, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lone_server_is_one_until_it_has_a_replica()
    {
        ReplicatedServers lone = new ReplicatedServers().With(1);
        ReplicationTopologySource source = new([ReplicatedServers.At(1)], null, isAlways: false, _time, _log);
        TopologySnapshot alone = (await source.ReadAsync(new(TopologySnapshot.Unknown, [], []), lone.Nodes, CancellationToken.None)).Conclude(TopologySnapshot.Unknown, LearnedMoves.None).Snapshot;
        Assert.Equal(TopologyKind.Standalone, alone.Kind);
        lone.With(2, follows: 1);
        TopologySnapshot grown = (await source.ReadAsync(new(alone, [], []), lone.Nodes, CancellationToken.None)).Conclude(alone, LearnedMoves.None).Snapshot;
        Assert.Equal((TopologyKind.Replicated, 2), (grown.Kind, grown.Nodes.Length));
    }

    private Task<TopologySnapshot> ReadAsync(params NodeEndpoint[] seeds) => ReadAsync(down: null, wantsFigures: false, seeds);

    private async Task<TopologySnapshot> ReadAsync(int? down = null, bool wantsFigures = false, params NodeEndpoint[] seeds)
        => (await ReadVerdictAsync(down, wantsFigures, seeds)).Snapshot;

    private async Task<(TopologySnapshot Snapshot, TopologyVerdict Verdict)> ReadVerdictAsync(int? down = null, bool wantsFigures = false, params NodeEndpoint[] seeds)
    {
        _source ??= new([.. seeds], null, isAlways: true, _time, _log);
        ImmutableHashSet<NodeEndpoint> suspects = down is { } port ? [ReplicatedServers.At(port)] : [];
        ITopologyReading reading = await _source.ReadAsync(new(_current, [], suspects) { WantsFigures = wantsFigures }, _servers.Nodes, CancellationToken.None);
        TopologyVerdict verdict = reading.Conclude(_current, LearnedMoves.None);
        _current = verdict.Snapshot;
        return (_current, verdict);
    }
}
