// A master with replicas under the watch of sentinels.
using System.Diagnostics;
using ClusterClient.Testing.Servers;

namespace ClusterClient.Testing;

/// <summary>A master with replicas under the watch of sentinels, which promote a replica when the master is gone.</summary>
public sealed class LocalSentinel : LocalTopology
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);

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
            var addresses = named.Distinct().ToArray();
            if (addresses is not [var address])
                return addresses.Length == 0 ? "no sentinel runs" : $"they name {string.Join(", ", addresses.Select(Text))}";
            if (DataNodeAt(address) is not { } found)
                return $"they name {Text(address)}, and no data node is there";
            master = found;
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

    /// <summary>The node that one sentinel names as master (SENTINEL GET-MASTER-ADDR-BY-NAME), whatever the other sentinels and the node itself say.</summary>
    /// <param name="sentinel">The sentinel that is asked.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentException">It is no sentinel of this topology.</exception>
    /// <exception cref="LocalTopologyException">It names an address at which no data node of this topology is, or watches no such master.</exception>
    /// <exception cref="TimeoutException">No answer within <see cref="LocalTopologyOptions.CommandTimeout"/>.</exception>
    public async Task<LocalNode> GetNamedMasterAsync(LocalNode sentinel, CancellationToken cancellationToken = default)
    {
        CheckSentinel(sentinel, nameof(sentinel));
        var address = await NamedMasterAsync(sentinel, cancellationToken).ConfigureAwait(false);
        return DataNodeAt(address) ?? throw new LocalTopologyException($"{sentinel} names {Text(address)} as the master of {ServiceName}, and no data node is there.");
    }

    /// <summary>
    /// Has the sentinels promote a replica although the master is well (SENTINEL FAILOVER), and waits until they name the new master. They are asked again while another
    /// failover is not quite over (INPROG), while no replica has told them that it is fit (NOGOODSLAVE), and when they give up one that they have begun.
    /// </summary>
    /// <param name="by">The sentinel that leads, and the only one whose word is then waited for: others may lag, or be cut off. Null for the first that runs; then all that run must agree.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The new master, which says so itself.</returns>
    /// <exception cref="ArgumentException">It is no sentinel of this topology.</exception>
    /// <exception cref="LocalTopologyException">The sentinel refuses for another reason, or there is no new master within <see cref="LocalTopologyOptions.StartTimeout"/>.</exception>
    public async Task<LocalNode> FailoverAsync(LocalNode? by = null, CancellationToken cancellationToken = default)
    {
        if (by is not null)
            CheckSentinel(by, nameof(by));
        var leader = by ?? Sentinels.First(node => node.IsRunning);
        var old = by is null ? await GetMasterAsync(cancellationToken).ConfigureAwait(false) : await GetNamedMasterAsync(by, cancellationToken).ConfigureAwait(false);
        LocalNode? master = null;
        long? asked = null;
        await Condition.WaitAsync($"{leader} to lead a failover to a new master", Host.Options.StartTimeout, async token =>
        {
            master = await GetNamedMasterAsync(leader, token).ConfigureAwait(false);
            if (master == old)
            {
                if (asked is { } last && Stopwatch.GetElapsedTime(last) < Retry)
                    return $"it still names {old}";
                asked = Stopwatch.GetTimestamp();
                return await RefusalAsync(leader, token).ConfigureAwait(false) ?? $"it still names {old}";
            }
            if (by is null)
                master = await GetMasterAsync(token).ConfigureAwait(false);
            return await master.GetRoleAsync(token).ConfigureAwait(false) == LocalNodeRole.Master ? null : $"{master} does not say that it is master";
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

    private void CheckSentinel(LocalNode node, string parameter)
    {
        CheckOwn(node, parameter);
        if (node.Settings.Purpose != NodePurpose.Sentinel)
            throw new ArgumentException($"{node} is no sentinel.", parameter);
    }

    /// <summary>Asks for a failover; why it does not begin, or null when it has begun.</summary>
    private async Task<string?> RefusalAsync(LocalNode sentinel, CancellationToken cancellationToken)
    {
        try
        {
            await sentinel.ExecuteAsync(["SENTINEL", "FAILOVER", ServiceName], cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (ServerReplyException refusal) when (refusal.Error.StartsWith("INPROG", StringComparison.Ordinal) || refusal.Error.StartsWith("NOGOODSLAVE", StringComparison.Ordinal))
        {
            return refusal.Message;
        }
        catch (ServerReplyException refusal)
        {
            // Nothing that waiting would mend.
            throw new LocalTopologyException(refusal.Message, refusal);
        }
    }

    private LocalNode? DataNodeAt((string Host, int Port) address) => DataNodes.FirstOrDefault(node => node.Settings.Announced == address);

    private static string Text((string Host, int Port) address) => address.Host.Length == 0 ? "none" : $"{address.Host}:{address.Port}";

    // Without a host where it watches no such master.
    private async Task<(string Host, int Port)> NamedMasterAsync(LocalNode sentinel, CancellationToken cancellationToken)
    {
        var reply = await sentinel.ExecuteAsync(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", ServiceName], cancellationToken).ConfigureAwait(false);
        return reply.Items is [var host, var port] ? (host.Text, (int)port.Number) : (string.Empty, 0);
    }
}
