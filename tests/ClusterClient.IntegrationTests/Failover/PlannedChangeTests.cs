// The figures of what operators do on purpose: a graceful failover, and a master that is shut down and started again.
using System.Diagnostics;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Failover;

[Trait("Suite", "Routing")]
public sealed class PlannedChangeTests(ITestOutputHelper output)
{
    private static readonly TimeSpan _beyondTheServers = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task A_graceful_failover_costs_no_error_and_at_most_100_ms_more_than_the_servers_own_pause()
    {
        await using FailoverStage stage = await FailoverStage.StartAsync();
        PlannedPause planned = await PlannedPause.WatchAsync(stage.Master, stage.Heir);
        await stage.Cluster.FailoverAsync(stage.Heir);
        await stage.Hit.WaitForMoreAsync(500);
        long over = Stopwatch.GetTimestamp();
        (TimeSpan serversPause, TimeSpan hiccup) = await planned.StopAsync();
        await stage.StopAsync();
        TimeSpan pause = stage.Hit.LongestPause(planned.Begun, over);
        stage.Print(output, $"CLUSTER FAILOVER: writes paused for {pause.TotalMilliseconds:F0} ms, the servers' own pause was {serversPause.TotalMilliseconds:F0} ms; {stage.Hit.Writes} writes and {stage.Hit.Reads} reads, no error; the machine held us up for {hiccup.TotalMilliseconds:F0} ms");
        stage.AssertHonest(mostUnknown: 0);
        Assert.InRange(pause - serversPause, TimeSpan.MinValue, _beyondTheServers + hiccup);
        Assert.Equal(stage.Heir.Port, stage.Redis.Topology.MasterOf("victim")!.Endpoint.Port);

        // Its slots went at once; that it is a replica now, the nodes tell each other in their own time.
        await Eventually.TrueAsync(
            async () =>
            {
                await stage.Redis.RefreshTopologyAsync();
                return stage.Redis.Topology.Masters.All(node => node.Endpoint.Port != stage.Master.Port);
            },
            "the old master is known to be a replica");
    }

    [Fact]
    public async Task A_master_that_is_shut_down_and_started_again_costs_no_error_and_at_most_100_ms_more_than_it_was_away()
    {
        LocalServer server = await LocalTopology.FindServerAsync();
        if (!server.Capabilities.HasFlag(ServerCapabilities.ClusterRestart))
        {
            Assert.Equal(ServerKind.Garnet, server.Kind); // A restarted node of it does not find back into its cluster.
            return;
        }

        // What a server that shuts down had not read is lost with its connection: only a write that may be repeated can go on without an error.
        await using FailoverStage stage = await FailoverStage.StartAsync(isPersistent: true, options: "&retryPolicy=idempotent", isIdempotent: true);
        PlannedPause planned = await PlannedPause.WatchAsync(stage.Master);
        await stage.Master.RestartAsync();
        await stage.Hit.WaitForMoreAsync(500);
        long over = Stopwatch.GetTimestamp();
        (TimeSpan serversPause, TimeSpan hiccup) = await planned.StopAsync();
        await stage.StopAsync();
        TimeSpan pause = stage.Hit.LongestPause(planned.Begun, over);
        stage.Print(output, $"SIGTERM and restart: writes paused for {pause.TotalMilliseconds:F0} ms, the server's own pause was {serversPause.TotalMilliseconds:F0} ms; {stage.Hit.Writes} writes and {stage.Hit.Reads} reads, no error; the machine held us up for {hiccup.TotalMilliseconds:F0} ms");
        stage.AssertHonest(mostUnknown: 0);
        Assert.InRange(pause - serversPause, TimeSpan.MinValue, _beyondTheServers + hiccup);
    }
}
