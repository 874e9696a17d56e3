// The master that answered for a session's slots before another did, and whether all that the session saw there lives on.
using ClusterClient.Connections;

namespace ClusterClient.Routing.Freshness;

/// <summary>What is known of a change of masters.</summary>
internal enum Succession
{
    /// <summary>All that the session has seen is in the new master's data.</summary>
    Holds,

    /// <summary>That could not be proved.</summary>
    MayMiss,

    /// <summary>The old master, or the replica that was read, can tell.</summary>
    Ask,
}

/// <param name="Shard">What the session knew of it.</param>
/// <param name="IsGone">Whether the topology said that it is no master any more: its slots did not move, they were taken over.</param>
internal sealed record Predecessor(SessionShard Shard, bool IsGone)
{
    /// <summary>Judges by what the new master says of its history.</summary>
    /// <param name="heir">What it said.</param>
    /// <param name="on">The connection on which it said so.</param>
    /// <param name="histories">What else is known of histories.</param>
    internal Succession Judge(in ReplicationInfo heir, Connection on, Histories histories)
    {
        string? history = Shard.History;

        // A slot that moves takes its keys along, and its new owner goes on in a history of its own. The topology may lag behind a failover: a
        // master that continues this very history was promoted.
        if (!IsGone && history is null && !heir.ContinuesNothing) return Shard.Witness is { IsOpen: true } ? Succession.Ask : Succession.MayMiss;
        if (!IsGone && (history is null || !histories.IsFollowedBy(heir, history))) return Succession.Holds;
        if (Shard.IsDoubtful) return Succession.MayMiss;
        if (!Shard.IsAnchored) Shard.CoverByWhatOthersAsked();
        if (Shard.Anchor is { } anchor && !histories.IsHeldBy(heir, anchor.Id, anchor.Offset)) return Succession.MayMiss;
        if (Shard.IsAnchored || Shard.IsShownBy(on)) return Succession.Holds;
        return Shard.Witness is { IsOpen: true } ? Succession.Ask : Succession.MayMiss;
    }

    /// <summary>
    /// How far in a history a process had come when it left it, by what it says afterwards on a connection of that time; null when it does not tell. A master that
    /// follows its successor without having been given its data anew (FAILOVER, CLUSTER FAILOVER) says so by <c>master_replid2</c> and <c>second_repl_offset</c>,
    /// which a full synchronisation wipes out; one that does not know yet that it was replaced (SENTINEL FAILOVER) still goes on in it.
    /// </summary>
    internal static FreshPoint? Testimony(in ReplicationInfo told, string history)
    {
        if (told.IsMaster && string.Equals(told.Id, history, StringComparison.Ordinal)) return new FreshPoint(history, told.Offset);
        return told.SecondOffset > 0 && string.Equals(told.SecondId, history, StringComparison.Ordinal) ? new FreshPoint(history, told.SecondOffset - 1) : null;
    }
}
