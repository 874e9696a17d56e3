// A snapshot as a person reads it.
using System.Text;

namespace ClusterClient.Topology;

internal static class SnapshotText
{
    public static string Describe(TopologySnapshot snapshot)
    {
        if (snapshot.Kind == TopologyKind.Unknown) return "topology not known yet";
        var text = new StringBuilder();
        text.Append(snapshot.Kind).Append(", version ").Append(snapshot.Version).Append(": ")
            .Append(Count(snapshot.Masters.Length, "master")).Append(", ").Append(Count(snapshot.Replicas.Length, "replica"));
        if (snapshot.Kind == TopologyKind.Cluster)
        {
            text.Append(", ").Append(snapshot.CoveredSlots).Append(" of ").Append(HashSlot.Count).Append(" slots covered");
        }

        ILookup<TopologyNode, SlotRange> slots = snapshot.SlotRanges.ToLookup(static owned => owned.Master, static owned => owned.Slots);
        var shown = new HashSet<TopologyNode>();
        foreach (TopologyNode master in snapshot.Masters.OrderBy(master => slots[master].Select(static range => range.First).DefaultIfEmpty(int.MaxValue).First()))
        {
            Line(text, master, "  ");
            if (snapshot.Kind == TopologyKind.Cluster)
            {
                text.Append(slots[master].Any() ? " slots " : " no slots").AppendJoin(' ', slots[master]);
            }

            foreach (TopologyNode replica in snapshot.ReplicasOf(master))
            {
                Line(text, replica, "    ");
                shown.Add(replica);
            }
        }

        foreach (TopologyNode orphan in snapshot.Replicas.Where(replica => !shown.Contains(replica)))
        {
            Line(text, orphan, "  ");
            if (orphan.Replication is null) text.Append(" of a master that is not known");
        }

        return text.ToString();
    }

    public static string Count(int count, string thing) => count == 1 ? $"1 {thing}" : $"{count} {thing}s";

    private static void Line(StringBuilder text, TopologyNode node, string indent) => text.Append('\n').Append(indent).Append(node);
}
