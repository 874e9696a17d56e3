// Carries out a view's read policy: which node answers this read, and which instead when that one does not.
using System.Text;
using ClusterClient.Configuration;
using ClusterClient.Connections;
using ClusterClient.Protocol;
using ClusterClient.Topology;

namespace ClusterClient.Routing;

/// <summary>One per view that reads from other nodes than the master. Steering allocates nothing while some node is fit.</summary>
internal sealed class ReadSteering
{
    /// <summary>How long a read waits before it looks again for a node that is fit; news of one wakes it sooner.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

    [ThreadStatic]
    private static ReadCandidate[]? _candidates;

    private readonly Router _router;

    private ReadSteering(Router router, ReadFrom readFrom) => (_router, ReadFrom) = (router, readFrom);

    /// <summary>The policy.</summary>
    internal ReadFrom ReadFrom { get; }

    /// <summary>The steering of a policy; null for the master alone, which needs none.</summary>
    /// <exception cref="ArgumentException">The policy needs an option that is not set; names it.</exception>
    internal static ReadSteering? For(Router router, ReadFrom readFrom)
    {
        OptionRules.CheckZone(readFrom, router.Settings.AvailabilityZone);
        if (readFrom.Policy == ReadPolicy.Master) return null;
        router.UseReplicas();
        return new ReadSteering(router, readFrom);
    }

    /// <summary>Chooses the node for a read; what is no read, or belongs to no group of nodes, is left to the topology.</summary>
    /// <returns>False when no node is fit: the read waits then, or has failed.</returns>
    internal bool TrySteer(Operation operation)
    {
        operation.IsSteered = true;
        operation.Reader = null;
        if (!operation.Command.Info.MayReadFromReplica || _router.Table.Reads?.Find(operation.Slot) is not { } group) return true;
        NodeConnection? chosen;
        try
        {
            chosen = Choose(operation.Command.Info, group, operation.Avoided, operation.UnsentOutcome);
        }
        catch (RedisException failure)
        {
            operation.Fail(failure);
            return false;
        }

        if (chosen is not null)
        {
            operation.Reader = chosen;
            operation.Target = chosen;
            return true;
        }

        Wait(operation, group);
        return false;
    }

    /// <summary>Sends a read elsewhere that a node chosen for it refused; what the master's answer says of the slot itself is followed as ever.</summary>
    /// <returns>False when the refusal is the caller's to see, or a redirect to follow.</returns>
    internal bool TryElsewhere(Operation operation, NodeConnection refusedBy, in Rejection rejection, ReadOnlySpan<byte> error, Connection from)
    {
        if (rejection.Kind is RejectionKind.Final or RejectionKind.Ask or RejectionKind.TransactionDiscarded or RejectionKind.Unblocked) return false;
        bool isMaster = _router.Table.Snapshot.NodeAt(from.Endpoint) is { IsMaster: true };
        if (isMaster && rejection.Kind is RejectionKind.Moved or RejectionKind.Redirect or RejectionKind.ReadOnly) return false;

        if (error.StartsWith("TRYAGAIN"u8))
        {
            // The slot moves, and only its masters know what is where: once the topology says so, this read goes there.
            _router.Refresher.RequestRefresh(TopologyChangeReason.Ask, from.Endpoint, $"{from.Node} answered TRYAGAIN for slot {operation.Slot}");
            return false;
        }

        // A replica's word on who owns a slot may be old: it is not followed, only looked into.
        if (error.StartsWith("LOADING"u8)) refusedBy.Reads.OnLoading();
        if (rejection.Kind is RejectionKind.Moved or RejectionKind.Redirect)
            _router.Refresher.RequestRefresh(TopologyChangeReason.Disputed, from.Endpoint, $"{from.Node}, taken for a replica, redirects reads");
        if (rejection.Kind is RejectionKind.ClusterDown)
            _router.Refresher.RequestRefresh(TopologyChangeReason.ClusterDown, from.Endpoint, $"{from.Node} refuses reads: {Encoding.UTF8.GetString(error)}");
        operation.Avoided |= refusedBy.Reads.Mark;
        return true;
    }

    /// <summary>The node that the policy chooses among those that are fit; null when none is.</summary>
    /// <param name="command">What is to be read.</param>
    /// <param name="group">The nodes that hold it.</param>
    /// <param name="avoided">The marks of nodes that must not be chosen.</param>
    /// <param name="outcome">What is known of the command's effect so far.</param>
    /// <exception cref="RedisException">The user's selector failed.</exception>
    internal NodeConnection? Choose(CommandInfo command, ReadGroup group, ulong avoided, Outcome outcome = Outcome.NotExecuted)
    {
        try
        {
            return Choose(group, avoided);
        }
        catch (Exception failure) when (ReadFrom.Policy == ReadPolicy.Custom)
        {
            throw new RedisException($"{command.Name} was not sent: the selector of its read policy failed: {failure.Message} {OperationErrors.Explain(outcome)}", outcome, failure) { CommandName = command.Name };
        }
    }

