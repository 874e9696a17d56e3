// What a replica must have shown before a session reads from it.
using ClusterClient.Connections;

namespace ClusterClient.Routing.Freshness;

/// <summary>Made for one read.</summary>
/// <param name="Shard">The session's knowledge of the shard.</param>
/// <param name="Point">What it has seen here; null when nothing.</param>
/// <param name="Before">What it had seen in another process; null when nothing.</param>
/// <param name="Reader">The connection it reads on already; null when it may choose.</param>
/// <param name="Generation">When this was so.</param>
internal readonly record struct ReadNeed(SessionShard Shard, FreshPoint? Point, FreshPoint? Before, Connection? Reader, long Generation)
{
    /// <summary>After this time a replica is asked again although it was far enough: it may have been given another history meanwhile.</summary>
    internal static readonly TimeSpan SampleLife = TimeSpan.FromSeconds(1);

    /// <summary>Whether any history at all must be shown.</summary>
    internal bool IsAny => Point is null && Before is null;

    /// <summary>Whether a connection may carry the read, by the last answer that came on it, however old.</summary>
    internal bool IsMetBy(Connection connection)
        => connection.IsOpen && (Reader is null || ReferenceEquals(Reader, connection)) && (IsAny || (connection.Sampler.Latest is { } sample && IsMetBy(sample.Info)));

    /// <summary>Whether what a replica said is enough.</summary>
    internal bool IsMetBy(in ReplicationInfo replica)
        => (Point is null || Point.IsReachedBy(replica)) && (Before is null || Before.IsReachedBy(replica));
}

/// <summary>How a session's call to a master ended.</summary>
internal enum CallEnd
{
    /// <summary>It was answered, if only with an error.</summary>
    Answered,

    /// <summary>It was not executed.</summary>
    NotAnswered,

    /// <summary>It may have been executed, or may still be.</summary>
    Unknown,
}
