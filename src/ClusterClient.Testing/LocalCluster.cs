// A sharded cluster, and what a test can do with its shards and slots.
using System.Globalization;
using ClusterClient.Testing.Cluster;
using ClusterClient.Testing.Servers;

namespace ClusterClient.Testing;

/// <summary>A sharded cluster: masters that share the 16,384 slots, and their replicas.</summary>
public sealed class LocalCluster : LocalTopology
{
    private LocalCluster(TopologyHost host) : base(host) => host.PromoteAsync = PromoteAsync;

    /// <summary>Waits until all running nodes agree: state ok, the same owners and replicas everywhere, every replica's link up (cut ones aside).</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LocalTopologyException">They do not within <see cref="LocalTopologyOptions.StartTimeout"/>; the message says what is missing.</exception>
    public Task WaitUntilStableAsync(CancellationToken cancellationToken = default) => ClusterAgreement.WaitAsync(Host, cancellationToken);

    /// <summary>The running nodes that are masters now, in the order of their start.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<LocalNode>> GetMastersAsync(CancellationToken cancellationToken = default) =>
        await Replication.WithRoleAsync(Nodes, LocalNodeRole.Master, cancellationToken).ConfigureAwait(false);

    /// <summary>The running replicas, of one master or of all.</summary>
    /// <param name="master">Whose; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<LocalNode>> GetReplicasAsync(LocalNode? master = null, CancellationToken cancellationToken = default)
    {
        var views = await ClusterAgreement.ViewsAsync(Host, cancellationToken).ConfigureAwait(false);
        return [.. views.Where(own => !own.View.Myself.IsMaster && (master is null || own.View.MasterPortOf(own.View.Myself) == master.Port)).Select(own => own.Node)];
    }

    /// <summary>The master that a replica follows, running or not.</summary>
    /// <param name="replica">The replica.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The node is a master.</exception>
    public async Task<LocalNode> GetMasterOfAsync(LocalNode replica, CancellationToken cancellationToken = default)
    {
        CheckOwn(replica, nameof(replica));
        var view = await ClusterAgreement.ViewAsync(replica, cancellationToken).ConfigureAwait(false);
        var port = view.MasterPortOf(view.Myself) ?? throw new InvalidOperationException($"{replica} is a master.");
        return Nodes.First(node => node.Port == port);
    }

    /// <summary>The master that owns a slot: of those the running nodes name, the one with the highest config epoch.</summary>
    /// <param name="slot">0 to 16383.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LocalTopologyException">No running node knows an owner.</exception>
    public async Task<LocalNode> GetSlotOwnerAsync(int slot, CancellationToken cancellationToken = default)
    {
        CheckSlots([slot]);
        var views = await ClusterAgreement.ViewsAsync(Host, cancellationToken).ConfigureAwait(false);
        var owner = views.SelectMany(own => own.View.Members).Where(member => member.IsMaster && member.SlotNumbers().Contains(slot))
            .MaxBy(member => member.ConfigEpoch) ?? throw new LocalTopologyException($"no running node knows an owner of slot {slot}.");
        return Nodes.First(node => node.Port == owner.Port);
    }

    /// <summary>The slots a master owns by its own account, ascending.</summary>
    /// <param name="master">The master.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<int>> GetSlotsAsync(LocalNode master, CancellationToken cancellationToken = default)
    {
        CheckOwn(master, nameof(master));
        return [.. (await ClusterAgreement.ViewAsync(master, cancellationToken).ConfigureAwait(false)).Myself.SlotNumbers().Order()];
    }

    /// <summary>The slot of a key by the server's own account (CLUSTER KEYSLOT).</summary>
    /// <param name="key">The key; taken as UTF-8.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<int> GetSlotOfAsync(string key, CancellationToken cancellationToken = default) =>
        (int)(await Nodes.First(node => node.IsRunning).ExecuteAsync(["CLUSTER", "KEYSLOT", key], cancellationToken).ConfigureAwait(false)).Number;