    private NodeConnection? Choose(ReadGroup group, ulong avoided)
    {
        switch (ReadFrom.Policy)
        {
            case ReadPolicy.MasterPreferred:
                return group.FitMaster(avoided) ?? group.Pick(group.Replicas, avoided) ?? Waitable(group, avoided);
            case ReadPolicy.Replica:
                return group.Pick(group.Replicas, avoided);
            case ReadPolicy.ReplicaPreferred:
                return group.Pick(group.Replicas, avoided) ?? Waitable(group, avoided);
            case ReadPolicy.Any:
                return group.Pick(group.All, avoided) ?? Waitable(group, avoided);
            case ReadPolicy.Nearest:
                return group.PickNear(avoided) ?? Waitable(group, avoided);
            case ReadPolicy.AzAffinity:
                string? zone = _router.Settings.AvailabilityZone;
                if (group.PickInZone(zone, avoided) is { } near) return near;
                if (group.FitMaster(avoided) is { } master && string.Equals(group.ZoneOf(master), zone, StringComparison.Ordinal)) return master;
                return group.Pick(group.Replicas, avoided) ?? Waitable(group, avoided);
            default:
                return Ask(ReadFrom.Selector!, group, avoided);
        }
    }

    /// <summary>The master even if it cannot be reached just now: a read may as well wait in its line as anywhere. Not if it has refused this very read.</summary>
    private static NodeConnection? Waitable(ReadGroup group, ulong avoided) => group.Master is { } master && (master.Reads.Mark & avoided) == 0 ? master : null;

    private static NodeConnection? Ask(ReadSelector selector, ReadGroup group, ulong avoided)
    {
        ReadOnlySpan<NodeConnection> all = group.All;
        Span<int> places = all.Length <= 64 ? stackalloc int[all.Length] : new int[all.Length];
        int count = Offer(group, avoided, isLastResort: false, places);

        // The selector cannot tell a replica that is cut off from one that is in step: it is offered the former when there is nobody else.
        if (count == 0 && group.IsMasterGone) count = Offer(group, avoided, isLastResort: true, places);
        if (count == 0) return null;
        int chosen = selector(_candidates.AsSpan(0, count));
        if (chosen < 0) return null;
        return chosen < count ? all[places[chosen]] : throw new InvalidOperationException($"it chose place {chosen} of {count}.");
    }

    /// <summary>Lists the candidates for a selector, with their places in the group.</summary>
    private static int Offer(ReadGroup group, ulong avoided, bool isLastResort, Span<int> places)
    {
        ReadOnlySpan<NodeConnection> all = group.All;
        if ((_candidates?.Length ?? 0) < all.Length) _candidates = new ReadCandidate[Math.Max(8, all.Length)];
        Span<ReadCandidate> candidates = _candidates;
        int count = 0;
        for (int i = 0; i < all.Length; i++)
        {
            NodeConnection node = all[i];
            if (!group.IsFit(node, avoided, isLastResort)) continue;
            places[count] = i;
            candidates[count++] = new(node.Endpoint, ReferenceEquals(node, group.Master), group.ZoneOf(node), node.InFlight, node.Reads.Latency);
        }

        return count;
    }

    /// <summary>Nobody is fit, or all have refused: after a moment all may be asked again.</summary>
    private void Wait(Operation operation, ReadGroup group)
    {
        operation.Avoided = 0;
        operation.Attempts++;
        operation.Note(Describe(group));
        _router.Park(operation, CommandStage.WaitingToRetry, _pause);
    }

    private string Describe(ReadGroup group)
    {
        NodeConnection[] asked = (ReadFrom.Policy == ReadPolicy.Replica ? group.Replicas : group.All).ToArray();
        if (ReadFrom.Policy == ReadPolicy.Custom && Array.Exists(asked, node => group.IsFit(node, avoided: 0, isLastResort: false))) return "the selector of readFrom chose no node, though some are fit";
        return $"no node is fit for readFrom={ReadFrom} ({(asked.Length > 0 ? string.Join(", ", asked.Select(static node => node.Reads.Describe())) : "no replica is known to be up")})";
    }
}
