// The figures of failovers that Sentinels lead: how soon writes flow again, what fails, and that a demoted master gets nothing.
using System.Diagnostics;
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Sentinel;

[Trait("Suite", "Sentinel")]
public sealed class SentinelFailoverTests(ITestOutputHelper output)
{
    private static readonly TimeSpan _limit = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task After_kill_9_of_the_master_an_eager_client_writes_within_100_ms_of_the_promotion()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using SentinelStage stage = await SentinelStage.StartAsync(FailoverPolicy.Eager);
        Task<(LocalNode Node, long At)> promotion = stage.PromotionAsync();
        long killed = Stopwatch.GetTimestamp();
        await stage.Master.KillAsync();
        (LocalNode heir, long promoted) = await promotion;
        await stage.Load.WaitForMoreAsync(1000);
        await stage.StopWatchingAsync();
        await AfterFailover.IsFollowedAsync(stage.Redis, heir);
        await Eventually.TrueAsync(() => stage.Redis.Topology.Masters[0].ConfigEpoch > 0, "the failover is confirmed");
        await stage.Load.StopAsync();

        TimeSpan first = stage.Load.FirstWriteAfter(promoted), limit = Limit(stage, promoted, first);
        stage.Print(output, $"kill -9, eager: promoted after {Stopwatch.GetElapsedTime(killed, promoted).TotalMilliseconds:F0} ms, first write {first.TotalMilliseconds:F0} ms and every writer "
            + $"{stage.Load.EveryWriterAfter(promoted).TotalMilliseconds:F0} ms after it; {stage.Load.Unknown.Count} of 32 writers unknown{Bound(limit)}");
        stage.Load.AssertHonest(mostUnknown: 32);
        Assert.InRange(first, TimeSpan.Zero, limit);
    }

    [Fact]
    public async Task After_kill_9_of_the_master_a_careful_client_writes_within_100_ms_of_the_first_confirmation()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using SentinelStage stage = await SentinelStage.StartAsync(FailoverPolicy.Confirmed);
        Task<(LocalNode Node, long At)> promotion = stage.PromotionAsync(), confirmation = stage.ConfirmationAsync();
        await stage.Master.KillAsync();
        (LocalNode _, long promoted) = await promotion;
        (LocalNode _, long confirmed) = await confirmation;
        await stage.Load.WaitForMoreAsync(1000);
        await stage.StopWatchingAsync();
        await stage.Load.StopAsync();

        TimeSpan first = stage.Load.FirstWriteAfter(promoted), sinceConfirmation = first - Stopwatch.GetElapsedTime(promoted, confirmed), limit = Limit(stage, confirmed, sinceConfirmation);
        stage.Print(output, $"kill -9, confirmed: first Sentinel confirmed {Stopwatch.GetElapsedTime(promoted, confirmed).TotalMilliseconds:F0} ms after the promotion, first write {sinceConfirmation.TotalMilliseconds:F0} ms after that; "
            + $"{stage.Load.Unknown.Count} of 32 writers unknown{Bound(limit)}");
        stage.Load.AssertHonest(mostUnknown: 32);

        // The watch asks every other millisecond: the client may have heard of it first.
        Assert.InRange(sinceConfirmation, TimeSpan.FromMilliseconds(-20) - (limit - _limit), limit);
    }

    [Fact]
    public async Task A_frozen_master_is_left_and_gets_nothing_after_it_thaws()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using SentinelStage stage = await SentinelStage.StartAsync(FailoverPolicy.Eager);
        Task<(LocalNode Node, long At)> promotion = stage.PromotionAsync();
        stage.Master.Freeze();
        (LocalNode heir, long promoted) = await promotion;
        await stage.Load.WaitForMoreAsync(1000);
        await stage.StopWatchingAsync();
        stage.Master.Thaw();

        // What was in its buffers runs now, without an answer to anybody. For seconds it goes on taking itself for the master.
        await Eventually.TrueAsync(async () => (await stage.Master.ExecuteAsync("PING")).Text is "PONG", "it answers again");
        long ran = await ServedCounts.WritesAsync(stage.Master);
        int looks = 0;
        for (; looks < 20; looks++)
        {
            long runs = await ServedCounts.WritesAsync(stage.Master);
            if (await stage.Master.GetRoleAsync() == LocalNodeRole.Replica) break;
            Assert.Equal(ran, runs);
            await Task.Delay(50);
        }

        await Eventually.TrueAsync(async () => await stage.Master.GetRoleAsync() == LocalNodeRole.Replica, "the Sentinels make it a replica");
        long refused = await ServedCounts.RefusedWritesAsync(stage.Master);
        await stage.Load.WaitForMoreAsync(1000);
        await stage.Load.StopAsync();

        TimeSpan first = stage.Load.FirstWriteAfter(promoted), limit = Limit(stage, promoted, first, milliseconds: 300);
        stage.Print(output, $"SIGSTOP, eager: first write {first.TotalMilliseconds:F0} ms after the promotion; {stage.Load.Unknown.Count} of 32 writers unknown; "
            + $"the thawed master was looked at {looks} times while it still called itself one, ran no further write, and refused {refused}{Bound(limit)}");
        stage.Load.AssertHonest(mostUnknown: 32);
        Assert.InRange(first, TimeSpan.Zero, limit);
        Assert.Equal(0, refused);
        Assert.Equal(0, await ServedCounts.RefusedWritesAsync(stage.Master));
        Assert.Equal(heir.Port, stage.Redis.Topology.Masters[0].Endpoint.Port);
    }

    [Theory]
    [InlineData(FailoverPolicy.Eager)]
    [InlineData(FailoverPolicy.Confirmed)]
    public async Task A_planned_failover_costs_no_error_and_the_demoted_master_gets_no_write(FailoverPolicy policy)
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using SentinelStage stage = await SentinelStage.StartAsync(policy);
        Task<(LocalNode Node, long At)> promotion = stage.PromotionAsync(), confirmation = stage.ConfirmationAsync();
        long begun = Stopwatch.GetTimestamp();
        Task<LocalNode> failover = stage.Topology.FailoverAsync(by: stage.Topology.Sentinels[0]);
        (LocalNode heir, long promoted) = await promotion;
        (LocalNode _, long confirmed) = await confirmation;
        await stage.Load.WaitForMoreAsync(1000);
        long over = Stopwatch.GetTimestamp();
        await stage.StopWatchingAsync();
        Assert.Equal(heir, await failover);
        await AfterFailover.GetsNoWriteAsync(stage.Master, () => stage.Load.WaitForMoreAsync(1000));
        await stage.Load.StopAsync();

        // A careful client waits for the confirmation, which is the Sentinels' own time.
        TimeSpan pause = stage.Load.LongestPause(begun, over), held = stage.Machine.Longest(begun, over);
        TimeSpan limit = _limit + held + (policy == FailoverPolicy.Confirmed ? Stopwatch.GetElapsedTime(promoted, confirmed) : TimeSpan.Zero);
        stage.Print(output, $"SENTINEL FAILOVER, {policy}: promoted after {Stopwatch.GetElapsedTime(begun, promoted).TotalMilliseconds:F0} ms, confirmed {Stopwatch.GetElapsedTime(promoted, confirmed).TotalMilliseconds:F0} ms later; "
            + $"longest pause of writes {pause.TotalMilliseconds:F0} ms; {stage.Load.Writes} writes, no error, none to the demoted master{Bound(limit)}, {held.TotalMilliseconds:F0} ms of it for what the machine held up");
        stage.Load.AssertHonest(mostUnknown: 0);
        Assert.InRange(pause, TimeSpan.Zero, limit);
        Assert.Equal(heir.Port, stage.Redis.Topology.Masters[0].Endpoint.Port);
    }

    [Theory]
    [InlineData(FailoverPolicy.Eager)]
    [InlineData(FailoverPolicy.Confirmed)]
    public async Task FAILOVER_TO_costs_no_error_though_no_sentinel_leads_it(FailoverPolicy policy)
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using SentinelStage stage = await SentinelStage.StartAsync(policy);
        LocalNode heir = stage.Replicas[0];
        PlannedPause planned = await PlannedPause.WatchAsync(stage.Master, heir);
        await stage.Master.ExecuteAsync("FAILOVER", "TO", heir.Host, heir.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await stage.Load.WaitForMoreAsync(3000);
        await AfterFailover.IsFollowedAsync(stage.Redis, heir);
        long over = Stopwatch.GetTimestamp();
        (TimeSpan serversPause, TimeSpan hiccup) = await planned.StopAsync();
        long refused = await AfterFailover.IsRefusedNoMoreAsync(stage.Master, stage.Redis, heir, () => stage.Load.WaitForMoreAsync(1000));
        await stage.Load.StopAsync();
        TimeSpan pause = stage.Load.LongestPause(planned.Begun, over), limit = _limit + hiccup;
        stage.Print(output, $"FAILOVER TO, {policy}: longest pause of writes {pause.TotalMilliseconds:F0} ms, the servers' own {serversPause.TotalMilliseconds:F0} ms; {stage.Load.Writes} writes, {stage.Load.Unknown.Count} unknown; "
            + $"the demoted master refused {refused} until the heir was known, and got no more{Bound(limit)} beyond the servers' own");
        stage.Load.AssertHonest(mostUnknown: 0);
        Assert.InRange(pause - serversPause, TimeSpan.MinValue, limit);
        Assert.Equal(heir.Port, stage.Redis.Topology.Masters[0].Endpoint.Port);
    }

    [Fact]
    public async Task A_master_that_is_shut_down_and_started_again_costs_no_error()
    {
        if (await ServerLacks.SentinelAsync()) return;

        // What a server that shuts down had not read is lost with its connection: only a write that may be repeated can go on without an error.
        await using SentinelStage stage = await SentinelStage.StartAsync(FailoverPolicy.Eager, isPersistent: true, isIdempotent: true, options: "&retryPolicy=idempotent");
        PlannedPause planned = await PlannedPause.WatchAsync(stage.Master);
        await stage.Master.RestartAsync();
        await stage.Load.WaitForMoreAsync(1000);
        long over = Stopwatch.GetTimestamp();
        (TimeSpan serversPause, TimeSpan hiccup) = await planned.StopAsync();
        await stage.Load.StopAsync();
        TimeSpan pause = stage.Load.LongestPause(planned.Begun, over), limit = _limit + hiccup;
        stage.Print(output, $"SIGTERM and restart: longest pause of writes {pause.TotalMilliseconds:F0} ms, the server's own {serversPause.TotalMilliseconds:F0} ms; {stage.Load.Writes} writes, no error{Bound(limit)} beyond the server's own");
        stage.Load.AssertHonest(mostUnknown: 0);
        Assert.InRange(pause - serversPause, TimeSpan.MinValue, limit);
        Assert.Equal(stage.Master.Port, stage.Redis.Topology.Masters[0].Endpoint.Port);
    }

    /// <summary>The limit of what began at one moment and took so long (or so long before it): the target, and the longest that the machine held up anybody meanwhile.</summary>
    private static TimeSpan Limit(SentinelStage stage, long from, TimeSpan took, int milliseconds = 100)
    {
        long to = from + (long)(took.TotalSeconds * Stopwatch.Frequency);
        return TimeSpan.FromMilliseconds(milliseconds) + stage.Machine.Longest(Math.Min(from, to), Math.Max(from, to));
    }

    private static string Bound(TimeSpan limit) => $"; the limit was {limit.TotalMilliseconds:F0} ms";
}
