// One walk and what was believed before become the next snapshot: who is the master, and who follows it.
using System.Collections.Immutable;

namespace ClusterClient.Topology.Replication;

/// <summary>What a walk led to.</summary>
/// <param name="Nodes">The members, in the order of their addresses.</param>
/// <param name="Master">Whom writes go to.</param>
/// <param name="Rivals">Others that live and call themselves masters.</param>
internal sealed record ReplicationPicture(ImmutableArray<TopologyNode> Nodes, NodeEndpoint Master, ImmutableArray<NodeEndpoint> Rivals)
{
    /// <summary>In words, what was made of the rivals.</summary>
    public string Choice { get; init; } = string.Empty;
}

/// <summary>Pure: the same input gives the same picture.</summary>
/// <param name="round">What the nodes answered.</param>
/// <param name="current">What is believed now.</param>
/// <param name="replicationId">The history that the present master's data belongs to; null when not known.</param>
/// <param name="suspects">Nodes that are down or silent.</param>
internal sealed class ReplicationMerge(ReplicationRound round, TopologySnapshot current, string? replicationId, IReadOnlySet<NodeEndpoint> suspects)
{
    private readonly ReplicationView[] _masters = [.. round.Views.Where(static view => view.IsMaster)];

    public ReplicationPicture Merge()
    {
        NodeEndpoint? before = current.Masters.IsEmpty ? null : current.Masters[0].Endpoint;
        NodeEndpoint master = FindMaster(before);
        ImmutableArray<NodeEndpoint> rivals = [.. _masters.Select(static view => view.Source).Where(node => node != master)];
        var nodes = new SortedDictionary<(string Host, int Port), TopologyNode>();
        foreach (ReplicationView view in round.Views)
        {
            // Whoever has gone over to another deployment is no member any more.
            if (view.Source == master || IsOurs(view, master, before)) Add(nodes, NodeOf(view, master));
        }

        foreach (ReplicationView view in round.Views.Where(view => nodes.ContainsKey(Key(view.Source))).ToArray())
        {
            // Named and not reached: down, or not to be reached from here.
            foreach (FollowerLine follower in view.Followers)
            {
                if (round.At(follower.Announced) is null) Add(nodes, Lost(follower.Announced, view.Source));
            }
        }

        foreach (TopologyNode known in current.Nodes)
        {
            if (known.Endpoint != master && round.At(known.Endpoint) is null) Add(nodes, IsDown(known.Endpoint) ? Lost(known.Endpoint, known.Replication?.Follows) : known with { Role = NodeRole.Replica });
        }

        if (!nodes.ContainsKey(Key(master)))
        {
            TopologyNode known = current.NodeAt(master) ?? new TopologyNode(master, NodeRole.Master);
            Add(nodes, known with { Role = NodeRole.Master, Flags = IsDown(master) ? ClusterNodeFlags.PossiblyFailed : known.Flags, Replication = new() { Offset = known.Replication?.Offset ?? 0 } });
        }

        return new([.. nodes.Values], master, rivals) { Choice = ChoiceOf(master, before) };
    }

    private string ChoiceOf(NodeEndpoint master, NodeEndpoint? before)
        => master == before ? $"staying with {master}"
            : round.At(master) is { } view && PredecessorOf(view) is { } old ? $"taking {master}, which was promoted from a replica of {old.Source}"
            : $"taking {master}";

    private NodeEndpoint FindMaster(NodeEndpoint? before)
    {
        if (before is not { } present) return Best(_masters) ?? MostFollowed();
        if (round.At(present) is { } view)
        {
            // Two that live and call themselves masters: stay. Which one the operator means, the other one will say by following it.
            if (view.IsMaster) return present;
            NodeEndpoint root = round.RootOf(view);
            if (round.At(root) is { IsMaster: true }) return root;
        }
        else if (!IsDown(present))
        {
            return present;
        }

        return Best([.. _masters.Where(IsHeir)]) ?? present;
    }

    /// <summary>
    /// Whether a master may take the place of one that is gone: it was a replica of ours. One that called itself a master beside the present one is only taken
    /// if its data comes from it: it may be an old master that was restarted empty.
    /// </summary>
    private bool IsHeir(ReplicationView view)
        => current.NodeAt(view.Source) is { Replication.ClaimsToBeMaster: true } ? IsPresentGone && replicationId is not null && string.Equals(view.PreviousReplicationId, replicationId, StringComparison.Ordinal)
            : current.NodeAt(view.Source) is not null || FollowersOf(view.Source) > 0;

