// The figure of a master that crashes (kill -9): how soon after the cluster's own promotion writes flow again, and what fails.
using System.Diagnostics;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Failover;

[Trait("Suite", "Routing")]
public sealed class KilledMasterTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_kill_9_of_a_master_writes_flow_within_150_ms_of_the_promotion_and_only_what_was_on_the_wire_fails(bool fullCoverage)
    {
        LocalServer server = await LocalTopology.FindServerAsync();
        if (!server.Capabilities.HasFlag(ServerCapabilities.AutomaticFailover))
        {
            Assert.Equal(ServerKind.Garnet, server.Kind); // It elects nobody: FailoverTests promotes by hand.
            return;
        }

        await using FailoverStage stage = await FailoverStage.StartAsync(fullCoverage);
        Task<long> promotion = ServerWatch.PromotionOf(stage.Heir);
        LocalNode healthyMaster = await stage.Cluster.GetSlotOwnerAsync(HashSlot.Of(stage.Healthy[0].Tag));
        WriteProbe healthy = await WriteProbe.StartAsync($"{{{stage.Healthy[0].Tag}}}:probe", healthyMaster);
        Hiccups machine = Hiccups.Start();
        long killed = Stopwatch.GetTimestamp();
        await stage.Master.KillAsync();
        long promoted = await promotion;
        await stage.Hit.WaitForMoreAsync(500);
        long over = Stopwatch.GetTimestamp();
        TimeSpan serversPause = await healthy.StopAsync(), hiccup = await machine.StopAsync();
        await stage.StopAsync();

        TimeSpan first = stage.Hit.FirstWriteAfter(promoted), healthyPause = stage.Healthy[0].LongestPause(killed, over);
        stage.Print(output, $"kill -9 (full coverage {(fullCoverage ? "on" : "off")}): promoted after {Stopwatch.GetElapsedTime(killed, promoted).TotalMilliseconds:F0} ms, first write {first.TotalMilliseconds:F0} ms "
            + $"and every writer {stage.Hit.EveryWriterAfter(promoted).TotalMilliseconds:F0} ms after it; {stage.Hit.Unknown.Count} of 32 writers unknown; "
            + $"longest pause of a healthy shard {healthyPause.TotalMilliseconds:F0} ms, the server's own {serversPause.TotalMilliseconds:F0} ms; the machine held us up for {hiccup.TotalMilliseconds:F0} ms");
        stage.AssertHonest(mostUnknown: 32);
        Assert.InRange(first, TimeSpan.Zero, TimeSpan.FromMilliseconds(150) + hiccup);
        Assert.InRange(healthyPause - serversPause, TimeSpan.MinValue, TimeSpan.FromMilliseconds(150) + hiccup);
    }
}
