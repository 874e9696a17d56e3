// Finds the merged members by key and by address, and takes over from the current snapshot those that only a remembered claim or a redirect names.
using System.Collections.Immutable;

namespace ClusterClient.Topology.Cluster;

internal sealed class MemberDirectory
{
    private readonly TopologySnapshot _current;
    private readonly TopologyMembers _addresses;
    private readonly ImmutableArray<MergedMember> _merged;
    private readonly List<TopologyNode> _nodes;
    private readonly Dictionary<string, ushort> _byKey = new(StringComparer.Ordinal);

    public MemberDirectory(ImmutableArray<MergedMember> merged, TopologySnapshot current)
    {
        _current = current;
        _merged = merged;
        if (merged.Length >= TopologySnapshot.MaxNodes)
        {
            throw new UnexpectedReplyException($"The cluster claims to have {merged.Length} nodes; more than {TopologySnapshot.MaxNodes - 1} cannot be.");
        }

        _nodes = [.. merged.Select(static member => member.Node)];
        _addresses = new([.. _nodes]);
        for (int i = 0; i < merged.Length; i++) _byKey[merged[i].Key] = (ushort)i;
    }

    /// <summary>The key of the member that goes by an address, or null.</summary>
    public string? KeyAt(NodeEndpoint address) => _addresses.IndexOf(address) is var index and >= 0 ? _merged[index].Key : null;

    /// <summary>The address to dial for a key, or null.</summary>
    public NodeEndpoint? EndpointOf(string key) => IndexOf(key) is var index && index != TopologySnapshot.NoOwner ? _nodes[index].Endpoint : null;

    /// <summary>The place of a member, taken over from the current snapshot when no view showed it; <see cref="TopologySnapshot.NoOwner"/> when nobody knows its address.</summary>
    public ushort IndexOf(string key)
    {
        if (_byKey.TryGetValue(key, out ushort index)) return index;
        TopologyNode? kept = _current.Nodes.FirstOrDefault(node => string.Equals(node.Id, key, StringComparison.Ordinal));
        index = kept is null || _addresses.IndexOf(kept.Endpoint) >= 0 ? TopologySnapshot.NoOwner : Add(kept);
        _byKey.Add(key, index);
        return index;
    }

    /// <summary>The place of the node at an address; one that no view showed is added as a master without an id.</summary>
    public ushort IndexOf(NodeEndpoint address)
    {
        int known = _addresses.IndexOf(address);
        if (known >= 0) return (ushort)known;
        known = _nodes.FindIndex(node => node.Endpoint == address);
        return known >= 0 ? (ushort)known : Add(_current.NodeAt(address) ?? new(address, NodeRole.Master));
    }

    /// <summary>All members; who owns a slot is a master, whatever the word on it was.</summary>
    public ImmutableArray<TopologyNode> Nodes(ushort[] owners)
    {
        var isOwner = new bool[_nodes.Count];
        foreach (ushort owner in owners)
        {
            if (owner != TopologySnapshot.NoOwner) isOwner[owner] = true;
        }

        return [.. _nodes.Select((node, i) => isOwner[i] && !node.IsMaster ? node with { Role = NodeRole.Master, MasterId = null } : node)];
    }

    private ushort Add(TopologyNode node)
    {
        _nodes.Add(node);
        return (ushort)(_nodes.Count - 1);
    }
}
