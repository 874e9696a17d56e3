// Makes servers follow each other outside a cluster.
using ClusterClient.Testing.Admin;
using ClusterClient.Testing.Servers;

namespace ClusterClient.Testing;

internal static class Replication
{
    /// <summary>Starts a master (first in the result) and its replicas, and waits until every link is up.</summary>
    public static async Task<LocalNode[]> BuildAsync(TopologyHost host, int replicas, bool chained, CancellationToken cancellationToken)
    {
        host.PromoteAsync = PromoteAsync;
        var nodes = await host.StartNodesAsync(replicas + 1, NodePurpose.Data, cancellationToken).ConfigureAwait(false);
        // One after the other: a master takes a second replica that asks during a synchronisation only at its next round, a second later.
        for (var i = 1; i < nodes.Length; i++)
            await FollowAsync(nodes[i], nodes[chained ? i - 1 : 0], cancellationToken).ConfigureAwait(false);
        return nodes;
    }

    public static async Task FollowAsync(LocalNode replica, LocalNode master, CancellationToken cancellationToken)
    {
        await replica.ExecuteAsync(["REPLICAOF", .. master.Settings.AnnouncedWords], cancellationToken).ConfigureAwait(false);
        await RememberAsync(replica, cancellationToken).ConfigureAwait(false);
        await ReplicaLink.WaitUntilUpAsync(replica, cancellationToken).ConfigureAwait(false);
        // The master streams to it only from its first acknowledgement on, and counts it for WAIT.
        await Condition.WaitAsync($"{master} to have {replica} online", master.Patience, async token =>
        {
            var replication = await master.InfoAsync("replication", token).ConfigureAwait(false);
            return replication.HasOnlineReplica(replica.Settings.AnnouncedWords[1]) ? null : "it has not acknowledged yet";
        }, cancellationToken).ConfigureAwait(false);
    }

    public static async Task<LocalNode[]> WithRoleAsync(IEnumerable<LocalNode> nodes, LocalNodeRole role, CancellationToken cancellationToken)
    {
        var running = nodes.Where(node => node.IsRunning).ToArray();
        var roles = await Task.WhenAll(running.Select(node => node.GetRoleAsync(cancellationToken))).ConfigureAwait(false);
        return [.. running.Where((_, i) => roles[i] == role)];
    }

    private static async Task PromoteAsync(LocalNode node, CancellationToken cancellationToken)
    {
        await node.ExecuteAsync(["REPLICAOF", "NO", "ONE"], cancellationToken).ConfigureAwait(false);
        await RememberAsync(node, cancellationToken).ConfigureAwait(false);
    }

    // So that a restarted server is what it was before.
    private static Task<AdminReply> RememberAsync(LocalNode node, CancellationToken cancellationToken) =>
        node.ExecuteAsync(["CONFIG", "REWRITE"], cancellationToken);
}
