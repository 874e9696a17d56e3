// Changes the cluster under load and shows that the client follows.
using System.Diagnostics;
using ClusterClient;
using ClusterClient.Testing;

namespace Quickstart;

internal static class LiveChanges
{
    private static int _patches;

    /// <summary>Shows what the client noticed. A resharding moves slot after slot, so single slots are only counted.</summary>
    internal static void Show(TopologyChange change)
    {
        if (change.Reason == TopologyChangeReason.Moved && change.RoleChanges.IsEmpty && change.Added.IsEmpty && Interlocked.Increment(ref _patches) % 250 != 1) return;
        Report.Event($"the client sees: {change}");
    }

    internal static async Task MoveSlotsUnderLoadAsync(RedisClient redis, LocalCluster cluster)
    {
        IReadOnlyList<LocalNode> masters = await cluster.GetMastersAsync();
        (LocalNode from, LocalNode to) = (masters[0], masters[1]);

        // Garnet takes some 40 ms to move one slot; the others a millisecond or two.
        int count = cluster.Server == ServerKind.Garnet ? 200 : 1000;
        Report.Title($"{count} slots move from {from} to {to}, key by key, while callers use them");
        int[] slots = [.. (await cluster.GetSlotsAsync(from)).Take(count)];
        Stopwatch watch = Stopwatch.StartNew();
        await using (Load load = new(redis))
        {
            await cluster.MoveSlotsAsync(slots, from, to);
            Report.Line($"moved in {watch.Elapsed.TotalSeconds:F1} s");
            await load.ReportAsync();
        }

        await redis.RefreshTopologyAsync();
        int followed = slots.Count(slot => redis.Topology.MasterOf(slot)?.Endpoint.Port == to.Port);
        Report.Check(followed == slots.Length, $"the client knows the new owner of {followed} of {slots.Length} slots");
        await CheckKeysAsync(redis);
    }

    internal static async Task PromoteReplicaUnderLoadAsync(RedisClient redis, LocalCluster cluster)
    {
        LocalNode master = (await cluster.GetMastersAsync())[2];
        Report.Title($"The replica of {master} is promoted while callers write");
        LocalNode promoted;
        await using (Load load = new(redis))
        {
            Stopwatch watch = Stopwatch.StartNew();
            promoted = await cluster.FailoverAsync(master);
            Report.Line($"{promoted} is the master now, seen by every node after {watch.Elapsed.TotalMilliseconds:F0} ms");
            await load.ReportAsync();
        }

        await redis.RefreshTopologyAsync();
        TopologyNode? known = redis.Topology.Nodes.FirstOrDefault(node => node.Endpoint.Port == promoted.Port);
        Report.Check(known is { IsMaster: true }, $"the client sends its commands to {promoted} now");
        Report.Check(redis.Topology.Nodes.FirstOrDefault(node => node.Endpoint.Port == master.Port) is not { IsMaster: true }, $"and none to {master} any more");
        await CheckKeysAsync(redis);
    }

    private static async Task CheckKeysAsync(RedisClient redis)
    {
        int right = 0;
        for (int i = 0; i < 10_000; i += 10)
        {
            string? value = await redis.StringGetAsync($"key:{i}");
            if (value == ManyKeys.Value(i)) right++;
        }

        Report.Check(right == 1000, $"{right} of 1000 sampled keys still have their values");
    }
}
