// Decides who is master from what the Sentinels say, what the nodes say, and what was known before.
using System.Collections.Immutable;
using ClusterClient.Connections;

namespace ClusterClient.Topology.Sentinel;

/// <param name="Memory">What to remember.</param>
/// <param name="Revoked">The provisional master that was given up for another, or null: what was written to it is lost.</param>
/// <param name="IsHeld">Whether nothing may be written to the master, for it is not certain to be one.</param>
/// <param name="IsSettled">Whether there is nothing to wait for.</param>
internal sealed record SentinelVerdict(SentinelMemory Memory, NodeEndpoint? Revoked, bool IsHeld, bool IsSettled)
{
    /// <summary>The announced address of the master to write to.</summary>
    public NodeEndpoint? Master => Memory.Provisional?.Node ?? Memory.Master;
}

/// <summary>The evidence of one look.</summary>
/// <param name="Views">The Sentinels that answered.</param>
/// <param name="States">What the data nodes say of themselves, by announced address; those that did not answer are missing.</param>
/// <param name="KnownSentinels">How many Sentinels there are, dead ones included.</param>
/// <param name="MayAskNodes">Whether the nodes tell their state at all (an ACL may deny INFO): else what the Sentinels say is all there is.</param>
/// <param name="Now">The time, in milliseconds.</param>
internal sealed record SentinelEvidence(
    IReadOnlyList<SentinelView> Views, ImmutableDictionary<NodeEndpoint, ReplicationInfo> States, int KnownSentinels, bool MayAskNodes, long Now)
{
    /// <summary>What a node says of itself; null when it did not answer.</summary>
    public ReplicationInfo? Of(NodeEndpoint node) => States.TryGetValue(node, out ReplicationInfo state) ? state : null;
}

/// <summary>Pure: no clock, no I/O.</summary>
internal static class SentinelMerge
{
    /// <summary>How long an unconfirmed master is written to: Sentinels confirm within 0.8 to 2 s (measured), and one that dies meanwhile leaves two masters.</summary>
    internal const long UnconfirmedLimit = 2000;

    public static SentinelVerdict Merge(SentinelMemory before, SentinelEvidence evidence, FailoverPolicy policy)
    {
        SentinelView? best = Best(evidence.Views, before);
        SentinelMemory memory = best is null ? before : Believe(before, best, evidence);
        memory = memory with { Lineage = Lineage(memory, before, evidence) };
        memory = Promote(memory, evidence);

        // A careful client has written nothing to it, so nothing is lost.
        NodeEndpoint? revoked = policy == FailoverPolicy.Eager && before.Provisional is { } given && given.Node != (memory.Provisional?.Node ?? memory.Master) ? given.Node : null;
        if (memory.Master is null) return new(memory, null, IsHeld: true, IsSettled: false);

        ReplicationInfo? state = evidence.Of(memory.Provisional?.Node ?? memory.Master.Value);
        // Where the old master itself follows the new one (FAILOVER TO), there cannot be two, whatever the Sentinels know of it.
        bool isUnconfirmed = memory.Provisional is { } provisional && evidence.Of(memory.Master.Value)?.Follows != provisional.Node
            && (policy == FailoverPolicy.Confirmed || evidence.Now - provisional.Since >= UnconfirmedLimit);

        // It says itself that it is none, or no more: a failover that is half done, or a Sentinel that knows less than it thinks.
        bool isNone = state is { IsMaster: false } || IsContradicted(memory, evidence);
        bool isKnown = state is not null || !evidence.MayAskNodes;
        bool isQuiet = memory.Provisional is null && best is not null && !evidence.Views.Any(view => view.Epoch >= memory.Epoch && view.IsTroubled);
        return new(memory, revoked, isUnconfirmed || isNone, isQuiet && isKnown && !isNone);
    }

    /// <summary>The view of the highest epoch; among equals the address that most name.</summary>
    private static SentinelView? Best(IReadOnlyList<SentinelView> views, SentinelMemory before)
        => views.GroupBy(static view => (view.Epoch, view.Master))
            .OrderByDescending(static group => group.Key.Epoch)
            .ThenByDescending(static group => group.Count())
            .ThenByDescending(group => group.Key.Master == before.Master)
            .FirstOrDefault()?
            .OrderByDescending(static view => view.Replicas.Length)
            .ThenBy(static view => view.Source.ToString(), StringComparer.Ordinal)
            .First();

