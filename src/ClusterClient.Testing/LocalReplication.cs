// A master with replicas, without Sentinel.
namespace ClusterClient.Testing;

/// <summary>A master with replicas, which nobody watches: a promotion is the test's own doing (<see cref="LocalNode.PromoteAsync"/>, <see cref="FollowAsync"/>).</summary>
public sealed class LocalReplication : LocalTopology
{
    private LocalReplication(TopologyHost host) : base(host)
    {
    }

    /// <summary>The running node that is master now.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LocalTopologyException">None is, or more than one.</exception>
    public async Task<LocalNode> GetMasterAsync(CancellationToken cancellationToken = default)
    {
        var masters = await Replication.WithRoleAsync(Nodes, LocalNodeRole.Master, cancellationToken).ConfigureAwait(false);
        return masters is [var master]
            ? master
            : throw new LocalTopologyException(masters.Length == 0 ? "no running node is master." : $"{string.Join(" and ", (object[])masters)} both say that they are master.");
    }

    /// <summary>The running nodes that are replicas now, in the order of their start.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<LocalNode>> GetReplicasAsync(CancellationToken cancellationToken = default) =>
        await Replication.WithRoleAsync(Nodes, LocalNodeRole.Replica, cancellationToken).ConfigureAwait(false);

    /// <summary>Makes a node the replica of another (REPLICAOF) and waits until its link is up.</summary>
    /// <param name="replica">The node that is to follow.</param>
    /// <param name="master">The node to follow: a master, or a replica for a chain.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task FollowAsync(LocalNode replica, LocalNode master, CancellationToken cancellationToken = default)
    {
        CheckOwn(replica, nameof(replica));
        CheckOwn(master, nameof(master));
        return Replication.FollowAsync(replica, master, cancellationToken);
    }

    internal static async Task<LocalReplication> BuildAsync(TopologyHost host, int replicas, bool chained, CancellationToken cancellationToken)
    {
        await Replication.BuildAsync(host, replicas, chained, cancellationToken).ConfigureAwait(false);
        return new LocalReplication(host);
    }
}
