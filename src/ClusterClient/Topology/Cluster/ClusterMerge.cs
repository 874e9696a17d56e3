// One round of views, what is remembered and what redirects taught become the next snapshot.
using System.Collections.Immutable;

namespace ClusterClient.Topology.Cluster;

/// <summary>What a round led to.</summary>
/// <param name="Snapshot">The picture; the current snapshot itself when nothing changed.</param>
/// <param name="Memory">What to remember for the next round.</param>
/// <param name="Learned">The moves that still stand.</param>
/// <param name="ToAsk">Nodes whose own word would settle what is disputed.</param>
/// <param name="NeedsAnotherLook">Whether something was disputed, or a node's address could not be told.</param>
internal sealed record ClusterMergeResult(
    TopologySnapshot Snapshot, ClusterMemory Memory, LearnedMoves Learned, ImmutableArray<NodeEndpoint> ToAsk, bool NeedsAnotherLook);

internal static class ClusterMerge
{
    /// <summary>Combines a round. Pure: the same input gives the same picture.</summary>
    /// <param name="views">At least one.</param>
    /// <param name="current">What is believed now.</param>
    /// <param name="memory">What the last round left.</param>
    /// <param name="learned">Moves taught by redirects.</param>
    /// <param name="endpointMap">From announced to dialed addresses, or null.</param>
    /// <param name="nowMilliseconds">A monotonic clock.</param>
    /// <exception cref="RedisException">No view can be of the cluster the client is connected to.</exception>
    public static ClusterMergeResult Merge(
        IReadOnlyList<ClusterView> views, TopologySnapshot current, ClusterMemory memory, LearnedMoves learned,
        Func<NodeEndpoint, NodeEndpoint>? endpointMap, long nowMilliseconds)
    {
        List<ViewMembers> read = WithoutStrangers([.. views.Select(static view => new ViewMembers(view))], current, ref memory, ref learned);
        var members = new MemberMerge(read, current, endpointMap);
        ImmutableArray<MergedMember> merged = members.Merge();
        var directory = new MemberDirectory(merged, current);
        SlotDecision decision = new SlotMerge(read, memory, directory.KeyAt, nowMilliseconds).Decide(learned);
        LearnedMoves standing = learned.Without(decision.Settled);
        ushort[] owners = AssignSlots(decision.Memory.Claims, standing, directory);
        TopologySnapshot next = TopologySnapshot.Create(current.Version + 1, TopologyKind.Cluster, directory.Nodes(owners), owners, MovingSlots(read));
        return new(
            next.SaysTheSameAs(current) ? current : next,
            decision.Memory,
            standing,
            [.. decision.ToAsk.Select(directory.EndpointOf).OfType<NodeEndpoint>()],
            members.HasUnresolved || decision.Memory.DisputedSince.Count > 0);
    }

    // A view that knows none of our nodes is of another cluster, or of a node that was only just reset or added. When all are such and they serve
    // slots, the cluster was rebuilt: everything starts over.
    private static List<ViewMembers> WithoutStrangers(List<ViewMembers> views, TopologySnapshot current, ref ClusterMemory memory, ref LearnedMoves learned)
    {
        var ids = current.Nodes.Select(static node => node.Id).OfType<string>().ToHashSet(StringComparer.Ordinal);
        if (ids.Count == 0) return views;
        List<ViewMembers> ours = views.FindAll(view => view.ByKey.Values.Any(member => member.Id is null || ids.Contains(member.Id)));
        if (ours.Count > 0) return ours;
        if (!views.Exists(static view => view.View.CoveredSlots > 0))
        {
            throw new RedisException(
                $"Only nodes outside the cluster answered ({string.Join(", ", views.Select(static view => view.View.Source))}): they know none of its members and own no slots. " +
                "They were reset, or not yet joined to it.", Outcome.NotExecuted);
        }

        memory = ClusterMemory.Empty;
        learned = LearnedMoves.None;
        return views;
    }

    /// <summary>What the nodes say of their own slots; nobody knows of another's.</summary>
    private static ImmutableArray<int> MovingSlots(IReadOnlyList<ViewMembers> views)
        => [.. views.SelectMany(static view => view.View.Nodes).Where(static line => line.IsMyself).SelectMany(static line => line.Migrations).Select(static move => move.Slot).Distinct().Order()];

    private static ushort[] AssignSlots(SlotClaims claims, LearnedMoves learned, MemberDirectory directory)
    {
        ushort[] owners = TopologySnapshot.EmptySlots();
        for (int slot = 0; slot < owners.Length; slot++)
        {
            if (claims[slot] is { } claim) owners[slot] = directory.IndexOf(claim.Owner);
        }

        foreach ((int slot, LearnedMove move) in learned.BySlot) owners[slot] = directory.IndexOf(move.Target);
        return owners;
    }
}
