// The figure of a master that hangs (SIGSTOP) under load, is replaced by the cluster itself, and comes back.
using System.Diagnostics;
using ClusterClient.IntegrationTests.Routing;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Failover;

[Trait("Suite", "Routing")]
public sealed class FrozenMasterTests(ITestOutputHelper output)
{
    // Fewer than the burst of writes below, so that the rest of it is certainly not sent when the owner changes.
    private const int InFlight = 128;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_frozen_master_fails_no_read_and_no_unsent_write_and_gets_nothing_after_it_thaws(bool fullCoverage)
    {
        if (!(await LocalTopology.FindServerAsync()).Capabilities.HasFlag(ServerCapabilities.AutomaticFailover))
        {
            await NobodyReplacesAFrozenMasterAsync();
            return;
        }

        await using FailoverStage stage = await FailoverStage.StartAsync(fullCoverage, options: $"&maxInFlightCommands={InFlight}");
        using RedirectCounter redirects = new([stage.Master.Port]);
        Task<long> promotion = ServerWatch.PromotionOf(stage.Heir);
        LocalNode healthyMaster = await stage.Cluster.GetSlotOwnerAsync(HashSlot.Of(stage.Healthy[0].Tag));
        WriteProbe healthy = await WriteProbe.StartAsync($"{{{stage.Healthy[0].Tag}}}:probe", healthyMaster);
        Hiccups machine = Hiccups.Start();
        long frozen = Stopwatch.GetTimestamp();
        stage.Master.Freeze();
        Task<Exception?>[] burst = [.. Enumerable.Range(0, 300).Select(i => EndOfAsync(stage.Redis.StringSetAsync($"{{victim}}:burst:{i}", i)))];
        long promoted = await promotion;
        Exception?[] ends = await Task.WhenAll(burst);
        await stage.Hit.WaitForMoreAsync(500);
        long over = Stopwatch.GetTimestamp();
        TimeSpan serversPause = await healthy.StopAsync(), hiccup = await machine.StopAsync();
        await CheckBurstAsync(stage.Redis, ends);

        stage.Master.Thaw();
        await stage.Cluster.WaitUntilStableAsync();
        Assert.Equal(LocalNodeRole.Replica, await stage.Master.GetRoleAsync());
        long refused = await ServedCounts.RefusedWritesAsync(stage.Master);
        await stage.Hit.WaitForMoreAsync(1000);
        await stage.StopAsync();

        TimeSpan first = stage.Hit.FirstWriteAfter(promoted), healthyPause = stage.Healthy[0].LongestPause(frozen, over);
        TimeSpan before = stage.Healthy.Max(load => load.Latency(0.99, 0, frozen)), during = stage.Healthy.Max(load => load.Latency(0.99, frozen, over));
        int unsent = ends.Count(static end => end is null);
        stage.Print(output, $"SIGSTOP (full coverage {(fullCoverage ? "on" : "off")}): promoted after {Stopwatch.GetElapsedTime(frozen, promoted).TotalMilliseconds:F0} ms, first write {first.TotalMilliseconds:F0} ms "
            + $"and every writer {stage.Hit.EveryWriterAfter(promoted).TotalMilliseconds:F0} ms after it; {stage.Hit.Unknown.Count} writes of 32 writers and {ends.Length - unsent} of a burst of {ends.Length} unknown; "
            + $"p99 elsewhere {before.TotalMilliseconds:F1} ms before and {during.TotalMilliseconds:F1} ms during it; longest pause of a healthy shard {healthyPause.TotalMilliseconds:F0} ms, the server's own {serversPause.TotalMilliseconds:F0} ms; the machine held us up for {hiccup.TotalMilliseconds:F0} ms");
        stage.AssertHonest(mostUnknown: 32);
        Assert.InRange(first, TimeSpan.Zero, TimeSpan.FromMilliseconds(300) + hiccup);
        Assert.InRange(healthyPause - serversPause, TimeSpan.MinValue, TimeSpan.FromMilliseconds(150) + hiccup);
        if (!fullCoverage) Assert.InRange(during, TimeSpan.Zero, (3 * before) + TimeSpan.FromMilliseconds(5) + hiccup);
        Assert.InRange(unsent, ends.Length - InFlight, ends.Length - 1);
        Assert.All(ends.OfType<Exception>(), static end => Assert.Equal(Outcome.Unknown, Assert.IsType<RedisConnectionException>(end).Outcome));

        // Of what was in its buffers it may have refused some when it thawed; nothing was sent to it after that, or it would have answered MOVED.
        Assert.InRange(refused, 0, stage.Hit.Unknown.Count + ends.Length - unsent);
        Assert.Equal(refused, await ServedCounts.RefusedWritesAsync(stage.Master));
        Assert.Equal(0, redirects.Count);
        await CheckBurstAsync(stage.Redis, ends);
        Assert.Equal(stage.Heir.Port, stage.Redis.Topology.MasterOf("victim")!.Endpoint.Port);
    }

    /// <summary>Garnet elects nobody: a write on the wire ends at its deadline with the truth, and the thawed master serves on.</summary>
    private static async Task NobodyReplacesAFrozenMasterAsync()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(1, 1, new() { ClusterNodeTimeout = TimeSpan.FromSeconds(1) });
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=5s");
        (LocalNode master, LocalNode heir) = (cluster.Nodes[0], cluster.Nodes[1]);
        await redis.StringSetAsync("victim", "before");
        master.Freeze();
        RedisTimeoutException late = await Assert.ThrowsAsync<RedisTimeoutException>(async () => await redis.StringSetAsync("victim", "lost?"));
        Assert.Equal((Outcome.Unknown, CommandStage.AwaitingReply), (late.Outcome, late.Stage));
        Assert.Equal(LocalNodeRole.Replica, await heir.GetRoleAsync());
        master.Thaw();
        Assert.True(await redis.WithTimeout(TimeSpan.FromSeconds(20)).StringSetAsync("victim", "after"));
        Assert.Equal("after", (string?)await redis.StringGetAsync("victim"));
    }

    private static async Task<Exception?> EndOfAsync(ValueTask<bool> write)
    {
        try
        {
            Assert.True(await write);
            return null;
        }
        catch (RedisException failure)
        {
            return failure;
        }
    }

    /// <summary>What was sent arrived, and nothing whose outcome is unknown was sent a second time.</summary>
    private static async Task CheckBurstAsync(RedisClient redis, Exception?[] ends)
    {
        for (int i = 0; i < ends.Length; i++)
            Assert.Equal(ends[i] is null ? i : null, await redis.StringGetAsync<int>($"{{victim}}:burst:{i}"));
    }
}
