// Sessions on real servers: never an older value than the session has written or read, whatever happens to replicas and slots.
using ClusterClient.IntegrationTests.Routing;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
public sealed class SessionTests(ITestOutputHelper output)
{
    /// <summary>So many reads of sessions replicas answer under each kind of fault: no session does so that asks its master.</summary>
    private const int MustAnswer = 200;

    /// <summary>This part of the reads may go to the master, and no more, because replicas lag.</summary>
    private const double MostMissed = 0.05;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);

    [Theory]
    [InlineData(TopologyKind.Cluster, 100_000)]
    [InlineData(TopologyKind.Sentinel, 20_000)]
    [InlineData(TopologyKind.Replicated, 20_000)]
    public async Task No_read_is_stale_while_a_replica_is_frozen_and_its_links_are_cut(TopologyKind kind, long pairs)
    {
        await using FreshnessServers? servers = await FreshnessServers.StartAsync(kind);
        if (servers is null) return;
        await using RedisClient redis = await servers.ConnectAsync("&heartbeatInterval=250ms"); // a frozen replica is left sooner
        IReadOnlyList<LocalNode> replicas = servers.Replicas;
        SessionLoad load = new(redis);
        PacedSessions paced = new(redis);
        ReplicaShare share = await ReplicaShare.StartAsync(servers.Nodes, paced);
        await share.WaitForMoreAsync(replicas, MustAnswer);
        Task enough = load.WaitForMoreAsync(SessionLoad.OrAMillion(pairs));
        (int faults, long whileCut, long whileFrozen) = (0, 0, 0);
        while (!enough.IsCompleted || faults < 3 || (Math.Min(whileCut, whileFrozen) < MustAnswer && faults < 30))
        {
            await replicas[0].CutReplicaLinkAsync();
            whileCut += await share.DuringAsync([replicas[1]], static () => Task.Delay(200));
            await replicas[0].MendReplicaLinkAsync();
            replicas[1].Freeze();
            whileFrozen += await share.DuringAsync([replicas[0]], static () => Task.Delay(400));
            replicas[1].Thaw();
            await share.WaitForMoreAsync(replicas, MustAnswer / 10);
            faults++;
        }

        await enough;
        SessionPairs seen = await load.StopAsync();
        PacedPairs calm = await paced.StopAsync();
        Figure.Print(output, servers.Topology, $"{kind}, 64 sessions at full speed, a replica's link cut and another frozen {faults} times: {seen}; {calm}, {share}, {whileCut} while the other's link was cut, {whileFrozen} while the other was frozen");
        Assert.Equal((0, 0, 0), (seen.Stale, seen.Failures, seen.Told));
        AssertFaultless(calm, paced);
        Assert.True(Math.Min(whileCut, whileFrozen) >= MustAnswer, $"Through {faults} faults the healthy replica answered {whileCut} and {whileFrozen} reads of sessions.");
    }

    [Theory]
    [InlineData(TopologyKind.Cluster)]
    [InlineData(TopologyKind.Sentinel)]
    [InlineData(TopologyKind.Replicated)]
    public async Task Healthy_replicas_answer_four_reads_in_five(TopologyKind kind)
    {
        await using FreshnessServers? servers = await FreshnessServers.StartAsync(kind);
        if (servers is null) return;
        await using RedisClient redis = await servers.ConnectAsync();
        await redis.WithReadFrom(ReadFrom.Replica).WithTimeout(TimeSpan.FromSeconds(20)).StringGetAsync("any"); // the connections to the replicas

        // Where servers starve for so long that replicas lag for many milliseconds, too many reads come before them: that is measured again.
        for (int attempt = 1; ; attempt++)
        {
            (double part, double mayMiss) = await MeasureAsync(servers, redis, kind);
            if (part >= 0.8 - Math.Min(mayMiss, MostMissed)) return;
            Assert.True(mayMiss > MostMissed && attempt < 4, $"Replicas answered {part:P1} of the reads; {mayMiss:P1} came while they lagged.");
        }
    }

    /// <summary>Sessions with 10 ms between their calls, for 5 s.</summary>
    /// <returns>The part of their reads that replicas answered, and the part that may have come before the replicas had what was written.</returns>
    private async Task<(double Part, double MayMiss)> MeasureAsync(FreshnessServers servers, RedisClient redis, TopologyKind kind)
    {
        ServedCounts served = await ServedCounts.StartAsync(servers.Nodes);
        using CancellationTokenSource end = new();
        Task<TimeSpan> lagging = ReplicaWatch.MeanLag(servers.Master, servers.Replicas.Count, end.Token);
        long stale = await SessionLoad.RunWithPausesAsync(redis, SessionLoad.Sessions, s_pause, TimeSpan.FromSeconds(5), static i => $"paced:{i}");
        await end.CancelAsync();
        TimeSpan lag = await lagging;
        long[] gets = await served.OfAllAsync("get");
        long byMaster = await served.OfAsync(servers.Master, "get");
        double part = 1 - ((double)byMaster / gets.Sum()), mayMiss = lag / s_pause / 9; // of nine reads between two writes
        Figure.Print(output, servers.Topology, $"{kind}, 64 sessions, 10 ms between calls, one write in ten: {gets.Sum()} reads, {part:P1} by replicas, {stale} stale; the replicas lagged {lag.TotalMilliseconds:F1} ms behind writes, so at least {0.8 - Math.Min(mayMiss, MostMissed):P1} must be; INFO on master and replicas {string.Join(", ", await served.OfAllAsync("info"))}");
        Assert.Equal(0, stale);
        return (part, mayMiss);
    }

    [Fact]
    public async Task A_replica_of_a_replica_answers_when_it_has_come_as_far()
    {
        await using FreshnessServers? servers = await FreshnessServers.StartAsync(TopologyKind.Replicated, isChained: true);
        if (servers is null) return;
        await using RedisClient redis = await servers.ConnectAsync();
        LocalNode last = servers.Replicas[1];

        // The last of the chain alone may answer: its own link is up all the time, and the one above it is cut.
        ReadFrom lastOfChain = ReadFrom.Custom(candidates =>
        {
            for (int i = 0; i < candidates.Length; i++)
            {
                if (candidates[i].Endpoint.Port == last.Port) return i;
            }

            return -1; // the master
        });
        RedisSession session = redis.CreateSession(lastOfChain);
        ServedCounts served = await ServedCounts.StartAsync(servers.Nodes);
        long written = 0;
        Task ReadsOnLastAsync() => Eventually.TrueAsync(
            async () =>
            {
                long before = await served.OfAsync(last, "get");
                Assert.Equal(written, await session.StringGetAsync<long>("chained") ?? 0);
                return await served.OfAsync(last, "get") > before;
            },
            "the last of the chain answers");
        await session.StringSetAsync("chained", ++written);
        await ReadsOnLastAsync();
        await servers.Replicas[0].CutReplicaLinkAsync();
        await session.StringSetAsync("chained", ++written);
        for (int i = 0; i < 200; i++) Assert.Equal(written, await session.StringGetAsync<long>("chained"));
        await servers.Replicas[0].MendReplicaLinkAsync();
        await ReadsOnLastAsync();

        // And under load.
        SessionLoad load = new(redis);
        PacedSessions paced = new(redis);
        ReplicaShare share = await ReplicaShare.StartAsync(servers.Nodes, paced);
        Task enough = load.WaitForMoreAsync(SessionLoad.OrAMillion(20_000));
        for (int faults = 0; !enough.IsCompleted || faults < 4; faults++)
        {
            await servers.Replicas[0].CutReplicaLinkAsync();
            await Task.Delay(200);
            await servers.Replicas[0].MendReplicaLinkAsync();
            await share.WaitForMoreAsync(servers.Replicas, MustAnswer / 4);
        }

        await enough;
        SessionPairs seen = await load.StopAsync();
        PacedPairs calm = await paced.StopAsync();
        Figure.Print(output, servers.Topology, $"chained replicas, the link above the last cut again and again: {seen}; {calm}, {share} between the cuts");
        Assert.Equal((0, 0, 0), (seen.Stale, seen.Failures, seen.Told));
        AssertFaultless(calm, paced);
        Assert.True(share.ByReplicas >= 2 * MustAnswer, $"Replicas answered {share}.");
    }

    [Theory]
    [InlineData(SlotMoveMode.KeyByKey)]
    [InlineData(SlotMoveMode.Atomic)]
    public async Task No_read_is_stale_while_slots_move(SlotMoveMode mode)
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 2, replicasPerMaster: 1);
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        IReadOnlyList<LocalNode> masters = await cluster.GetMastersAsync();
        if (mode == SlotMoveMode.Atomic && !cluster.Capabilities.HasFlag(ServerCapabilities.AtomicSlotMigration))
        {
            await Assert.ThrowsAsync<NotSupportedException>(() => cluster.MoveSlotsAsync([0], masters[0], masters[1], mode));
            return;
        }

        // One session a slot: each is moved there and back, again and again, under its session.
        int[] slots = [.. (await cluster.GetSlotsAsync(masters[0])).Take(SessionLoad.Sessions)];
        string[] keys = SlotKeys.For(slots);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=20s&heartbeatInterval=250ms");
        SessionLoad load = new(redis, i => keys[i]);
        PacedSessions paced = new(redis, (i, n) => $"{{{keys[((3 * i) + n) % keys.Length]}}}:{i}:{n}");
        LocalNode[] replicas = [(await cluster.GetReplicasAsync(masters[0]))[0], (await cluster.GetReplicasAsync(masters[1]))[0]];
        ReplicaShare share = await ReplicaShare.StartAsync(cluster.Nodes, paced);
        await share.WaitForMoreAsync([replicas[0]], MustAnswer);
        Task enough = load.WaitForMoreAsync(SessionLoad.OrAMillion(20_000));
        (int moves, long whileMoving) = (0, 0);
        for (; !enough.IsCompleted || moves < 4; moves++)
        {
            whileMoving += await share.DuringAsync(replicas, () => cluster.MoveSlotsAsync(slots, masters[moves % 2], masters[(moves + 1) % 2], mode));
            await share.WaitForMoreAsync([replicas[(moves + 1) % 2]], MustAnswer / 4); // the new owner's
        }

        await enough;
        SessionPairs seen = await load.StopAsync();
        PacedPairs calm = await paced.StopAsync();
        Figure.Print(output, cluster, $"64 slots moved {moves} times ({mode}) under 64 sessions: {seen}; {calm}, {share}, {whileMoving} while slots moved");
        Assert.Equal((0, 0, 0), (seen.Stale, seen.Failures, seen.Told));
        AssertFaultless(calm, paced);
        Assert.True(share.ByReplicas >= 2 * MustAnswer, $"Replicas answered {share}.");
    }

    [Fact]
    public async Task A_token_carries_what_was_seen_to_another_client()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 1);
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        LocalNode replica = (await cluster.GetReplicasAsync())[0];
        await using RedisClient one = await RedisClient.ConnectAsync(cluster.ConnectionString);
        await using RedisClient other = await RedisClient.ConnectAsync(cluster.ConnectionString);
        await replica.CutReplicaLinkAsync();
        RedisSession session = one.CreateSession();
        await session.StringSetAsync("profile", "new");
        string token = await session.GetTokenAsync();
        output.WriteLine($"{token.Length} characters");

        // The replica is behind: the master answers. Once it has caught up, it does.
        RedisSession resumed = other.CreateSession(token: token);
        Assert.Equal("new", (string?)await resumed.StringGetAsync("profile"));
        await replica.MendReplicaLinkAsync();
        await ShardFixture.HasAsync(replica, "profile");
        ServedCounts served = await ServedCounts.StartAsync(cluster.Nodes);
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.Equal("new", (string?)await other.CreateSession(token: await session.GetTokenAsync()).StringGetAsync("profile"));
                return await served.OfAsync(replica, "get") > 0;
            },
            "the replica answers a resumed session");
        Assert.False(resumed.MayHaveLostWrites);
    }

    private static void AssertFaultless(PacedPairs seen, PacedSessions sessions)
    {
        Assert.Empty(sessions.Problems);
        Assert.Equal((0, 0, 0), (seen.Stale, seen.Told, seen.Lost));
    }
}
