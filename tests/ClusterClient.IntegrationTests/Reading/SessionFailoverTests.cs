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
        LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 1);
        LocalNode killed = (await cluster.GetMastersAsync())[0];
        await using FreshnessServers servers = new(cluster, killed, await cluster.GetReplicasAsync());
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        LocalNode heir = (await cluster.GetReplicasAsync(killed))[0];
        await using SessionStage stage = await SessionStage.StartAsync(servers, "&heartbeatInterval=250ms");
        await stage.RunAsync(5_000);
        await killed.KillAsync();
        await IsMasterAsync(heir);
        await stage.RunAsync(SessionLoad.OrAMillion(100_000));
        SessionPairs seen = await stage.EndAsync(output, "cluster, kill -9 of a master of 3", mayLose: true);
        Assert.True(seen.Told > 0, "No session said that writes may be lost, though those on the killed master had writes that nobody had sampled.");
    }

    [Fact]
    public Task A_killed_master_behind_Sentinels_loses_no_read_of_a_session_unless_it_says_so()
        => ThroughAsync(TopologyKind.Sentinel, "Sentinel, eager, kill -9 of the master", mayLose: true, options: "&failover=eager", change: static async servers =>
        {
            await servers.Master.KillAsync();
            await IsMasterAsync([.. servers.Replicas]);
        });

    /// <summary>Sentinel promotes a replica while the master still takes writes, of which it tells the replica nothing any more: what is written in between is lost.</summary>
    [Fact]
    public Task SENTINEL_FAILOVER_loses_no_read_of_a_session_unless_it_says_so()
        => ThroughAsync(TopologyKind.Sentinel, "Sentinel, eager, SENTINEL FAILOVER", mayLose: true, options: "&failover=eager", change: static servers => ((LocalSentinel)servers.Topology).FailoverAsync());

    [Fact]
    public Task FAILOVER_TO_behind_Sentinels_loses_nothing_and_no_session_cries_wolf()
        => ThroughAsync(TopologyKind.Sentinel, "Sentinel, FAILOVER TO", mayLose: false, change: static servers => FailOverToAsync(servers.Master, servers.Replicas[0]));

    [Theory]
    [InlineData(TopologyKind.Cluster)]
    [InlineData(TopologyKind.Replicated)]
    public Task A_planned_failover_and_another_back_lose_nothing_and_no_session_cries_wolf(TopologyKind kind)
        => ThroughAsync(kind, $"{kind}, planned failover and back", mayLose: false, replicas: 1, change: static servers => PlannedAsync(servers, servers.Master, servers.Replicas[0]), changeBack: static servers => PlannedAsync(servers, servers.Replicas[0], servers.Master));

    [Fact]
    public async Task A_killed_master_that_a_person_replaces_loses_no_read_of_a_session_unless_it_says_so()
    {
        await using SessionStage? stage = await SessionStage.StartAsync(TopologyKind.Replicated);
        if (stage is null) return;
        FreshnessServers servers = stage.Servers;
        await stage.RunAsync(5_000);

        // The heir is behind when the master dies: what it lacks is lost, and each session that had seen it must say so before it sees less.
        LocalNode heir = servers.Replicas[0];
        await heir.CutReplicaLinkAsync();
        await stage.Load.WaitForMoreAsync(500);
        await servers.Master.KillAsync();
        await heir.ExecuteAsync("REPLICAOF", "NO", "ONE");
        await ((LocalReplication)servers.Topology).FollowAsync(servers.Replicas[1], heir);
        await stage.RunAsync(SessionLoad.OrAMillion(20_000));
        SessionPairs seen = await stage.EndAsync(output, "replicated, kill -9 of the master, a replica that was behind promoted by hand, the other re-parented", mayLose: true);
        Assert.True(seen.Lost > 0, "Nothing was lost: the test has tested nothing.");
    }

    /// <summary>Sessions before, through and after a change of masters, and another if wanted.</summary>
    private async Task ThroughAsync(
        TopologyKind kind, string what, bool mayLose, Func<FreshnessServers, Task> change, Func<FreshnessServers, Task>? changeBack = null, int replicas = 2, string options = "")
    {
        await using SessionStage? stage = await SessionStage.StartAsync(kind, replicas, options);
        if (stage is null) return;
        await stage.RunAsync(5_000);
        await change(stage.Servers);
        if (changeBack is not null)
        {
            await stage.RunAsync(5_000);
            await changeBack(stage.Servers);
        }

        await stage.RunAsync(SessionLoad.OrAMillion(20_000));
        await stage.EndAsync(output, what, mayLose);
    }

    private static Task PlannedAsync(FreshnessServers servers, LocalNode old, LocalNode heir)
        => servers.Topology is LocalCluster cluster ? cluster.FailoverAsync(heir) : FailOverToAsync(old, heir);

    private static async Task FailOverToAsync(LocalNode old, LocalNode heir)
    {
        await old.ExecuteAsync("FAILOVER", "TO", heir.Host, heir.Port.ToString(CultureInfo.InvariantCulture), "TIMEOUT", "10000");
        await Eventually.TrueAsync(async () => await old.GetRoleAsync() == LocalNodeRole.Replica, $"{old} is a replica");
        await IsMasterAsync(heir);
    }

    /// <summary>Returns when one of the nodes is master.</summary>
    private static Task IsMasterAsync(params LocalNode[] nodes) => Eventually.TrueAsync(
        async () =>
        {
            foreach (LocalNode node in nodes)
            {
                if (await node.GetRoleAsync() == LocalNodeRole.Master) return true;
            }

            return false;
        },
        $"one of {string.Join(", ", (object[])nodes)} is promoted");
}