    private static SentinelMemory Believe(SentinelMemory before, SentinelView best, SentinelEvidence evidence)
    {
        if (best.Epoch < before.Epoch && !IsStartedOver(before, best, evidence)) return before;
        if (best.Master == before.Master)
        {
            // The failover that was seen to begin is not going to be: its candidate follows again.
            bool isBack = before.Provisional is { } provisional && evidence.Of(provisional.Node) is { IsMaster: false };
            return before with { Epoch = best.Epoch, View = best, Provisional = isBack ? null : before.Provisional };
        }

        // The same epoch with another address: the announced name has changed, if the new one is a master and the old one is not.
        if (best.Epoch == before.Epoch && before.Master is { } master
            && !(evidence.Of(best.Master) is { IsMaster: true } && evidence.Of(master) is not { IsMaster: true }))
        {
            return before;
        }

        ImmutableHashSet<NodeEndpoint> former = before.Master is { } replaced ? before.Former.Add(replaced) : before.Former;
        return before with { Epoch = best.Epoch, Master = best.Master, View = best, Provisional = null, Candidates = [], Former = former.Remove(best.Master) };
    }

    /// <summary>
    /// Sentinels that were reset or set up anew count epochs from the start. They are believed if all of them agree, their master is one, and the one
    /// that was known before is not: less would let a single Sentinel that lags lead writes to a demoted master.
    /// </summary>
    private static bool IsStartedOver(SentinelMemory before, SentinelView best, SentinelEvidence evidence)
        => evidence.Views.Count >= evidence.KnownSentinels
        && evidence.Views.All(view => view.Epoch == best.Epoch && view.Master == best.Master)
        && evidence.Of(best.Master) is { IsMaster: true }
        && (before.Master == best.Master || (before.Master is { } master && evidence.Of(master) is { IsMaster: false }));

    /// <summary>Accepts a replica that has turned master before any Sentinel says so.</summary>
    private static SentinelMemory Promote(SentinelMemory memory, SentinelEvidence evidence)
    {
        if (memory.Provisional is not null || memory.Master is not { } master) return memory;
        bool isTroubled = evidence.Views.Any(view => view.Epoch >= memory.Epoch && view.IsTroubled) || evidence.Of(master) is { IsMaster: false };
        foreach ((NodeEndpoint node, ReplicationInfo state) in evidence.States)
        {
            // It has to continue the very data of the master it replaces; and an operator may detach a replica without anybody wanting to follow it.
            if (node == master || !state.IsMaster || !memory.Lineage.Contains(state.SecondId)) continue;
            if (memory.Candidates.Contains(node) || isTroubled) return memory with { Provisional = new(node, evidence.Now) };
        }

        return memory;
    }

    /// <summary>
    /// Whether another node says that it is master, and few of the Sentinels name the one believed: the others may know better, and are dead or cut off.
    /// A former master, and one that Sentinels name who lag behind, contradict nobody.
    /// </summary>
    private static bool IsContradicted(SentinelMemory memory, SentinelEvidence evidence)
        => memory.Provisional is null
        && evidence.Views.Count(view => view.Epoch == memory.Epoch && view.Master == memory.Master) * 2 <= evidence.KnownSentinels
        && evidence.States.Any(one => one.Key != memory.Master && one.Value.IsMaster && !memory.Former.Contains(one.Key)
            && !evidence.Views.Any(view => view.Epoch < memory.Epoch && view.Master == one.Key));

    /// <summary>The ids of the master's data: those of the master, of replicas that are in step with it, and of those the Sentinels chose.</summary>
    private static ImmutableHashSet<string> Lineage(SentinelMemory memory, SentinelMemory before, SentinelEvidence evidence)
    {
        // While it is unconfirmed the old master's history is kept: another replica may yet be promoted from it.
        bool isSameMaster = memory.Master == before.Master;
        ImmutableHashSet<string> lineage = isSameMaster ? before.Lineage : [];
        if (memory.Provisional is not null || memory.Master is not { } master) return lineage;
        if (evidence.Of(master) is { IsMaster: true, Id.Length: > 0 } state) lineage = lineage.Count > 16 ? [state.Id] : lineage.Add(state.Id);
        foreach ((NodeEndpoint node, ReplicationInfo replica) in evidence.States)
        {
            if (replica is { IsMaster: false, Id.Length: > 0 } && (replica.IsLinkUp || memory.Candidates.Contains(node))) lineage = lineage.Add(replica.Id);
        }

        return lineage;
    }
}