    /// <summary>Makes a replica the master of its shard, and waits until every running node sees it so.</summary>
    /// <param name="node">The replica; or a master, whose first running replica is taken then.</param>
    /// <param name="mode">How.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The new master.</returns>
    public async Task<LocalNode> FailoverAsync(LocalNode node, FailoverMode mode = FailoverMode.Graceful, CancellationToken cancellationToken = default)
    {
        CheckOwn(node, nameof(node));
        var replica = node;
        if (!node.IsRunning || await node.GetRoleAsync(cancellationToken).ConfigureAwait(false) == LocalNodeRole.Master)
            replica = await GetReplicasAsync(node, cancellationToken).ConfigureAwait(false) is [var first, ..]
                ? first
                : throw new InvalidOperationException($"{node} has no running replica to fail over to.");
        var old = await GetMasterOfAsync(replica, cancellationToken).ConfigureAwait(false);
        await ClusterFailover.PromoteAsync(Host, replica, mode, cancellationToken).ConfigureAwait(false);
        await ClusterFailover.DemoteAsync(old, replica, cancellationToken).ConfigureAwait(false);
        return replica;
    }

    /// <summary>
    /// Moves slots with their keys while clients use them, and waits until every running node knows the new owner. On Redis and Valkey the
    /// end of a move is told by a message on a channel of its own, <c>clusterclient-testing:heard:…</c>, which subscribers to every channel see.
    /// </summary>
    /// <param name="slots">Which slots; all must belong to <paramref name="from"/>.</param>
    /// <param name="from">The master that owns them.</param>
    /// <param name="to">The master that is to own them.</param>
    /// <param name="mode">How.</param>
    /// <param name="cancellationToken">Ends the move; slots may then be left half moved.</param>
    /// <exception cref="NotSupportedException">The server does not know this way of moving.</exception>
    public async Task MoveSlotsAsync(
        IEnumerable<int> slots, LocalNode from, LocalNode to, SlotMoveMode mode = SlotMoveMode.KeyByKey, CancellationToken cancellationToken = default)
    {
        CheckOwn(from, nameof(from));
        CheckOwn(to, nameof(to));
        int[] all = CheckSlots(slots);
        if (mode == SlotMoveMode.Atomic)
        {
            Host.Program.Require(ServerCapabilities.AtomicSlotMigration, "atomic slot migration", "use SlotMoveMode.Bulk, or Valkey 9");
            await SlotMoves.AtomicAsync(from, to, all, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            var mover = await OpenMoverAsync(from, to, cancellationToken).ConfigureAwait(false);
            await using (mover.ConfigureAwait(false))
                await (mode == SlotMoveMode.Bulk ? SlotMoves.BulkAsync(mover, all, cancellationToken) : SlotMoves.KeyByKeyAsync(mover, all, cancellationToken)).ConfigureAwait(false);
        }
        await WaitForOwnerAsync(all, to, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens slots between two masters and leaves them so, with no key moved yet: for tests of ASK.</summary>
    /// <param name="slots">Which slots; all must belong to <paramref name="from"/>.</param>
    /// <param name="from">The master that owns them.</param>
    /// <param name="to">The master that is to own them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<HeldSlotMigration> BeginSlotMoveAsync(IEnumerable<int> slots, LocalNode from, LocalNode to, CancellationToken cancellationToken = default)
    {
        CheckOwn(from, nameof(from));
        CheckOwn(to, nameof(to));
        int[] all = CheckSlots(slots);
        var mover = await OpenMoverAsync(from, to, cancellationToken).ConfigureAwait(false);
        await using (mover.ConfigureAwait(false))
            await mover.BeginAsync(all, cancellationToken).ConfigureAwait(false);
        return new HeldSlotMigration(this, all, from, to);
    }

    /// <summary>Starts one more node and lets it join; waits until all agree.</summary>
    /// <param name="asReplicaOf">Whose replica it is to be; null for a master without slots.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<LocalNode> AddNodeAsync(LocalNode? asReplicaOf = null, CancellationToken cancellationToken = default) =>
        ClusterMembership.AddAsync(Host, asReplicaOf, cancellationToken);

    /// <summary>Ends a node and lets all others forget it.</summary>
    /// <param name="node">A replica, or a master without slots and replicas; running or not.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">It still owns slots or has replicas.</exception>
    public Task RemoveNodeAsync(LocalNode node, CancellationToken cancellationToken = default)
    {
        CheckOwn(node, nameof(node));
        return ClusterMembership.RemoveAsync(Host, node, cancellationToken);
    }

    internal static async Task<LocalCluster> BuildAsync(TopologyHost host, int masters, int replicasPerMaster, CancellationToken cancellationToken)
    {
        await ClusterCreation.BuildAsync(host, masters, replicasPerMaster, cancellationToken).ConfigureAwait(false);
        return new LocalCluster(host);
    }

    internal async Task WaitForOwnerAsync(IReadOnlyList<int> slots, LocalNode owner, CancellationToken cancellationToken)
    {
        // Garnet's nodes merge whole configurations and have no such trouble.
        if (Capabilities.HasFlag(ServerCapabilities.AutomaticFailover))
            await ClusterHearing.WaitAsync(Host, owner, cancellationToken).ConfigureAwait(false);
        var claim = new SlotClaim(Host, slots, owner);
        await Condition.WaitAsync($"every node to know {owner} as the new owner", Host.Options.StartTimeout, async token =>
        {
            HashSet<long> epochs = [];
            foreach (var (node, view) in await ClusterAgreement.ViewsAsync(Host, token).ConfigureAwait(false))
            {
                if (view.OnPort(owner.Port) is not { } member || !member.SlotNumbers().ToHashSet().IsSupersetOf(slots))
                {
                    await claim.RepeatIfDueAsync(token).ConfigureAwait(false);
                    return $"{node} does not yet";
                }

                epochs.Add(member.ConfigEpoch);
            }

            // Until the owner's new epoch is known everywhere, the next owner of these slots could claim them with an older one, and
            // nodes that hear this claim late would hold on to it for good.
            return epochs.Count > 1 && Capabilities.HasFlag(ServerCapabilities.AutomaticFailover) ? "they do not agree on its epoch" : null;
        }, cancellationToken).ConfigureAwait(false);
    }

    internal async Task<SlotMover> OpenMoverAsync(LocalNode from, LocalNode to, CancellationToken cancellationToken)
    {
        Host.Program.Require(ServerCapabilities.SlotMigrationByKey, "slot migration key by key", "use Redis or Valkey");
        var masters = await GetMastersAsync(cancellationToken).ConfigureAwait(false);
        return await SlotMover.OpenAsync(from, to, masters.Where(node => node != from && node != to), cancellationToken).ConfigureAwait(false);
    }

    private async Task PromoteAsync(LocalNode node, CancellationToken cancellationToken)
    {
        if (await node.GetRoleAsync(cancellationToken).ConfigureAwait(false) == LocalNodeRole.Master)
            return;
        var master = await GetMasterOfAsync(node, cancellationToken).ConfigureAwait(false);
        await FailoverAsync(node, master.IsRunning ? FailoverMode.Graceful : FailoverMode.Takeover, cancellationToken).ConfigureAwait(false);
    }

    private static int[] CheckSlots(IEnumerable<int> slots)
    {
        ArgumentNullException.ThrowIfNull(slots);
        int[] all = [.. slots.Distinct()];
        foreach (var slot in all)
            if (slot is < 0 or >= ClusterCreation.SlotCount)
                throw new ArgumentOutOfRangeException(nameof(slots), slot, string.Create(CultureInfo.InvariantCulture, $"a slot lies between 0 and {ClusterCreation.SlotCount - 1}."));
        return all;
    }
}
