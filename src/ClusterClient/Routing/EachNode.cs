// One call on each of several nodes, with a result for each.
namespace ClusterClient.Routing;

/// <summary>Runs any call on each node of a snapshot at the same time.</summary>
internal static class EachNode
{
    internal static async ValueTask<IReadOnlyList<NodeResult<T>>> RunAsync<T>(IRedisView view, TopologySnapshot snapshot, Func<IRedisView, ValueTask<T>> ask, bool withReplicas)
        => await Task.WhenAll(snapshot.Nodes
            .Where(node => snapshot.IsServing(node) || (withReplicas && !node.IsMaster && node.IsAvailable))
            .Select(node => RunOneAsync(view.OnNode(node), node, ask))).ConfigureAwait(false);

    private static async Task<NodeResult<T>> RunOneAsync<T>(IRedisView view, TopologyNode node, Func<IRedisView, ValueTask<T>> ask)
    {
        try
        {
            return new NodeResult<T>(node, await ask(view).ConfigureAwait(false), error: null);
        }
        catch (Exception failure)
        {
            return new NodeResult<T>(node, default!, failure);
        }
    }
}
