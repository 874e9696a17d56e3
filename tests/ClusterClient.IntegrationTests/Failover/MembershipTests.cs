// The figures of a cluster whose members change: one joins and takes slots, one gives them up and leaves, all are replaced one by one.
using System.Diagnostics;
using ClusterClient.IntegrationTests.Routing;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Failover;

[Trait("Suite", "Routing")]
public sealed class MembershipTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_newcomer_serves_within_a_second_of_its_first_slot_and_the_connections_of_one_that_left_are_closed()
    {
        const int SlotCount = 200;
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 0);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?topologyRefreshInterval=1s&clientName=leaver");
        LocalNode from = (await cluster.GetMastersAsync())[0];
        int[] slots = [.. (await cluster.GetSlotsAsync(from)).Take(SlotCount)];
        string[] keys = SlotKeys.For(slots);
        OwnKeysLoad load = new(redis, callers: 16, (caller, i) => $"{caller}:{{{keys[((i * 16) + caller) % keys.Length]}}}", keysPerCaller: 50, TimeSpan.FromMilliseconds(2));
        await load.WaitForPairsAsync(500);

        LocalNode newcomer = await cluster.AddNodeAsync();

        // Garnet counts no commands by name; there only the topology tells.
        Task<TimeSpan> serves = cluster.Server == ServerKind.Garnet ? Task.FromResult(TimeSpan.Zero) : ServerWatch.OnThreadOfItsOwn(() => UntilItServes(newcomer, keys[0]));
        await cluster.MoveSlotsAsync(slots, from, newcomer, SlotMoveMode.Bulk);
        TimeSpan took = await serves;
        await load.WaitForPairsAsync(500);
        Assert.All(slots, slot => Assert.Equal(newcomer.Port, redis.Topology.MasterOf(slot)!.Endpoint.Port));

        await cluster.MoveSlotsAsync(slots, newcomer, from, SlotMoveMode.Bulk);
        await load.WaitForPairsAsync(500);
        long forgotten = Stopwatch.GetTimestamp();
        TimeSpan closed = TimeSpan.Zero;
        if (cluster.Server != ServerKind.Garnet)
        {
            // As redis-cli --cluster del-node does it: everybody forgets the node, and it forgets them. It runs on.
            string id = (await newcomer.ExecuteAsync("CLUSTER", "MYID")).Text;
            foreach (LocalNode node in cluster.Nodes.Where(node => node != newcomer)) await node.ExecuteAsync("CLUSTER", "FORGET", id);
            await newcomer.ExecuteAsync("CLUSTER", "RESET", "SOFT");
            await Eventually.TrueAsync(async () => !(await newcomer.ExecuteAsync("CLIENT", "LIST")).Text.Contains("name=leaver", StringComparison.Ordinal), "the client has left the forgotten node");
            closed = Stopwatch.GetElapsedTime(forgotten);
        }
        else
        {
            await cluster.RemoveNodeAsync(newcomer);
        }

        await load.WaitForPairsAsync(500);
        await load.StopAsync();
        Figure.Print(output, cluster, $"a node added: its first command {took.TotalMilliseconds:F0} ms after its first slot; forgotten: its connections closed after {closed.TotalMilliseconds:F0} ms (refresh interval 1 s); {load.Pairs} pairs, no error");
        load.AssertFlawless(redis);
        Assert.InRange(took, TimeSpan.MinValue, TimeSpan.FromSeconds(1));
        Assert.InRange(closed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        await redis.RefreshTopologyAsync();
        Assert.DoesNotContain(redis.Topology.Nodes, node => node.Endpoint.Port == newcomer.Port);
    }

    [Fact]
    public async Task A_cluster_renumbered_node_by_node_is_never_lost_though_all_seeds_are_gone()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 0);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=20s");
        LocalNode[] seeds = [.. cluster.Nodes];
        OwnKeysLoad load = new(redis, callers: 16, static (caller, i) => $"{caller}:{i}", keysPerCaller: 100, TimeSpan.FromMilliseconds(2));
        await load.WaitForPairsAsync(500);
        load.Measure();
        foreach (LocalNode seed in seeds)
        {
            LocalNode successor = await cluster.AddNodeAsync(asReplicaOf: seed);
            await cluster.FailoverAsync(successor);
            await cluster.WaitUntilStableAsync();

            // Nobody ends a node in the very moment at which it has handed over: what is on the wire to it just then, perhaps to be told MOVED, would be unknown.
            await load.WaitForPairsAsync(1000);
            await cluster.RemoveNodeAsync(seed);
            await load.WaitForPairsAsync(200);
        }

        await redis.RefreshTopologyAsync();
        await load.WaitForPairsAsync(500);
        await load.StopAsync();
        Figure.Print(output, cluster, $"all seeds gone, renumbered node by node: {load.Pairs} pairs, no error, worst pair {load.Worst.TotalMilliseconds:F0} ms");
        load.AssertFlawless(redis);
        Assert.Equal(cluster.Nodes.Select(static node => node.Port).Order(), redis.Topology.Nodes.Select(static node => node.Endpoint.Port).Order());
        Assert.DoesNotContain(redis.Topology.Nodes, node => seeds.Any(seed => seed.Port == node.Endpoint.Port));
        Assert.Equal(HashSlot.Count, redis.Topology.CoveredSlots);
    }

    /// <summary>From the moment at which a node owns a key's slot until it has run a client's SET; negative when it did so before, by ASK.</summary>
    private static TimeSpan UntilItServes(LocalNode newcomer, string key)
    {
        using RawConnection connection = new(newcomer);
        long started = Stopwatch.GetTimestamp(), owns = 0, serves = 0;
        while (owns == 0 || serves == 0)
        {
            if (Stopwatch.GetElapsedTime(started).TotalSeconds > 60) throw new TimeoutException($"{newcomer} owned the slot of {key}: {owns != 0}; it served commands: {serves != 0}.");
            if (owns == 0 && !connection.Execute("GET", $"{{{key}}}").IsError) owns = Stopwatch.GetTimestamp();
            if (serves == 0 && ServedCounts.Part(connection.Info("commandstats")["cmdstat_set"], "calls") > 0) serves = Stopwatch.GetTimestamp();
            connection.AwaitEnd(2);
        }

        return Stopwatch.GetElapsedTime(owns, serves);
    }
}
