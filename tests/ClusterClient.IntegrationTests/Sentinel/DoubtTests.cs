// Sentinels that die, lag or change their mind: when it is not certain who is master, nothing is written.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Sentinel;

[Trait("Suite", "Sentinel")]
public sealed class DoubtTests(ITestOutputHelper output)
{
    /// <summary>
    /// The two Sentinels that are left have not heard of the promotion. Where the old master comes back, it is the master to them, and the heir is made its replica again:
    /// what was written to the heir is lost, and told. Where it stays away, they lead a failover of their own, to the heir, the only one that may be promoted here.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failover_whose_leader_dies_is_held_after_2_s_and_settled_as_the_sentinels_settle_it(bool comesBack)
    {
        if (await ServerLacks.SentinelAsync()) return;
        const string Database = "11"; // which no other test uses: metrics tell clients apart by nothing else
        using MeasuredCount revoked = new("clusterclient.failovers.revoked", "db.namespace", [Database]);
        await using SentinelStage stage = await SentinelStage.StartAsync(FailoverPolicy.Eager, commandTimeoutSeconds: 60, options: $"&database={Database}", failoverTimeoutSeconds: comesBack ? 10 : 4);
        if (!comesBack) await NeverPromoteAsync(stage.Topology, stage.Replicas[1]);
        ConcurrentQueue<(long At, TopologyChange Change)> changes = new();
        stage.Redis.TopologyChanged += (_, change) => changes.Enqueue((Stopwatch.GetTimestamp(), change));
        Task<(LocalNode Node, long At)> promotion = stage.PromotionAsync(), leads = stage.LeaderAsync();
        stage.Master.Freeze();
        (LocalNode leader, long _) = await leads;
        (LocalNode heir, long promoted) = await promotion;
        await leader.KillAsync(); // Within milliseconds: it would tell of the promotion 0.7 s after it.
        if (comesBack) stage.Master.Thaw();

        await Eventually.TrueAsync(() => changes.Any(static one => one.Change.Current.Masters[0].IsHeld), "writes are held");
        (long heldAt, TopologyChange held) = changes.First(static one => one.Change.Current.Masters[0].IsHeld);
        await stage.StopWatchingAsync();
        Assert.Equal(heir.Port, held.Current.Masters[0].Endpoint.Port);
        long before = await ServedCounts.WritesAsync(heir);
        int looks = 0;
        while (looks < 20 && stage.Redis.Topology.Masters[0].IsHeld)
        {
            long writes = await ServedCounts.WritesAsync(heir);
            if (!stage.Redis.Topology.Masters[0].IsHeld) break;
            Assert.Equal(before, writes);
            looks++;
            await Task.Delay(20);
        }

        Assert.NotEqual(0, looks);
        if (comesBack) await Eventually.TrueAsync(async () => await heir.GetRoleAsync() == LocalNodeRole.Replica, "the Sentinels make the heir a replica again"); // 9 to 20 s after they have heard of it
        await Eventually.TrueAsync(() => !stage.Redis.Topology.Masters[0].IsHeld, "it is settled");
        long settledAt = Stopwatch.GetTimestamp();
        await stage.Load.WaitForMoreAsync(500);
        await stage.Load.StopAsync();
        LocalNode settled = await stage.Topology.GetMasterAsync();
        (long epoch, int named) = await HighestEpochAsync(stage.Topology);
        TopologyChange[] told = [.. changes.Select(static one => one.Change).Where(static change => change.Reason == TopologyChangeReason.FailoverRevoked)];
        stage.Print(output, $"leader killed right after the promotion, the old master {(comesBack ? "back" : "away")}: writes held {Stopwatch.GetElapsedTime(promoted, heldAt).TotalMilliseconds:F0} ms after the promotion, settled "
            + $"{Stopwatch.GetElapsedTime(promoted, settledAt).TotalMilliseconds:F0} ms after it on {(settled == stage.Master ? "the old master" : settled == heir ? "the promoted one" : "a third")} of epoch {epoch}; "
            + $"loss told by {told.Length} events and counted {revoked.Count} times; {stage.Load.Unknown.Count} of 32 writers unknown");
        Assert.Equal(comesBack ? stage.Master : heir, settled);
        TopologyNode master = stage.Redis.Topology.Masters[0];
        Assert.Equal((settled.Port, named, epoch), (master.Endpoint.Port, master.Endpoint.Port, master.ConfigEpoch));
        Assert.Equal(comesBack ? 1 : 0, revoked.Count);
        Assert.Equal(revoked.Count, told.Length);
        Assert.All(told, change => Assert.Equal($"the Sentinels did not confirm {heir}", change.Detail));
        TimeSpan machine = stage.Machine.Longest(promoted, heldAt);
        Assert.InRange(Stopwatch.GetElapsedTime(promoted, heldAt), TimeSpan.FromMilliseconds(1900) - machine, TimeSpan.FromMilliseconds(3000) + machine);
        stage.Load.AssertHonest(mostUnknown: 32);
    }

