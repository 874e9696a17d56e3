// How long a scan has made no headway, how long it pauses, and when it has had enough.
using ClusterClient.Connections;

namespace ClusterClient.Scanning;

internal sealed class ScanPatience(TimeSpan limit)
{
    /// <summary>Walks in a row that covered nothing: a bound for what gives pages and never comes to rest.</summary>
    private const int MostLosses = 100;

    private static readonly TimeSpan _minPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _maxPause = TimeSpan.FromSeconds(1);

    private long _inVainSince = Environment.TickCount64;
    private int _losses;
    private int _pauses;

    /// <summary>The last failure since slots were covered.</summary>
    internal Exception? LastFailure { get; set; }

    internal bool IsOver => Environment.TickCount64 - _inVainSince > limit.TotalMilliseconds || _losses > MostLosses;

    /// <summary>A page came.</summary>
    internal void Work()
    {
        _inVainSince = Environment.TickCount64;
        _pauses = 0;
    }

    /// <summary>A walk was ended: for something or for nothing.</summary>
    internal void End(bool forNothing)
    {
        if (forNothing)
        {
            _losses++;
            return;
        }

        Work();
        _losses = 0;
        LastFailure = null;
    }

    internal Task PauseAsync(CancellationToken cancellationToken) => Task.Delay(Backoff.Next(++_pauses, _minPause, _maxPause), cancellationToken);
}
