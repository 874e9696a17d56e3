// Sentinels that die, lag or change their mind: when it is not certain who is master, nothing is written.
using System.Collections.Concurrent;
using System.Diagnostics;
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Sentinel;

[Trait("Suite", "Sentinel")]
public sealed class DoubtTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_failover_whose_leader_dies_is_held_after_2_s_and_settled_as_the_sentinels_settle_it()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using SentinelStage stage = await SentinelStage.StartAsync(FailoverPolicy.Eager, commandTimeoutSeconds: 60);
        ConcurrentQueue<(long At, TopologyChange Change)> changes = new();
        stage.Redis.TopologyChanged += (_, change) => changes.Enqueue((Stopwatch.GetTimestamp(), change));
        Task<(LocalNode Node, long At)> promotion = stage.PromotionAsync(), leads = stage.LeaderAsync();
        stage.Master.Freeze();
        (LocalNode leader, long _) = await leads;
        (LocalNode heir, long promoted) = await promotion;
        await leader.KillAsync(); // Within milliseconds: it would tell of the promotion 0.7 s after it.
        stage.Master.Thaw();

        await Eventually.TrueAsync(() => changes.Any(static one => one.Change.Current.Masters[0].IsHeld), "writes are held");
        (long heldAt, TopologyChange held) = changes.First(static one => one.Change.Current.Masters[0].IsHeld);
        Assert.Equal(heir.Port, held.Current.Masters[0].Endpoint.Port);
        long before = await SentinelStage.ClientWritesAsync(heir, refusedOnly: false);
        int looks = 0;
        while (looks < 20 && stage.Redis.Topology.Masters[0].IsHeld)
        {
            long writes = await SentinelStage.ClientWritesAsync(heir, refusedOnly: false);
            if (!stage.Redis.Topology.Masters[0].IsHeld) break;
            Assert.Equal(before, writes);
            looks++;
            await Task.Delay(20);
        }

        Assert.NotEqual(0, looks);

        // The two that are left either take the old master for the master again, or lead another failover; both are seen.
        await Eventually.TrueAsync(() => !stage.Redis.Topology.Masters[0].IsHeld, "it is settled");
        long settledAt = Stopwatch.GetTimestamp();
        await stage.Load.WaitForMoreAsync(500);
        await stage.Load.StopAsync();
        LocalNode settled = await stage.Topology.GetMasterAsync();
        bool isRevoked = changes.Any(static one => one.Change.Reason == TopologyChangeReason.FailoverRevoked);
        stage.Print(output, $"leader killed right after the promotion: writes held {Stopwatch.GetElapsedTime(promoted, heldAt).TotalMilliseconds:F0} ms after the promotion, settled "
            + $"{Stopwatch.GetElapsedTime(promoted, settledAt).TotalMilliseconds:F0} ms after it on {(settled == stage.Master ? "the old master" : settled == heir ? "the promoted one" : "a third")}; loss told: {isRevoked}; {stage.Load.Unknown.Count} of 32 writers unknown");
        Assert.Equal(settled.Port, stage.Redis.Topology.Masters[0].Endpoint.Port);
        Assert.Equal(settled != heir, isRevoked);
        Assert.InRange(Stopwatch.GetElapsedTime(promoted, heldAt), TimeSpan.FromMilliseconds(1900), TimeSpan.FromMilliseconds(3000));
        Assert.Empty(stage.Load.Problems);
    }

    [Fact]
    public async Task A_lone_sentinel_that_lags_leads_no_write_to_a_demoted_master()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using LocalSentinel topology = await LocalTopology.StartSentinelAsync(2, 3, new() { SentinelDownAfter = TimeSpan.FromSeconds(10) }); // nobody fails over but when asked
        LocalNode old = await topology.GetMasterAsync();
        (LocalNode stale, LocalNode second, LocalNode third) = (topology.Sentinels[0], topology.Sentinels[1], topology.Sentinels[2]);
        await stale.KillAsync();
        await second.ExecuteAsync("SENTINEL", "FAILOVER", topology.ServiceName);
        LocalNode master = old;
        await Eventually.TrueAsync(async () => (master = await topology.GetMasterAsync()) != old, "the other two have a new master");
        await Eventually.TrueAsync(async () => await old.GetRoleAsync() == LocalNodeRole.Replica, "the old one follows it");

        // A replica that still is in the old master's history would prove whose heir the new master is: then the client finds it without any Sentinel.
        string history = HistoryOf((await master.ExecuteAsync("INFO", "replication")).Text);
        await Eventually.TrueAsync(async () => await AreInStepAsync(topology.DataNodes.Where(node => node != master), history), "all follow the new master");
        await second.KillAsync();
        await third.KillAsync();
        Assert.Equal(LocalNodeRole.Master, await master.GetRoleAsync());
        await stale.RestartAsync(); // It knows what its configuration file says: the master of before.

        await using RedisClient redis = await RedisClient.ConnectAsync(topology.ConnectionString);
        for (int i = 0; i < 5; i++)
        {
            RedisTimeoutException late = await Assert.ThrowsAsync<RedisTimeoutException>(async () => await redis.WithTimeout(TimeSpan.FromMilliseconds(300)).StringSetAsync($"k{i}", "v"));
            Assert.Equal(Outcome.NotExecuted, late.Outcome);
        }

        (long Refused, long Run) there = (await SentinelStage.ClientWritesAsync(old, refusedOnly: true), await SentinelStage.ClientWritesAsync(old, refusedOnly: false));
        Assert.Equal((0, 0), there);
        await second.RestartAsync();
        await third.RestartAsync();
        Assert.True(await redis.WithTimeout(TimeSpan.FromSeconds(20)).StringSetAsync("k", "v"));
        Assert.Equal(master.Port, redis.Topology.Masters[0].Endpoint.Port);
        Assert.Equal(0, await SentinelStage.ClientWritesAsync(old, refusedOnly: true));
        Figure.Print(output, topology, $"Sentinel: two of three Sentinels dead at the start, the third names the demoted {old}: {there.Run + there.Refused} writes sent there, all held until another answered, then to {master} only");
    }

    private static async Task<bool> AreInStepAsync(IEnumerable<LocalNode> replicas, string history)
    {
        foreach (LocalNode replica in replicas)
        {
            string info = (await replica.ExecuteAsync("INFO", "replication")).Text;
            if (HistoryOf(info) != history || !info.Contains("master_link_status:up", StringComparison.Ordinal)) return false;
        }

        return true;
    }

    private static string HistoryOf(string info) => info.Split("master_replid:")[1][..40];
}
