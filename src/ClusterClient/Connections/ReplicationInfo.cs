// What a server says of its own replication: whether it may be read from, and how far it has come.
namespace ClusterClient.Connections;

/// <summary>The lines of <c>INFO replication</c> that reads from replicas rest on.</summary>
/// <param name="IsMaster">Whether it calls itself a master.</param>
/// <param name="IsLinkUp">Whether a replica is in step with its master (<c>master_link_status</c>); true for a master. It is down during a first synchronisation and while loading.</param>
internal readonly record struct ReplicationInfo(bool IsMaster, bool IsLinkUp)
{
    /// <summary>The history its data belongs to (<c>master_replid</c>, the same on a master and its replicas); empty if it does not say.</summary>
    internal string Id { get; init; } = string.Empty;

    /// <summary>The history it continues (<c>master_replid2</c>): all zeros on a server that was never promoted.</summary>
    internal string SecondId { get; init; } = string.Empty;

    /// <summary>Up to here, not included, the history it continues is its own too (<c>second_repl_offset</c>); −1 for none.</summary>
    internal long SecondOffset { get; init; } = -1;

    /// <summary>For a replica, its master as it was told to find it (<c>master_host</c>, <c>master_port</c>); else null.</summary>
    internal NodeEndpoint? Follows { get; init; }

    /// <summary>How many bytes of its history it has executed.</summary>
    internal long Offset { get; init; } = -1;

    /// <summary>
    /// Whether a replica has data at all. One that has never been in step since its process began, and found no place in a history in its own file, has none; servers
    /// tell its offset as 1 then, and a full synchronisation that is under way says so too.
    /// </summary>
    internal bool HasData => Offset is not (0 or 1);

    /// <summary>Whether it continues no other history than its own.</summary>
    internal bool ContinuesNothing => SecondOffset < 0 || SecondId.AsSpan().TrimStart('0').IsEmpty;

    /// <summary>Whether all that had happened at a point of some history is part of this server's.</summary>
    internal bool Holds(string id, long offset)
        => string.Equals(Id, id, StringComparison.Ordinal) ? Offset >= offset : Continues(id, offset);

    /// <summary>Whether this server's history goes on from another one, and had come that far in it.</summary>
    internal bool Continues(string id, long offset)
        => id.Length > 0 && string.Equals(SecondId, id, StringComparison.Ordinal) && offset < SecondOffset;
}
