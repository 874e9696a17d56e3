// The books must balance: counters counted up under kill -9, freeze, failover and resharding.
using System.Diagnostics;
using System.Globalization;
using ClusterClient.IntegrationTests.Routing;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Failover;

[Trait("Suite", "Routing")]
public sealed class CounterTests(ITestOutputHelper output)
{
    /// <summary>How long to go on, in seconds: short by default, ten minutes by hand.</summary>
    private const string SecondsVariable = "CLUSTERCLIENT_COUNTER_SECONDS";

    private const int DefaultSeconds = 25;
    private const int MovedSlots = 300;

    [Fact]
    public async Task Every_counter_ends_between_what_was_acknowledged_and_that_plus_what_is_unknown()
    {
        LocalServer server = await LocalTopology.FindServerAsync();
        if (!server.Capabilities.HasFlag(ServerCapabilities.AutomaticFailover))
        {
            Assert.Equal(ServerKind.Garnet, server.Kind); // It elects nobody, and knows no WAIT.
            return;
        }

        TimeSpan length = TimeSpan.FromSeconds(int.TryParse(Environment.GetEnvironmentVariable(SecondsVariable), CultureInfo.InvariantCulture, out int seconds) ? seconds : DefaultSeconds);
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(3, 1, new() { RequireFullCoverage = false });
        await using RedisClient redis = await RedisClient.ConnectAsync(cluster.ConnectionString);
        CounterLoad load = new(redis, writers: 16);
        Func<LocalCluster, LocalNode, Task>[] faults = [KillAsync, MoveAsync, FreezeAsync, FailOverAsync];
        Random random = new(4);
        long began = Stopwatch.GetTimestamp();
        int done = 0;
        await Task.Delay(500);
        while (done < faults.Length || Stopwatch.GetElapsedTime(began) < length)
        {
            // One at a time, and the next only when every replica has all that its master has.
            IReadOnlyList<LocalNode> masters = await cluster.GetMastersAsync();
            long before = load.Acknowledged;
            await faults[done++ % faults.Length](cluster, masters[random.Next(masters.Count)]);
            await SettleAsync(cluster);
            await Task.Delay(300);
            Assert.True(load.Acknowledged > before, $"Nothing was acknowledged during fault {done} and after it. {string.Join("; ", load.NotExecuted.Take(3))}");
        }

        await load.StopAsync();
        await SettleAsync(cluster);
        await load.CheckAsync(redis);
        Figure.Print(output, cluster, $"counters: {done} faults in {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s, {load.Acknowledged} increments acknowledged, {load.Unknown} unknown, {load.NotExecuted.Count} not executed; the books balance: {load.Problems.IsEmpty}");
        Assert.Empty(load.Problems);
        Assert.Empty(load.NotExecuted);
    }

    private static async Task KillAsync(LocalCluster cluster, LocalNode master)
    {
        Task<long> promotion = ServerWatch.PromotionOf((await cluster.GetReplicasAsync(master))[0]);
        await master.KillAsync();

        // Started before its replica is promoted it would come back as an empty master.
        await promotion;
        await master.RestartAsync();
    }

    private static async Task FreezeAsync(LocalCluster cluster, LocalNode master)
    {
        Task<long> promotion = ServerWatch.PromotionOf((await cluster.GetReplicasAsync(master))[0]);
        master.Freeze();
        await promotion;
        await Task.Delay(300);
        master.Thaw();
    }

    private static async Task FailOverAsync(LocalCluster cluster, LocalNode master) => await cluster.FailoverAsync(master);

    private static async Task MoveAsync(LocalCluster cluster, LocalNode master)
    {
        LocalNode to = (await cluster.GetMastersAsync()).First(node => node != master);
        IReadOnlyList<int> slots = await cluster.GetSlotsAsync(master);
        await cluster.MoveSlotsAsync(slots.Take(MovedSlots), master, to, slots.Count % 2 == 0 ? SlotMoveMode.Bulk : SlotMoveMode.KeyByKey);
    }

    /// <summary>Waits until all agree and every replica has all that its master has written so far.</summary>
    private static async Task SettleAsync(LocalCluster cluster)
    {
        await cluster.WaitUntilStableAsync();
        foreach (LocalNode master in await cluster.GetMastersAsync())
        {
            string key = SlotKeys.For([(await cluster.GetSlotsAsync(master))[0]])[0];
            await InStep.WaitAsync(master, replicas: 1, $"{{{key}}}:mark");
        }
    }
}
