// How long to wait before a node is dialled again.
using ClusterClient.Configuration;

namespace ClusterClient.Connections;

/// <summary>
/// Backs off as configured, but while commands wait for a node that has only just gone it is dialled as often as the topology is asked who follows it: a
/// server that is restarted must not be back for two seconds before anybody notices. One that answers and refuses is not: ten thousand clients that knock
/// twenty times a second would be all that a server at its maxclients has to do.
/// </summary>
/// <remarks>The node's loop tells it what happens; whoever is about to wait for the node reads <see cref="ShortPause"/> on any thread.</remarks>
internal sealed class RedialPace(ClientSettings settings, TimeProvider time)
{
    /// <summary>A connection that lived shorter than this counts as a failed attempt, so that one which is always closed at once is not redialled in a hot loop.</summary>
    private const int StableAfterMilliseconds = 1000;

    private readonly TimeSpan _shortPause = settings.ReconnectBackoffMin > EagerPace.Pause ? settings.ReconnectBackoffMin : EagerPace.Pause;
    private readonly Lock _gate = new();
    private long _downSince;
    private bool _isRefused;

    /// <summary>How many attempts in a row have failed, connections that died young among them.</summary>
    internal int Failures { get; private set; }

    /// <summary>The longest pause while commands wait for the node; null when it is as configured, because the node is gone for long, refuses this client, or is not gone at all.</summary>
    internal TimeSpan? ShortPause
    {
        get
        {
            lock (_gate)
                return Failures > 0 && !_isRefused && _shortPause < settings.ReconnectBackoffMax && time.GetElapsedTime(_downSince) < EagerPace.For ? _shortPause : null;
        }
    }

    /// <summary>An attempt to connect has failed. Gives the pause before the next.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="isWaitedFor">Whether commands wait for the node.</param>
    internal TimeSpan Failed(RedisConnectionException failure, bool isWaitedFor)
    {
        Note(failure.LeavesNodeAlive);
        return Next(isWaitedFor);
    }

    /// <summary>A connection has ended. Gives the pause before the next attempt: none after one that had lasted, nor after the first that had not.</summary>
    /// <param name="opened">When it was made, on the clock of <see cref="Environment.TickCount64"/>.</param>
    /// <param name="isWaitedFor">Whether commands wait for the node.</param>
    internal TimeSpan Lost(long opened, bool isWaitedFor) => Lost(Environment.TickCount64 - opened >= StableAfterMilliseconds, isWaitedFor);

    /// <inheritdoc cref="Lost(long, bool)"/>
    internal TimeSpan Lost(bool wasStable, bool isWaitedFor)
    {
        if (wasStable)
        {
            lock (_gate) Failures = 0;
            return TimeSpan.Zero;
        }

        Note(isRefused: false);
        return Failures > 1 ? Next(isWaitedFor) : TimeSpan.Zero;
    }

    private void Note(bool isRefused)
    {
        lock (_gate)
        {
            if (++Failures == 1) _downSince = time.GetTimestamp();
            _isRefused = isRefused;
        }
    }

    private TimeSpan Next(bool isWaitedFor)
        => Backoff.Next(Failures, settings.ReconnectBackoffMin, (isWaitedFor ? ShortPause : null) ?? settings.ReconnectBackoffMax);
}
