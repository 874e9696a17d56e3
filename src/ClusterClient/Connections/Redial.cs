// The pauses between the attempts to connect to one node, which are cut short for those who come to wait for it.
using ClusterClient.Configuration;

namespace ClusterClient.Connections;

/// <param name="settings">The configured back-off.</param>
/// <param name="line">Those who wait for the node.</param>
/// <param name="time">Measures the pauses.</param>
/// <param name="disposal">Ends them.</param>
internal sealed class Redial(ClientSettings settings, WaitingLine line, TimeProvider time, CancellationToken disposal)
{
    private readonly RedialPace _pace = new(settings, time);
    private readonly BackoffPause _pause = new(time);

    /// <inheritdoc cref="RedialPace.Failures"/>
    internal int Failures => _pace.Failures;

    /// <summary>An attempt has failed. Gives the pause that is to follow.</summary>
    internal TimeSpan After(RedisConnectionException failure) => _pace.Failed(failure, line.IsOccupied);

    /// <summary>A connection has ended: pauses if it must. False when the node was disposed meanwhile.</summary>
    internal ValueTask<bool> PauseAfterLossAsync(Connection lost) => PauseAsync(_pace.Lost(lost.Opened, line.IsOccupied));

    /// <summary>False when the node was disposed meanwhile.</summary>
    internal ValueTask<bool> PauseAsync(TimeSpan wait)
    {
        ValueTask<bool> pause = _pause.WaitAsync(wait, disposal);

        // Who came after its length was chosen and before it had begun could not cut it short.
        Interlocked.MemoryBarrier();
        HurryForThoseWhoWait();
        return pause;
    }

    /// <summary>Ends the pause now, if there is one.</summary>
    internal void Hurry() => _pause.Hurry();

    /// <summary>A pause that was chosen while nobody waited is too long for those who wait now.</summary>
    /// <param name="elsewhere">Whether somebody waits who is not in line: what an ASK has sent here comes back when there is a connection.</param>
    internal void HurryForThoseWhoWait(bool elsewhere = false)
    {
        if ((elsewhere || line.IsOccupied) && _pace.ShortPause is { } longest) _pause.ShortenTo(longest);
    }
}