    [Fact]
    public async Task A_lone_sentinel_that_lags_leads_no_write_to_a_demoted_master()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using LocalSentinel topology = await LocalTopology.StartSentinelAsync(2, 3, new() { SentinelDownAfter = TimeSpan.FromSeconds(10) }); // nobody fails over but when asked
        LocalNode old = await topology.GetMasterAsync();
        (LocalNode stale, LocalNode second, LocalNode third) = (topology.Sentinels[0], topology.Sentinels[1], topology.Sentinels[2]);
        await stale.KillAsync();
        LocalNode master = await topology.FailoverAsync(by: second);
        Assert.NotEqual(old, master);
        await Eventually.TrueAsync(async () => await old.GetRoleAsync() == LocalNodeRole.Replica, "the old one follows it");

        // A replica that still is in the old master's history would prove whose heir the new master is: then the client finds it without any Sentinel.
        await InStep.WaitAsync(master, replicas: 2);
        long ran = await ServedCounts.WritesAsync(old);
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

        // It follows a master that nobody writes to.
        (long Refused, long Run) there = (await ServedCounts.RefusedWritesAsync(old), await ServedCounts.WritesAsync(old) - ran);
        Assert.Equal((0, 0), there);
        await second.RestartAsync();
        await third.RestartAsync();
        Assert.True(await redis.WithTimeout(TimeSpan.FromSeconds(20)).StringSetAsync("k", "v"));
        Assert.Equal(master.Port, redis.Topology.Masters[0].Endpoint.Port);
        Assert.Equal(0, await ServedCounts.RefusedWritesAsync(old));
        Figure.Print(output, topology, $"Sentinel: two of three Sentinels dead at the start, the third names the demoted {old}: {there.Run + there.Refused} writes sent there, all held until another answered, then to {master} only");
    }

    /// <summary>Has every Sentinel know that a replica is not to be promoted: they ask it every 10 s.</summary>
    private static async Task NeverPromoteAsync(LocalSentinel topology, LocalNode replica)
    {
        await replica.ExecuteAsync("CONFIG", "SET", "replica-priority", "0");
        foreach (LocalNode sentinel in topology.Sentinels)
        {
            await Eventually.TrueAsync(
                async () => (await sentinel.ExecuteAsync("SENTINEL", "REPLICAS", topology.ServiceName)).Items.Select(FieldsOf)
                    .Single(fields => fields["port"] == replica.Port.ToString(CultureInfo.InvariantCulture))["slave-priority"] is "0",
                $"{sentinel} knows that {replica} is not to be promoted");
        }
    }

    /// <summary>The highest epoch that any Sentinel that runs has, and the port of the master that it names. Until all have heard, the leader tells the new epoch with the old address in SENTINEL MASTER.</summary>
    private static async Task<(long Epoch, int Port)> HighestEpochAsync(LocalSentinel topology)
    {
        List<(long Epoch, int Port)> believed = [];
        foreach (LocalNode sentinel in topology.Sentinels.Where(static node => node.IsRunning))
        {
            string epoch = FieldsOf(await sentinel.ExecuteAsync("SENTINEL", "MASTER", topology.ServiceName))["config-epoch"];
            believed.Add((long.Parse(epoch, CultureInfo.InvariantCulture), (await topology.GetNamedMasterAsync(sentinel)).Port));
        }

        return believed.Max();
    }

    private static Dictionary<string, string> FieldsOf(AdminReply reply)
        => reply.Items.Chunk(2).ToDictionary(static pair => pair[0].Text, static pair => pair[1].Text, StringComparer.Ordinal);
}
