// How long to wait before a node is dialled again.
using ClusterClient.Configuration;

namespace ClusterClient.Connections;

/// <summary>
/// Backs off as configured, but while commands wait for a node that has only just gone it is dialled as often as the topology is asked who follows it: a
/// server that is restarted must not be back for two seconds before anybody notices.
/// </summary>
internal sealed class RedialPace(ClientSettings settings)
{
    /// <summary>As long as the topology is read eagerly for a master that is down.</summary>
    private const int EagerForMilliseconds = 30_000;

    private static readonly TimeSpan _eagerBound = TimeSpan.FromMilliseconds(50);
    private long _downSince;

    /// <param name="failures">How many attempts in a row have failed.</param>
    /// <param name="isWaitedFor">Whether commands wait for the node.</param>
    internal TimeSpan Next(int failures, bool isWaitedFor)
    {
        long now = Environment.TickCount64;
        if (failures == 1) _downSince = now;
        TimeSpan max = settings.ReconnectBackoffMax;
        if (isWaitedFor && now - _downSince < EagerForMilliseconds && max > _eagerBound)
            max = settings.ReconnectBackoffMin > _eagerBound ? settings.ReconnectBackoffMin : _eagerBound;
        return Backoff.Next(failures, settings.ReconnectBackoffMin, max);
    }
}
