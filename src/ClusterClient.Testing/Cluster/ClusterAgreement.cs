// Whether the nodes of a cluster agree, and what is missing where they do not.
using ClusterClient.Testing.Admin;

namespace ClusterClient.Testing.Cluster;

internal static class ClusterAgreement
{
    public static Task WaitAsync(TopologyHost host, CancellationToken cancellationToken) =>
        Condition.WaitAsync("the cluster to agree", host.Options.StartTimeout, token => MissingAsync(host, token), cancellationToken);

    /// <summary>Waits until every running node knows every other and nobody is still shaking hands.</summary>
    public static Task WaitUntilAcquaintedAsync(TopologyHost host, CancellationToken cancellationToken) =>
        Condition.WaitAsync("the nodes to know each other", host.Options.StartTimeout, async token =>
        {
            var views = await ViewsAsync(host, token).ConfigureAwait(false);
            foreach (var (node, view) in views)
                if (MissingAcquaintance(view, views.Select(own => own.Node)) is { } missing)
                    return $"{node}: {missing}";
            return null;
        }, cancellationToken);

    /// <summary>The views of all running nodes.</summary>
    public static Task<(LocalNode Node, ClusterView View)[]> ViewsAsync(TopologyHost host, CancellationToken cancellationToken) =>
        Task.WhenAll(host.Nodes.Where(node => node.IsRunning)
            .Select(async node => (node, await ViewAsync(node, cancellationToken).ConfigureAwait(false))));

    public static async Task<ClusterView> ViewAsync(LocalNode node, CancellationToken cancellationToken) =>
        ClusterView.Parse((await node.ExecuteAsync(["CLUSTER", "NODES"], cancellationToken).ConfigureAwait(false)).Text);

    /// <summary>The state of one node as it tells it itself.</summary>
    private sealed record NodeState(
        LocalNode Node, ClusterView View, IReadOnlyDictionary<string, string> Cluster, IReadOnlyDictionary<string, string> Replication, IReadOnlySet<int> InSlots);

    private static async Task<string?> MissingAsync(TopologyHost host, CancellationToken cancellationToken)
    {
        var running = host.Nodes.Where(node => node.IsRunning).ToArray();
        var states = await Task.WhenAll(running.Select(node => StateAsync(node, cancellationToken))).ConfigureAwait(false);
        if (states.Length == 0)
            return "no node runs";

        foreach (var state in states)
            if (Missing(state, states) is { } missing)
                return $"{state.Node}: {missing}";
        return states.FirstOrDefault(state => !string.Equals(state.View.Signature, states[0].View.Signature, StringComparison.Ordinal)) is { } other
            ? $"{states[0].Node} and {other.Node} see different owners or replicas"
            : null;
    }

    private static string? Missing(NodeState state, NodeState[] all)
    {
        if (state.Cluster.GetValueOrDefault("cluster_state") is not "ok")
            return "cluster_state is not ok";
        if (MissingAcquaintance(state.View, all.Select(other => other.Node)) is { } missing)
            return missing;
        foreach (var other in all)
            if (!other.View.Myself.IsMaster && !other.Node.IsReplicaLinkCut && !state.InSlots.Contains(other.Node.Port))
                return $"its CLUSTER SLOTS lack the replica {other.Node}";
        return state.View.Myself.IsMaster ? MissingReplica(state, all) : MissingLink(state, all);
    }

    private static string? MissingAcquaintance(ClusterView view, IEnumerable<LocalNode> nodes)
    {
        if (view.Members.FirstOrDefault(member => member.Flags.Contains("handshake")) is { } stranger)
            return $"it is still shaking hands with port {stranger.Port}";
        return nodes.FirstOrDefault(node => view.OnPort(node.Port) is not { IsWell: true }) is { } unknown
            ? $"it does not know {unknown}, or takes it for failed"
            : null;
    }

    private static string? MissingLink(NodeState replica, NodeState[] all)
    {
        var masterRuns = all.Any(other => replica.View.Myself.Follows(other.View.Myself));
        return masterRuns && !replica.Node.IsReplicaLinkCut && replica.Replication.GetValueOrDefault("master_link_status") is not "up"
            ? "its link to its master is down"
            : null;
    }

    private static string? MissingReplica(NodeState master, NodeState[] all)
    {
        var expected = all.Count(other => other.View.Myself.Follows(master.View.Myself) && !other.Node.IsReplicaLinkCut);
        return master.Replication.OnlineReplicas() < expected ? $"fewer than its {expected} replicas are online" : null;
    }

    private static async Task<NodeState> StateAsync(LocalNode node, CancellationToken cancellationToken)
    {
        var connection = await AdminConnection.OpenAsync(node.Access, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var replies = await connection.ExecuteAllAsync(
                [
                    AdminConnection.Encode("CLUSTER", "NODES"), AdminConnection.Encode("CLUSTER", "INFO"),
                    AdminConnection.Encode("INFO", "replication"), AdminConnection.Encode("CLUSTER", "SLOTS"),
                ], cancellationToken).ConfigureAwait(false);
            return new NodeState(
                node, ClusterView.Parse(replies[0].Text), ServerInfo.Parse(replies[1].Text), ServerInfo.Parse(replies[2].Text),
                replies[3].Items.SelectMany(range => range.Items.Skip(2)).Select(member => (int)member.Items[1].Number).ToHashSet());
        }
    }
}
