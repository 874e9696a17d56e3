// Sessions through failovers: never an older value unless they have said that writes may be lost, and never said so where nothing can be.
using System.Globalization;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
public sealed class SessionFailoverTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_killed_master_of_a_cluster_loses_no_read_of_a_session_unless_it_says_so()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 1);
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=20s&heartbeatInterval=250ms");
        LocalNode killed = (await cluster.GetMastersAsync())[0];
        LocalNode heir = (await cluster.GetReplicasAsync(killed))[0];
        RestingSessions resting = await RestingSessions.StartAsync(redis);
        SessionLoad load = new(redis);
        await load.WaitForMoreAsync(5_000);
        await killed.KillAsync();
        await Eventually.TrueAsync(async () => await heir.GetRoleAsync() == LocalNodeRole.Master, "the replica is promoted");
        await load.WaitForMoreAsync(SessionLoad.OrAMillion(100_000));
        SessionPairs seen = await EndAsync(cluster, load, resting, "cluster, kill -9 of a master of 3", mayLose: true);
        Assert.True(seen.Told > 0, "No session said that writes may be lost, though those on the killed master had writes that nobody had sampled.");
    }

    [Fact]
    public async Task A_killed_master_behind_Sentinels_loses_no_read_of_a_session_unless_it_says_so()
    {
        await using Stage? stage = await Stage.StartAsync(TopologyKind.Sentinel, options: "&failover=eager");
        if (stage is null) return;
        (FreshnessServers servers, SessionLoad load) = (stage.Servers, stage.Load);
        await load.WaitForMoreAsync(5_000);
        await servers.Master.KillAsync();
        await load.WaitForMoreAsync(SessionLoad.OrAMillion(20_000));
        await EndAsync(servers.Topology, load, stage.Resting, "Sentinel, eager, kill -9 of the master", mayLose: true);
    }

    [Fact]
    public async Task A_killed_master_that_a_person_replaces_loses_no_read_of_a_session_unless_it_says_so()
    {
        await using Stage? stage = await Stage.StartAsync(TopologyKind.Replicated);
        if (stage is null) return;
        (FreshnessServers servers, SessionLoad load) = (stage.Servers, stage.Load);
        await load.WaitForMoreAsync(5_000);

        // The heir is behind when the master dies: what it lacks is lost, and each session that had seen it must say so before it sees less.
        LocalNode heir = servers.Replicas[0];
        await heir.CutReplicaLinkAsync();
        await load.WaitForMoreAsync(500);
        await servers.Master.KillAsync();
        await heir.ExecuteAsync("REPLICAOF", "NO", "ONE");
        await ((LocalReplication)servers.Topology).FollowAsync(servers.Replicas[1], heir);
        await load.WaitForMoreAsync(SessionLoad.OrAMillion(20_000));
        SessionPairs seen = await EndAsync(servers.Topology, load, stage.Resting, "replicated, kill -9 of the master, a replica that was behind promoted by hand, the other re-parented", mayLose: true);
        Assert.True(seen.Lost > 0, "Nothing was lost: the test has tested nothing.");
    }

    [Theory]
    [InlineData(TopologyKind.Cluster)]
    [InlineData(TopologyKind.Replicated)]
    public async Task A_planned_failover_and_another_back_lose_nothing_and_no_session_cries_wolf(TopologyKind kind)
    {
        await using Stage? stage = await Stage.StartAsync(kind, replicas: 1);
        if (stage is null) return;
        (FreshnessServers servers, SessionLoad load) = (stage.Servers, stage.Load);
        foreach ((LocalNode old, LocalNode heir) in new[] { (servers.Master, servers.Replicas[0]), (servers.Replicas[0], servers.Master) })
        {
            await load.WaitForMoreAsync(3_000);
            if (servers.Topology is LocalCluster cluster) await cluster.FailoverAsync(heir);
            else await FailOverToAsync(old, heir);
        }

        await load.WaitForMoreAsync(SessionLoad.OrAMillion(20_000));
        await EndAsync(servers.Topology, load, stage.Resting, $"{kind}, planned failover and back", mayLose: false);
    }

    [Fact]
    public async Task FAILOVER_TO_behind_Sentinels_loses_nothing_and_no_session_cries_wolf()
    {
        await using Stage? stage = await Stage.StartAsync(TopologyKind.Sentinel);
        if (stage is null) return;
        (FreshnessServers servers, SessionLoad load) = (stage.Servers, stage.Load);
        await load.WaitForMoreAsync(3_000);
        await FailOverToAsync(servers.Master, servers.Replicas[0]);
        await load.WaitForMoreAsync(SessionLoad.OrAMillion(20_000));
        await EndAsync(servers.Topology, load, stage.Resting, "Sentinel, FAILOVER TO", mayLose: false);
    }

    /// <summary>Sentinel promotes a replica while the master still takes writes, of which it tells the replica nothing any more: what is written in between is lost.</summary>
    [Fact]
    public async Task SENTINEL_FAILOVER_loses_no_read_of_a_session_unless_it_says_so()
    {
        await using Stage? stage = await Stage.StartAsync(TopologyKind.Sentinel, options: "&failover=eager");
        if (stage is null) return;
        (FreshnessServers servers, SessionLoad load) = (stage.Servers, stage.Load);
        await load.WaitForMoreAsync(3_000);
        await ((LocalSentinel)servers.Topology).FailoverAsync();
        await load.WaitForMoreAsync(SessionLoad.OrAMillion(20_000));
        await EndAsync(servers.Topology, load, stage.Resting, "Sentinel, eager, SENTINEL FAILOVER", mayLose: true);
    }

    private static async Task FailOverToAsync(LocalNode old, LocalNode heir)
    {
        await old.ExecuteAsync("FAILOVER", "TO", heir.Host, heir.Port.ToString(CultureInfo.InvariantCulture), "TIMEOUT", "10000");
        await Eventually.TrueAsync(async () => await old.GetRoleAsync() == LocalNodeRole.Replica && await heir.GetRoleAsync() == LocalNodeRole.Master, $"{heir} is master instead of {old}");
    }

    private async Task<SessionPairs> EndAsync(LocalTopology topology, SessionLoad load, RestingSessions resting, string what, bool mayLose)
    {
        SessionPairs seen = await load.StopAsync();
        int restingTold = await resting.ReadAsync();
        Figure.Print(output, topology, $"{what}: {seen}; of {RestingSessions.Count} sessions at rest {restingTold} told");
        foreach (string problem in load.Problems.Select(static problem => problem.Message).Distinct().Take(5)) output.WriteLine(problem);
        Assert.Equal(0, seen.Stale);
        Assert.InRange(seen.Failures, 0, mayLose ? SessionLoad.Sessions : 0); // what was on the wire: at most one call of each session
        Assert.All(load.Problems, static problem => Assert.Equal(Outcome.Unknown, problem.Outcome));
        Assert.Equal(0, restingTold);
        if (!mayLose) Assert.Equal((0, 0), (seen.Told, seen.Lost));
        return seen;
    }

    /// <summary>A master with replicas, sessions at rest, and others at full speed.</summary>
    private sealed record Stage(FreshnessServers Servers, RedisClient Redis, RestingSessions Resting, SessionLoad Load) : IAsyncDisposable
    {
        /// <summary>Null where the server lacks what it takes.</summary>
        public static async Task<Stage?> StartAsync(TopologyKind kind, int replicas = 2, string options = "")
        {
            if (await FreshnessServers.StartAsync(kind, replicas) is not { } servers) return null;
            RedisClient redis = await servers.ConnectAsync(options);
            return new(servers, redis, await RestingSessions.StartAsync(redis), new(redis));
        }

        public async ValueTask DisposeAsync()
        {
            await Redis.DisposeAsync();
            await Servers.DisposeAsync();
        }
    }

    /// <summary>Sessions that have not called for a while when the failover comes; all that they have seen is on the replicas. Half of them ended with a write, half with a read.</summary>
    private sealed class RestingSessions(RedisSession[] sessions)
    {
        public const int Count = 16;

        public static async Task<RestingSessions> StartAsync(RedisClient redis)
        {
            RedisSession[] sessions = [.. Enumerable.Range(0, Count).Select(_ => redis.CreateSession())];
            for (int i = 0; i < Count; i++)
            {
                await sessions[i].StringSetAsync(KeyOf(i), i);
                for (int reads = 0; reads < (i % 2) * 20; reads++) Assert.Equal(i, await sessions[i].StringGetAsync<int>(KeyOf(i)));
            }

            await Task.Delay(TimeSpan.FromSeconds(1)); // of rest, in which replication, too, has caught up
            return new(sessions);
        }

        /// <summary>Each reads what it has written.</summary>
        /// <returns>How many said that writes may be lost.</returns>
        public async Task<int> ReadAsync()
        {
            for (int i = 0; i < Count; i++) Assert.Equal(i, await sessions[i].StringGetAsync<int>(KeyOf(i)));
            return sessions.Count(static session => session.MayHaveLostWrites);
        }

        private static string KeyOf(int i) => $"resting:{i}";
    }
}
