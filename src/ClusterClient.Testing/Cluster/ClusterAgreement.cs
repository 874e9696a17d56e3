// Whether the nodes of a cluster agree, and what is missing where they do not.
using ClusterClient.Testing.Admin;

namespace ClusterClient.Testing.Cluster;

internal static class ClusterAgreement
{
    public static Task WaitAsync(TopologyHost host, CancellationToken cancellationToken) =>
        Condition.WaitAsync("the cluster to agree", host.Options.StartTimeout, token => MissingAsync(host, token), cancellationToken);

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

        if (host.Program.Capabilities.HasFlag(ServerCapabilities.AutomaticFailover) && HeirlessShard(host, states) is { } waiting)
            return waiting;
        foreach (var state in states)
            if (Missing(state, states) is { } missing)
                return $"{state.Node}: {missing}";
        return states.FirstOrDefault(state => !string.Equals(state.View.Signature, states[0].View.Signature, StringComparison.Ordinal)) is { } other
            ? $"{states[0].Node} and {other.Node} see different owners or replicas"
            : null;
    }

    // Until the others have noticed that a master is gone they agree very well: on the past.
    private static string? HeirlessShard(TopologyHost host, NodeState[] states) =>
        states.FirstOrDefault(state => !state.View.Myself.IsMaster && !state.Node.IsReplicaLinkCut
            && host.Nodes.FirstOrDefault(node => node.Port == state.View.MasterPortOf(state.View.Myself)) is { IsRunning: false }) is { } heir
            ? $"{heir.Node} has not yet replaced its master, which is down"
            : null;

    // CLUSTER SLOTS has no line for a master without slots, and so none for its replicas.
    private static bool IsShown(NodeState replica) =>
        !replica.View.Myself.IsMaster && !replica.Node.IsReplicaLinkCut
        && replica.View.Members.FirstOrDefault(replica.View.Myself.Follows) is { Slots.Length: > 0 };

    private static string? Missing(NodeState state, NodeState[] all)
    {
        if (state.Cluster.GetValueOrDefault("cluster_state") is not "ok")
            return "cluster_state is not ok";
        if (MissingAcquaintance(state.View, all.Select(other => other.Node)) is { } missing)
            return missing;
        foreach (var other in all)
            if (IsShown(other) && !state.InSlots.Contains(other.Node.Port))
                return $"its CLUSTER SLOTS lack the replica {other.Node}";
        return state.View.Myself.IsMaster ? MissingReplica(state, all) : MissingLink(state, all);
    }

    public static string? MissingAcquaintance(ClusterView view, IEnumerable<LocalNode> nodes)
    {
        if (view.Members.FirstOrDefault(member => member.Flags.Contains("handshake")) is { } stranger)
            return $"it is still shaking hands with port {stranger.Port}";
        return nodes.FirstOrDefault(node => view.OnPort(node.Port) is not { IsWell: true }) is { } unknown
            ? $"it does not know {unknown}, or takes it for failed"
            : null;
    }

    private static string? MissingLink(NodeState replica, NodeState[] all)
    {
        if (replica.Node.IsReplicaLinkCut || !all.Any(other => replica.View.Myself.Follows(other.View.Myself)))
            return null;
        if (replica.Replication.GetValueOrDefault("master_link_status") is not "up")
            return "its link to its master is down";
        // Garnet's link is up before the copy is complete, and a failover during the copy fails half-way.
        return replica.Replication.GetValueOrDefault("master_sync_in_progress") is "1" or "True"
            || replica.Replication.GetValueOrDefault("recover_status", "NoRecovery") is not "NoRecovery"
            ? "it is still copying from its master"
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