    /// <summary>A master beside which another was promoted on purpose, and that is only slow to answer, is not left for it.</summary>
    private bool IsPresentGone => current.Masters.IsEmpty || round.At(current.Masters[0].Endpoint) is not null || round.Unreachable.Contains(current.Masters[0].Endpoint);

    /// <summary>
    /// The one that goes on with the present master's data; then, where there is no present one to stay with, the youngest promotion. Nobody but a person makes
    /// a master of a replica here, and that is the last word said, while an old master calls itself one by its configuration alone: it may just have come
    /// back. Not even that replicas still follow it counts for more, since those follow it again by themselves when it comes back. Who has looked longer may
    /// stay with the old one, as the rule is while both live: that is why it is told, and only the operator can settle it.
    /// </summary>
    private NodeEndpoint? Best(IReadOnlyCollection<ReplicationView> masters)
        => masters.OrderByDescending(view => replicationId is not null && string.Equals(view.PreviousReplicationId, replicationId, StringComparison.Ordinal))
            .ThenByDescending(view => PredecessorOf(view) is not null && !_masters.Any(other => PredecessorOf(other) == view))
            .ThenByDescending(view => FollowersOf(view.Source))
            .ThenByDescending(static view => view.Offset)
            .ThenBy(static view => Key(view.Source))
            .Select(static view => (NodeEndpoint?)view.Source).FirstOrDefault();

    /// <summary>The master that a promoted replica had, if that still lives and is a master; else null.</summary>
    private ReplicationView? PredecessorOf(ReplicationView heir)
        => heir.PreviousReplicationId is { } previous ? Array.Find(_masters, other => other != heir && string.Equals(other.ReplicationId, previous, StringComparison.Ordinal)) : null;

    /// <summary>Nobody says that it is a master: then it is the one that most name and that gives no answer. With not even that, the first that answered.</summary>
    private NodeEndpoint MostFollowed()
        => round.Views.Select(round.RootOf).GroupBy(static root => root).OrderByDescending(static votes => votes.Count()).ThenBy(static votes => Key(votes.Key)).First().Key;

    private int FollowersOf(NodeEndpoint master) => round.Views.Count(view => view.Source != master && round.RootOf(view) == master);

    /// <summary>Any answer is life: BUSY, MASTERDOWN and LOADING come from processes that run, and so does a refusal of the connection (maxclients, a password).</summary>
    private bool IsDown(NodeEndpoint node) => !round.Failures.Any(failure => failure.Node == node && failure.Error is RedisServerException or RedisConnectionException { LeavesNodeAlive: true }) && (suspects.Contains(node) || round.Unreachable.Contains(node) || round.Failures.Any(failure => failure.Node == node));

    private bool IsOurs(ReplicationView view, NodeEndpoint master, NodeEndpoint? before)
    {
        NodeEndpoint root = round.RootOf(view);
        return root == master || view.IsMaster || root == before || (view.Master is null && !view.IsMaster);
    }

    private TopologyNode NodeOf(ReplicationView view, NodeEndpoint master)
    {
        bool isMaster = view.Source == master;
        NodeEndpoint? follows = view.Master is { } above ? round.Canonical(above) : null;
        FollowerLine? line = follows is { } parent && round.At(parent) is { } seen
            ? seen.Followers.Where(follower => round.Canonical(follower.Announced) == view.Source).Select(static follower => (FollowerLine?)follower).FirstOrDefault()
            : null;
        return new(view.Source, isMaster ? NodeRole.Master : NodeRole.Replica)
        {
            AvailabilityZone = view.AvailabilityZone,
            Announced = round.Addresses.Where(pair => pair.Value == view.Source && pair.Key != view.Source).Select(static pair => (NodeEndpoint?)pair.Key).FirstOrDefault(),
            Replication = new()
            {
                Follows = follows,
                IsLinkUp = view.IsLinkUp,
                ClaimsToBeMaster = view.IsMaster && !isMaster,
                Offset = view.Offset,
                Lag = line?.Lag,
            },
        };
    }

    private TopologyNode Lost(NodeEndpoint endpoint, NodeEndpoint? follows)
        => (current.NodeAt(endpoint) ?? new TopologyNode(endpoint, NodeRole.Replica)) with { Role = NodeRole.Replica, Flags = ClusterNodeFlags.Failed, Replication = new() { Follows = follows, IsLinkUp = false } };

    private static void Add(SortedDictionary<(string Host, int Port), TopologyNode> nodes, TopologyNode node) => nodes.TryAdd(Key(node.Endpoint), node);

    private static (string Host, int Port) Key(NodeEndpoint node) => (node.Host, node.Port);
}
