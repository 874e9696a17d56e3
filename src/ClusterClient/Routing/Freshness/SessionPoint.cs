// What a session has seen of some slots, as it travels from one process to another.
using ClusterClient.Protocol;

namespace ClusterClient.Routing.Freshness;

/// <summary>A point that holds for some slots.</summary>
/// <param name="Point">What a replica must have reached.</param>
/// <param name="IsMasterOnly">Whether only the master may answer for these slots.</param>
/// <param name="Slots">The slots.</param>
internal sealed record SessionPoint(FreshPoint Point, bool IsMasterOnly, TokenSlots Slots)
{
    /// <summary>Of a session that may have written anywhere: masters alone know what.</summary>
    internal static SessionPoint Everywhere { get; } = new(FreshPoint.None, true, new TokenSlots([(0, HashSlot.Count - 1)]));

    /// <summary>The point of a slot; null when nothing is known of it. Where several are, only the master may answer.</summary>
    internal static SessionPoint? Find(SessionPoint[] points, int slot)
    {
        SessionPoint? found = null;
        foreach (SessionPoint point in points)
        {
            if (!point.Slots.Contains(slot)) continue;
            if (found is not null) return point with { IsMasterOnly = true };
            found = point;
        }

        return found;
    }

    /// <summary>One point a history, the furthest: no more points than there are shards, however often a token is carried on.</summary>
    internal static SessionPoint[] Merge(IEnumerable<SessionPoint> points)
        => [.. points
            .GroupBy(static point => (point.Point.Id, point.IsMasterOnly))
            .Select(static same => new SessionPoint(same.MaxBy(static point => point.Point.Offset)!.Point, same.Key.IsMasterOnly, TokenSlots.Union(same.Select(static point => point.Slots))))];
}
