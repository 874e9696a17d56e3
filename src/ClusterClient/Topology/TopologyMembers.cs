// The nodes of a snapshot with their lookups, shared by every snapshot that differs only in its slots.
using System.Collections.Immutable;

namespace ClusterClient.Topology;

internal sealed class TopologyMembers
{
    private const int Ambiguous = -1;

    // By the address to dial and by every other address the same node goes by; -1 where two nodes claim one alias.
    private readonly Dictionary<NodeEndpoint, int> _byAddress;
    private readonly ImmutableArray<TopologyNode>[] _replicasOf;

    public TopologyMembers(ImmutableArray<TopologyNode> nodes)
    {
        Nodes = nodes;
        Masters = [.. nodes.Where(static node => node.IsMaster)];
        Replicas = [.. nodes.Where(static node => !node.IsMaster)];
        _byAddress = IndexAddresses(nodes);
        ILookup<string, TopologyNode> followers = Replicas.Where(static node => node.MasterId is not null).ToLookup(static node => node.MasterId!, StringComparer.Ordinal);

        // Outside a cluster there are no ids, and but one master: all replicas are its, those of replicas too. Not so one that calls itself a master, and
        // those that copy from it: what they have may be anything.
        ImmutableArray<TopologyNode> loyal = [.. Replicas.Where(node => !CopiesRival(node))];
        _replicasOf = [.. nodes.Select(node => node switch
        {
            { IsMaster: true, Id: { } id } => [.. followers[id]],
            { IsMaster: true, Replication: not null } => loyal,
            _ => ImmutableArray<TopologyNode>.Empty,
        })];
    }

    public static TopologyMembers None { get; } = new([]);

    public ImmutableArray<TopologyNode> Nodes { get; }

    public ImmutableArray<TopologyNode> Masters { get; }

    public ImmutableArray<TopologyNode> Replicas { get; }

    public ImmutableArray<TopologyNode> ReplicasOf(int index) => _replicasOf[index];

    /// <summary>The place of the node that goes by that address; −1 when there is none, or no single one.</summary>
    public int IndexOf(NodeEndpoint address) => _byAddress.GetValueOrDefault(address, Ambiguous);

    public TopologyMembers Add(TopologyNode node) => new(Nodes.Add(node));

    public TopologyMembers Replace(int index, TopologyNode node) => new(Nodes.SetItem(index, node));

    private bool CopiesRival(TopologyNode? node)
    {
        for (int links = 0; links < Nodes.Length && node is { IsMaster: false, Replication: { } replication }; links++)
        {
            if (replication.ClaimsToBeMaster) return true;
            node = replication.Follows is { } above && IndexOf(above) is var index and >= 0 ? Nodes[index] : null;
        }

        return false;
    }

    private static Dictionary<NodeEndpoint, int> IndexAddresses(ImmutableArray<TopologyNode> nodes)
    {
        var index = new Dictionary<NodeEndpoint, int>(nodes.Length * 2);
        for (int i = 0; i < nodes.Length; i++)
        {
            TopologyNode node = nodes[i];
            if (node.Announced is not { } announced) continue;
            AddAlias(index, announced, i);
            if (node.Ip is not null) AddAlias(index, new(node.Ip, announced.Port), i);
            if (node.Hostname is not null) AddAlias(index, new(node.Hostname, announced.Port), i);
        }

        // What is dialed identifies a node before any alias does.
        for (int i = 0; i < nodes.Length; i++) index[nodes[i].Endpoint] = i;
        return index;
    }

    private static void AddAlias(Dictionary<NodeEndpoint, int> index, NodeEndpoint alias, int node)
    {
        if (!index.TryAdd(alias, node) && index[alias] != node) index[alias] = Ambiguous;
    }
}
