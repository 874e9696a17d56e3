// Merges views with nothing remembered, as the first round of a client does.
using ClusterClient.Topology;
using ClusterClient.Topology.Cluster;

namespace ClusterClient.UnitTests.Topology.Support;

internal static class Merging
{
    public static ClusterMergeResult Merge(params ClusterView[] views) =>
        ClusterMerge.Merge(views, TopologySnapshot.Unknown, ClusterMemory.Empty, LearnedMoves.None, endpointMap: null, nowMilliseconds: 0);

    /// <summary>The next round after another.</summary>
    public static ClusterMergeResult Then(this ClusterMergeResult before, long nowMilliseconds, params ClusterView[] views) =>
        ClusterMerge.Merge(views, before.Snapshot, before.Memory, before.Learned, endpointMap: null, nowMilliseconds);

    /// <summary>A MOVED, as the refresher applies it.</summary>
    public static ClusterMergeResult Moved(this ClusterMergeResult before, int slot, NodeEndpoint target, long at)
    {
        long epoch = Math.Max(before.Snapshot.MasterOf(slot)?.ConfigEpoch ?? 0, before.Snapshot.NodeAt(target)?.ConfigEpoch ?? 0);
        return before with { Snapshot = before.Snapshot.WithSlotOwner(slot, target), Learned = before.Learned.With(slot, new(target, at, epoch)) };
    }

    public static int OwnerPort(this ClusterMergeResult result, int slot) => result.Snapshot.MasterOf(slot)?.Endpoint.Port ?? 0;
}
