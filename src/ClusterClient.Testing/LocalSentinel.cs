// A master with replicas under the watch of sentinels.
using ClusterClient.Testing.Servers;

namespace ClusterClient.Testing;

/// <summary>A master with replicas under the watch of sentinels, which promote a replica when the master is gone.</summary>
public sealed class LocalSentinel : LocalTopology
{
    private LocalSentinel(TopologyHost host) : base(host)
    {
    }

    /// <summary>The name under which the sentinels know the master.</summary>
    public string ServiceName => Host.Options.ServiceName;

    /// <summary>The sentinels.</summary>
    public IReadOnlyList<LocalNode> Sentinels => [.. Nodes.Where(node => node.Settings.Purpose == NodePurpose.Sentinel)];

    /// <summary>The masters and replicas.</summary>
    public IReadOnlyList<LocalNode> DataNodes => [.. Nodes.Where(node => node.Settings.Purpose != NodePurpose.Sentinel)];

    private protected override IEnumerable<LocalNode> Seeds => Sentinels;

    private protected override string Query => $"?serviceName={Uri.EscapeDataString(ServiceName)}";

    /// <summary>The node that the running sentinels name as master, and that says so itself.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LocalTopologyException">They do not agree within <see cref="LocalTopologyOptions.StartTimeout"/>.</exception>
    public async Task<LocalNode> GetMasterAsync(CancellationToken cancellationToken = default)
    {
        LocalNode? master = null;
        await Condition.WaitAsync($"the sentinels to agree on the master of {ServiceName}", Host.Options.StartTimeout, async token =>
        {
            var running = Sentinels.Where(node => node.IsRunning).ToArray();
            var named = await Task.WhenAll(running.Select(sentinel => NamedMasterAsync(sentinel, token))).ConfigureAwait(false);
            var ports = named.Distinct().ToArray();
            if (ports is not [var port])
                return ports.Length == 0 ? "no sentinel runs" : $"they name the ports {string.Join(", ", ports)}";
            master = DataNodes.First(node => node.Settings.Announced.Port == port);
            if (!master.IsRunning)
                return $"they still name {master}, which is down";
            return await master.GetRoleAsync(token).ConfigureAwait(false) == LocalNodeRole.Master ? null : $"{master} does not say that it is master";
        }, cancellationToken).ConfigureAwait(false);
        return master!;
    }

    /// <summary>The running data nodes that are replicas now.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<LocalNode>> GetReplicasAsync(CancellationToken cancellationToken = default) =>
        await Replication.WithRoleAsync(DataNodes, LocalNodeRole.Replica, cancellationToken).ConfigureAwait(false);

    /// <summary>Has the sentinels promote a replica although the master is well (SENTINEL FAILOVER), and waits until they name the new master.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The new master.</returns>
    public async Task<LocalNode> FailoverAsync(CancellationToken cancellationToken = default)
    {
        var old = await GetMasterAsync(cancellationToken).ConfigureAwait(false);
        var sentinel = Sentinels.First(node => node.IsRunning);
        await sentinel.ExecuteAsync(["SENTINEL", "FAILOVER", ServiceName], cancellationToken).ConfigureAwait(false);
        LocalNode? master = null;
        await Condition.WaitAsync("the sentinels to name a new master", Host.Options.StartTimeout, async token =>
        {
            master = await GetMasterAsync(token).ConfigureAwait(false);
            return master == old ? $"they still name {old}" : null;
        }, cancellationToken).ConfigureAwait(false);
        return master!;
    }

    /// <summary>Starts another sentinel, and waits until all that run know each other. The count of those that must agree (quorum) stays with each as it was.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The new sentinel.</returns>
    public async Task<LocalNode> AddSentinelAsync(CancellationToken cancellationToken = default)
    {
        var master = await GetMasterAsync(cancellationToken).ConfigureAwait(false);
        return await SentinelCreation.AddAsync(Host, [master, .. DataNodes.Where(node => node != master && node.IsRunning)],
            [.. Sentinels.Where(node => node.IsRunning)], cancellationToken).ConfigureAwait(false);
    }

    internal static async Task<LocalSentinel> BuildAsync(TopologyHost host, int replicas, int sentinels, CancellationToken cancellationToken)
    {
        var data = await Replication.BuildAsync(host, replicas, chained: false, cancellationToken).ConfigureAwait(false);
        await SentinelCreation.StartAsync(host, data, sentinels, cancellationToken).ConfigureAwait(false);
        return new LocalSentinel(host);
    }

    private async Task<int> NamedMasterAsync(LocalNode sentinel, CancellationToken cancellationToken)
    {
        var reply = await sentinel.ExecuteAsync(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", ServiceName], cancellationToken).ConfigureAwait(false);
        return (int)reply.Items[1].Number;
    }
}
