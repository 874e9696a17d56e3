// What changed from one snapshot to the next, and why.
using System.Collections.Immutable;
using System.Text;
using ClusterClient.Topology;

namespace ClusterClient;

/// <summary>A node whose role changed.</summary>
/// <param name="Node">The node as it is now.</param>
/// <param name="Before">Its role before.</param>
public readonly record struct NodeRoleChange(TopologyNode Node, NodeRole Before)
{
    /// <summary><c>127.0.0.1:7003 Replica -> Master</c>.</summary>
    public override string ToString() => $"{Node.Endpoint} {Before} -> {Node.Role}";
}

/// <summary>What changed from one <see cref="TopologySnapshot"/> to the next, and why. Members are the same by id, or by address where there is no id.</summary>
public sealed class TopologyChange
{
    private Differences? _differences;

    internal TopologyChange(TopologySnapshot previous, TopologySnapshot current, TopologyChangeReason reason, string detail)
    {
        Previous = previous;
        Current = current;
        Reason = reason;
        Detail = detail;
    }

    /// <summary>What was believed before.</summary>
    public TopologySnapshot Previous { get; }

    /// <summary>What is believed now.</summary>
    public TopologySnapshot Current { get; }

    /// <summary>What made the client look.</summary>
    public TopologyChangeReason Reason { get; }

    /// <summary>The cause in words: which node, which slot.</summary>
    public string Detail { get; }

    /// <summary>Members that are new, or have another address now.</summary>
    public ImmutableArray<TopologyNode> Added => Found.Added;

    /// <summary>Members that left, or whose address is no longer valid.</summary>
    public ImmutableArray<TopologyNode> Removed => Found.Removed;

    /// <summary>Members whose role changed.</summary>
    public ImmutableArray<NodeRoleChange> RoleChanges => Found.RoleChanges;

    /// <summary>Members of which something else changed: health, epoch, master, zone, name. As they are now.</summary>
    public ImmutableArray<TopologyNode> Updated => Found.Updated;

    /// <summary>How many slots have another owner than before; gaining or losing an owner counts.</summary>
    public int MovedSlots => Found.MovedSlots;

    // Found on demand: a resharding patches thousands of slots and most listeners look at none of this.
    private Differences Found => _differences ??= Differences.Between(Previous, Current);

    /// <summary>One line: versions, reason, and what changed.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append("topology ").Append(Previous.Version).Append(" -> ").Append(Current.Version).Append(" (").Append(Reason);
        if (Detail.Length > 0) text.Append(": ").Append(Detail);
        text.Append(')');
        if (!Added.IsEmpty) text.Append(", added ").AppendJoin(", ", Added.Select(static node => node.Endpoint));
        if (!Removed.IsEmpty) text.Append(", removed ").AppendJoin(", ", Removed.Select(static node => node.Endpoint));
        if (!RoleChanges.IsEmpty) text.Append(", ").AppendJoin(", ", RoleChanges);
        if (!Updated.IsEmpty) text.Append(", updated ").AppendJoin(", ", Updated);
        if (MovedSlots > 0) text.Append(", ").Append(SnapshotText.Count(MovedSlots, "slot")).Append(" moved");
        return text.ToString();
    }

    private sealed record Differences(
        ImmutableArray<TopologyNode> Added, ImmutableArray<TopologyNode> Removed, ImmutableArray<NodeRoleChange> RoleChanges, ImmutableArray<TopologyNode> Updated, int MovedSlots)
    {
        public static Differences Between(TopologySnapshot before, TopologySnapshot after)
        {
            var kept = after.Nodes
                .Select(node => (Now: node, Before: before.NodeAt(node.Endpoint)))
                .Where(static pair => pair.Before is not null && pair.Before.Endpoint == pair.Now.Endpoint && pair.Before.IsSameMember(pair.Now))
                .ToDictionary(static pair => pair.Now, static pair => pair.Before!);
            var stayed = kept.Values.ToHashSet();
            return new(
                [.. after.Nodes.Where(node => !kept.ContainsKey(node))],
                [.. before.Nodes.Where(node => !stayed.Contains(node))],
                [.. kept.Where(static pair => pair.Key.Role != pair.Value.Role).Select(static pair => new NodeRoleChange(pair.Key, pair.Value.Role))],
                [.. kept.Where(static pair => pair.Key.Role == pair.Value.Role && pair.Key != pair.Value).Select(static pair => pair.Key)],
                CountMoved(before, after));
        }

        private static int CountMoved(TopologySnapshot before, TopologySnapshot after)
        {
            int moved = 0;
            for (int slot = 0; slot < HashSlot.Count; slot++)
            {
                TopologyNode? owner = before.MasterOf(slot), owns = after.MasterOf(slot);
                if (ReferenceEquals(owner, owns)) continue;
                if (owner is null || owns is null || !owner.IsSameMember(owns)) moved++;
            }

            return moved;
        }
    }
}
