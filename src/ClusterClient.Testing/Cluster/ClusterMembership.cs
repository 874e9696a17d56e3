// Lets nodes join and leave a cluster.
using ClusterClient.Testing.Servers;

namespace ClusterClient.Testing.Cluster;

internal static class ClusterMembership
{
    public static async Task<LocalNode> AddAsync(TopologyHost host, LocalNode? master, CancellationToken cancellationToken)
    {
        var node = await host.StartNodeAsync(NodePurpose.ClusterNode, cancellationToken).ConfigureAwait(false);
        await ClusterCreation.AcquaintAsync(host, cancellationToken).ConfigureAwait(false);
        if (master is not null)
            await ClusterCreation.ReplicateAsync(node, master, cancellationToken).ConfigureAwait(false);
        await ClusterAgreement.WaitAsync(host, cancellationToken).ConfigureAwait(false);
        return node;
    }

    public static async Task RemoveAsync(TopologyHost host, LocalNode node, CancellationToken cancellationToken)
    {
        var rest = host.Nodes.Where(other => other != node && other.IsRunning).ToArray();
        if (rest.Length == 0)
            throw new InvalidOperationException($"{node} is the only running node of the cluster.");
        var view = await ClusterAgreement.ViewAsync(rest[0], cancellationToken).ConfigureAwait(false);
        var member = view.OnPort(node.Port) ?? throw new ArgumentException($"{node} is no member of the cluster.", nameof(node));
        if (member.Slots.Length > 0)
            throw new InvalidOperationException($"{node} still owns the slots {member.Slots}: move them with MoveSlotsAsync first.");
        if (view.Members.FirstOrDefault(other => other.Follows(member)) is { } replica)
            throw new InvalidOperationException($"{node} still has a replica on port {replica.Port}: remove that first.");

        // Dead first: a living node would make itself known again.
        await host.RemoveAsync(node).ConfigureAwait(false);
        await Condition.WaitAsync($"the cluster to forget {node}", host.Options.StartTimeout, async token =>
        {
            string? knowing = null;
            foreach (var other in host.Nodes.Where(other => other.IsRunning))
            {
                var others = await ClusterAgreement.ViewAsync(other, token).ConfigureAwait(false);
                if (!others.Members.Any(known => known.HasId(member.Id)))
                    continue;
                knowing = $"{other} still knew it";
                await other.ExecuteAsync(["CLUSTER", "FORGET", member.Id], token).ConfigureAwait(false);
            }
            return knowing;
        }, cancellationToken).ConfigureAwait(false);
    }
}
