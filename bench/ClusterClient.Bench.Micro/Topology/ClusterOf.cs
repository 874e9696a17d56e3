// Snapshots of clusters whose slots are spread evenly.
namespace ClusterClient.Bench.Micro;

internal static class ClusterOf
{
    public static TopologySnapshot Masters(int count)
    {
        TopologyNode[] nodes = [.. Enumerable.Range(0, count).Select(i => new TopologyNode(new NodeEndpoint("127.0.0.1", 7000 + i), NodeRole.Master))];
        ushort[] owners = [.. Enumerable.Range(0, HashSlot.Count).Select(slot => (ushort)(slot * count / HashSlot.Count))];
        return TopologySnapshot.Create(1, TopologyKind.Cluster, [.. nodes], owners);
    }
}
