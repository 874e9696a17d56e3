// The figures of slots that move under load, in every way a server knows.
using ClusterClient.IntegrationTests.Routing;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Failover;

[Trait("Suite", "Routing")]
public sealed class ReshardingTests(ITestOutputHelper output)
{
    private const int SlotCount = 1500;

    // What the best-known peer's worst pair was in the same move (measured); ours may be no worse.
    private static readonly TimeSpan _worstOfPeer = TimeSpan.FromMilliseconds(46);

    [Theory]
    [InlineData(SlotMoveMode.KeyByKey)]
    [InlineData(SlotMoveMode.Bulk)]
    [InlineData(SlotMoveMode.Atomic)]
    public async Task Slots_move_under_32_callers_without_an_error_or_a_wrong_value_and_no_slot_costs_two_redirects(SlotMoveMode mode)
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 0);
        IReadOnlyList<LocalNode> masters = await cluster.GetMastersAsync();
        (LocalNode from, LocalNode to) = (masters[0], masters[1]);
        int[] slots = [.. (await cluster.GetSlotsAsync(from)).Take(SlotCount)];
        if (mode == SlotMoveMode.Atomic && !cluster.Capabilities.HasFlag(ServerCapabilities.AtomicSlotMigration))
        {
            await Assert.ThrowsAsync<NotSupportedException>(() => cluster.MoveSlotsAsync(slots, from, to, mode));
            return;
        }

        await using RedisClient redis = await RedisClient.ConnectAsync(cluster.ConnectionString);
        string[] keys = SlotKeys.For(slots);
        foreach (string key in keys) await redis.StringSetAsync($"still:{{{key}}}", key);
        string still = SlotKeys.For([(await cluster.GetSlotsAsync(masters[2]))[0]])[0];

        TimeSpan pause = TimeSpan.FromMilliseconds(2);
        OwnKeysLoad load = new(redis, callers: 32, (caller, i) => $"load:{caller}:{{{keys[((i * 32) + caller) % keys.Length]}}}", keysPerCaller: 47, pause);
        OwnKeysLoad elsewhere = new(redis, callers: 16, (caller, i) => $"{caller}:{{{still}}}:{i}", keysPerCaller: 50, pause);
        await load.WaitForPairsAsync(1000);
        load.Measure();
        elsewhere.Measure();
        Hiccups machine = Hiccups.Start();

        // What the servers hold up themselves: MIGRATE blocks source and target, an atomic migration ends with the source holding back writes.
        string onSource = SlotKeys.For([(await cluster.GetSlotsAsync(from))[^1]])[0], onTarget = SlotKeys.For([(await cluster.GetSlotsAsync(to))[^1]])[0];
        WriteProbe source = await WriteProbe.StartAsync($"{{{onSource}}}:probe", from), target = await WriteProbe.StartAsync($"{{{onTarget}}}:probe", to);
        WriteProbe? moving = mode == SlotMoveMode.Atomic ? await WriteProbe.StartAsync($"{{{keys[0]}}}:probe", from, to) : null;
        await cluster.MoveSlotsAsync(slots, from, to, mode);
        await load.WaitForPairsAsync(1000);
        TimeSpan hiccup = await machine.StopAsync(), serversPause = await source.StopAsync() + await target.StopAsync() + (moving is null ? TimeSpan.Zero : await moving.StopAsync());
        await load.StopAsync();
        await elsewhere.StopAsync();
        Figure.Print(output, cluster, $"{SlotCount} slots moved ({mode}) under {load.Pairs} pairs: worst pair {load.Worst.TotalMilliseconds:F0} ms, on a shard that nobody touched {elsewhere.Worst.TotalMilliseconds:F0} ms, the servers' own pauses {serversPause.TotalMilliseconds:F0} ms, the machine held us up for {hiccup.TotalMilliseconds:F0} ms; no error, no wrong read");
        load.AssertFlawless(redis);
        elsewhere.AssertFlawless(redis);

        // A pair is two calls, and each may meet what the machine itself holds up.
        Assert.InRange(load.Worst, TimeSpan.Zero, _worstOfPeer + serversPause + (2 * hiccup) + elsewhere.Worst);

        // What is left to learn of the move costs one redirect a slot at the most; after that, none.
        using RedirectCounter first = new(cluster.Nodes.Select(static node => node.Port));
        foreach (string key in keys) Assert.Equal(key, (string?)await redis.StringGetAsync($"still:{{{key}}}"));
        Assert.InRange(first.Count, 0, slots.Length);
        using RedirectCounter second = new(cluster.Nodes.Select(static node => node.Port));
        foreach (string key in keys) Assert.Equal(key, (string?)await redis.StringGetAsync($"still:{{{key}}}"));
        Assert.Equal(0, second.Count);
        Assert.All(slots, slot => Assert.Equal(to.Port, redis.Topology.MasterOf(slot)!.Endpoint.Port));
    }
}
