// When this process' own timers ran late, or a watched server answered late: that long the machine held somebody up, and it is no delay of the client's.
using System.Collections.Concurrent;
using System.Diagnostics;

namespace ClusterClient.IntegrationTests.Failover;

/// <summary>Notes the stretches in which the machine stood still, so that a figure is excused for those only that fall into it, and for each once.</summary>
internal sealed class Standstills
{
    /// <summary>A timer of one millisecond comes this late on a machine at rest, too.</summary>
    private static readonly TimeSpan _least = TimeSpan.FromMilliseconds(3);

    private readonly ConcurrentQueue<(long From, long To)> _seen = [];
    private readonly Task _timers;
    private volatile bool _isStopping;

    private Standstills() => _timers = Task.Run(WatchTimersAsync);

    /// <summary>Begins to watch this process' timers.</summary>
    internal static Standstills Start() => new();

    internal Task StopAsync()
    {
        _isStopping = true;
        return _timers;
    }

    /// <summary>Notes that somebody was waited for from one moment to another; both are timestamps.</summary>
    internal void Note(long from, long to)
    {
        if (Stopwatch.GetElapsedTime(from, to) >= _least) _seen.Enqueue((from, to));
    }

    /// <summary>The longest standstill within a stretch of time; what overlaps is one.</summary>
    internal TimeSpan Longest(long from, long to)
    {
        TimeSpan longest = TimeSpan.Zero;
        long began = from, ended = from;
        foreach ((long start, long end) in _seen.Where(one => one.To > from && one.From < to).OrderBy(static one => one.From))
        {
            if (start > ended) began = Math.Max(from, start);
            ended = Math.Max(ended, Math.Min(to, end));
            if (Stopwatch.GetElapsedTime(began, ended) is var took && took > longest) longest = took;
        }

        return longest;
    }

    private async Task WatchTimersAsync()
    {
        while (!_isStopping)
        {
            long began = Stopwatch.GetTimestamp();
            await Task.Delay(1);
            Note(began, Stopwatch.GetTimestamp());
        }
    }
}
