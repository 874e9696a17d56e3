// Makes one list of nodes out of what several views say of the members.
using System.Collections.Immutable;

namespace ClusterClient.Topology.Cluster;

/// <summary>A member as all views together show it.</summary>
/// <param name="Key">What identifies it across views.</param>
/// <param name="Node">What is believed of it.</param>
internal readonly record struct MergedMember(string Key, TopologyNode Node);

/// <summary>
/// Roles, masters and epochs come from the word with the highest epoch, a node's word on itself first among equals. Failure is what at least
/// half of the others say. An address, once dialed, stays as long as any view still announces it, for a change would cost connections. Who is
/// left out by all the others and serves nothing is no member.
/// </summary>
internal sealed class MemberMerge(IReadOnlyList<ViewMembers> views, TopologySnapshot current, Func<NodeEndpoint, NodeEndpoint>? endpointMap)
{
    private readonly Dictionary<string, TopologyNode> _currentById = current.Nodes
        .Where(static node => node.Id is not null).DistinctBy(static node => node.Id, StringComparer.Ordinal).ToDictionary(static node => node.Id!, StringComparer.Ordinal);

    private readonly HashSet<string> _owners = views.SelectMany(static view => view.Owned).Select(static owned => owned.Owner.Key).ToHashSet(StringComparer.Ordinal);

    /// <summary>Whether some member's address could not be told, so that another look is due.</summary>
    public bool HasUnresolved { get; private set; }

    /// <summary>The members in the order of their addresses; each address once.</summary>
    public ImmutableArray<MergedMember> Merge()
    {
        var byAddress = new SortedDictionary<NodeEndpoint, (MergedMember Member, (bool, bool, long) Rank)>(AddressOrder.Instance);
        foreach (IGrouping<string, ViewMember> words in views.SelectMany(static view => view.ByKey.Values).GroupBy(static word => word.Key, StringComparer.Ordinal))
        {
            if (IsForgotten(words)) continue;
            if (Merge([.. words]) is not { } node)
            {
                HasUnresolved = true;
                continue;
            }

            // Two ids at one address: it changed hands, and the old id lingers until it is forgotten.
            (bool, bool, long) rank = (words.Any(static word => word.IsMyself), node.IsAvailable, node.ConfigEpoch);
            if (!byAddress.TryGetValue(node.Endpoint, out var rival) || rank.CompareTo(rival.Rank) > 0)
            {
                byAddress[node.Endpoint] = (new(words.Key, node), rank);
            }
        }

        return [.. byAddress.Values.Select(static entry => entry.Member)];
    }

    // Only the node itself still counts itself in, and it serves nothing: the others were told to forget it (CLUSTER FORGET, RESET), or do not know it yet.
    private bool IsForgotten(IGrouping<string, ViewMember> words) =>
        views.Count > 1 && words.All(static word => word is { IsMyself: true, Role: NodeRole.Master }) && !_owners.Contains(words.Key);

    private TopologyNode? Merge(List<ViewMember> words)
    {
        ViewMember best = words.OrderByDescending(static word => word.Epoch).ThenByDescending(static word => word.IsMyself).First();
        TopologyNode? before = best.Id is null ? null : _currentById.GetValueOrDefault(best.Id);
        if (AddressOf(words, before) is not { } address) return null;
        int others = words.Count(static word => !word.IsMyself);
        ClusterNodeFlags flags = best.Flags & ClusterNodeFlags.NoFailover;
        if (AtLeastHalf(words, others, ClusterNodeFlags.Failed)) flags |= ClusterNodeFlags.Failed;
        else if (AtLeastHalf(words, others, ClusterNodeFlags.Failed | ClusterNodeFlags.PossiblyFailed)) flags |= ClusterNodeFlags.PossiblyFailed;
        return new(address.Dial, best.Role)
        {
            Id = best.Id,
            MasterId = best.MasterId,
            ConfigEpoch = best.Epoch,
            IsLinkUp = words.Any(static word => word.IsLinkUp),
            Flags = flags,
            Hostname = words.Select(static word => word.Hostname).FirstOrDefault(static name => name is not null),
            Ip = words.Select(static word => word.Ip).FirstOrDefault(static ip => ip is not null),
            AvailabilityZone = words.Select(static word => word.AvailabilityZone).FirstOrDefault(static zone => zone is not null),
            Announced = address.Announced,
        };
    }

    private static bool AtLeastHalf(List<ViewMember> words, int others, ClusterNodeFlags any) =>
        others > 0 && words.Count(word => !word.IsMyself && (word.Flags & any) != ClusterNodeFlags.None) * 2 >= others;

    private (NodeEndpoint Announced, NodeEndpoint Dial)? AddressOf(List<ViewMember> words, TopologyNode? before)
    {
        List<NodeEndpoint> announced = [.. words.Where(static word => word is { Announced: not null, IsHostBorrowed: false }).Select(static word => word.Announced!.Value)];

        // A borrowed host is only as good as the view it comes from: the node's own first.
        if (announced.Count == 0)
        {
            announced = [.. words.Where(static word => word.Announced is not null).OrderByDescending(static word => word.IsMyself).Select(static word => word.Announced!.Value).Take(1)];
            if (before is { Announced: { } known } && (announced.Count == 0 || announced[0].Port == known.Port)) return (known, before.Endpoint);
        }

        if (before is { Announced: { } old } && IsStillAnnounced(old, words)) return (old, before.Endpoint);
        if (announced.Count == 0) return null;
        NodeEndpoint chosen = announced.GroupBy(static address => address).OrderByDescending(static votes => votes.Count())
            .ThenBy(static votes => votes.Key, AddressOrder.Instance).First().Key;
        return (chosen, endpointMap is null ? chosen : endpointMap(chosen));
    }

    private static bool IsStillAnnounced(NodeEndpoint old, List<ViewMember> words) => words.Any(word =>
        word.Announced is { } now && now.Port == old.Port && (now == old || Is(old.Host, word.Ip) || Is(old.Host, word.Hostname)));

    private static bool Is(string host, string? name) => string.Equals(host, name, StringComparison.Ordinal);

    private sealed class AddressOrder : IComparer<NodeEndpoint>
    {
        public static AddressOrder Instance { get; } = new();

        public int Compare(NodeEndpoint x, NodeEndpoint y)
        {
            int hosts = string.CompareOrdinal(x.Host, y.Host);
            return hosts != 0 ? hosts : x.Port.CompareTo(y.Port);
        }
    }
}
