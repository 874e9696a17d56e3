// The main job, start to end, on a real sharded cluster that this program starts and stops by itself.
using System.Diagnostics;
using ClusterClient;
using ClusterClient.Testing;
using Quickstart;

Console.OutputEncoding = System.Text.Encoding.UTF8;
Stopwatch total = Stopwatch.StartNew();
try
{
    Report.Title("A cluster of 3 masters and 3 replicas");
    Stopwatch watch = Stopwatch.StartNew();
    await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 1);
    Report.Line($"{cluster.Server} {cluster.ServerVersion}: 6 servers ready in {watch.Elapsed.TotalSeconds:F1} s on {string.Join(", ", cluster.Nodes)}");

    Report.Title("One node is enough to find the rest");
    LocalNode door = cluster.Nodes[0];
    watch.Restart();
    await using RedisClient redis = await RedisClient.ConnectAsync($"redis://{door}");
    Report.Line($"Connected through {door} in {watch.Elapsed.TotalMilliseconds:F0} ms");
    SlotMap.Print(redis.Topology);
    Report.Check(redis.Topology.CoveredSlots == HashSlot.Count, "all 16384 slots have an owner");

    await SlotMap.PrintSampleKeysAsync(redis, cluster);
    await ManyKeys.WriteAndReadAsync(redis, count: 10_000);

    redis.TopologyChanged += (_, change) => LiveChanges.Show(change);
    await LiveChanges.MoveSlotsUnderLoadAsync(redis, cluster);
    await LiveChanges.PromoteReplicaUnderLoadAsync(redis, cluster);

    Report.Title("Done");
    SlotMap.Print(redis.Topology);
}
catch (Exception failure)
{
    Report.Failed(failure);
}

return Report.End($", in {total.Elapsed.TotalSeconds:F1} s");
