// Whom to ask for a view of the cluster.
namespace ClusterClient.Topology.Cluster;

internal static class ViewersChoice
{
    private const int Few = 6;
    private const int RandomOnes = 3;
    private const int MostAtOnce = 16;

    /// <summary>
    /// Waves of nodes to ask, each only when nobody in those before it answered. First: everybody when they are few; else who is involved, the
    /// replicas of who is down (the heir is among them) and some at random. Then everybody else, then the seeds.
    /// </summary>
    /// <param name="request">What is to be read.</param>
    /// <param name="seeds">Whom the user named.</param>
    /// <param name="isConnected">
    /// Whether a node is connected to. Such are preferred when some are chosen at random: in a cluster of 1000 masters the periodic looks alone would in time connect
    /// every client to every node.
    /// </param>
    public static IEnumerable<IReadOnlyCollection<NodeEndpoint>> Waves(TopologyRequest request, IReadOnlyCollection<NodeEndpoint> seeds, Func<NodeEndpoint, bool> isConnected)
    {
        var asked = new HashSet<NodeEndpoint>();
        List<NodeEndpoint> first = FirstWave(request, isConnected);
        asked.UnionWith(first);
        if (first.Count > 0) yield return first;

        NodeEndpoint[] rest = [.. Shuffled(request.Current.Nodes.Select(static node => node.Endpoint)).Where(asked.Add)];
        foreach (NodeEndpoint[] wave in rest.Chunk(MostAtOnce)) yield return wave;

        NodeEndpoint[] unasked = [.. seeds.Where(asked.Add)];
        if (unasked.Length > 0) yield return unasked;
    }

    private static List<NodeEndpoint> FirstWave(TopologyRequest request, Func<NodeEndpoint, bool> isConnected)
    {
        TopologySnapshot current = request.Current;
        if (current.Kind == TopologyKind.Unknown) return [];
        if (current.Nodes.Length <= Few) return [.. current.Nodes.Select(static node => node.Endpoint).Union(request.Involved)];
        var chosen = new HashSet<NodeEndpoint>(request.Involved.Concat(request.Suspects).Take(MostAtOnce));
        foreach (NodeEndpoint suspect in request.Suspects)
        {
            if (current.NodeAt(suspect) is { } node) chosen.UnionWith(current.ReplicasOf(node).Select(static replica => replica.Endpoint));
        }

        chosen.UnionWith(Shuffled(current.Nodes.Where(node => node.IsAvailable && !chosen.Contains(node.Endpoint)).Select(static node => node.Endpoint))
            .OrderByDescending(isConnected).Take(RandomOnes));
        return [.. chosen];
    }

    // Random, so that many clients do not lean on one node.
    private static NodeEndpoint[] Shuffled(IEnumerable<NodeEndpoint> nodes)
    {
        NodeEndpoint[] shuffled = [.. nodes];
        Random.Shared.Shuffle(shuffled);
        return shuffled;
    }
}
