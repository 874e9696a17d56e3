// Decides when the next read of the topology is due, and what for. No clock of its own, no lock, no I/O.
using ClusterClient.Connections;

namespace ClusterClient.Topology;

/// <summary>
/// Joins requests into the next read and spaces the reads. Times are durations since any fixed moment. Not thread-safe.
/// </summary>
internal sealed class RefreshSchedule(RefreshTiming unscaled)
{
    private static readonly TimeSpan _never = TimeSpan.MaxValue;
    private readonly Dictionary<NodeEndpoint, TimeSpan> _mastersDown = [];
    private RefreshRequest? _pending;
    private (RefreshRequest Request, TimeSpan At)? _followUp;
    private TimeSpan? _lastBegin;
    private TimeSpan _nextPeriodic = _never;
    private TimeSpan _movedGap = unscaled.MinGap;
    private RefreshTiming _timing = unscaled.ScaledTo(0);
    private int _failures;
    private int _looks;

    /// <summary>Whether a master that owns slots is down, so that its heir is looked for.</summary>
    public bool IsEager => _mastersDown.Count > 0;

    /// <summary>Fits the gaps to the size of the cluster.</summary>
    public void ScaleTo(int nodes) => _timing = unscaled.ScaledTo(nodes);

    /// <summary>Whether only a person promotes here, who may come late and wants to see it work at once: the looks stay frequent.</summary>
    public bool IsByHand { get; set; }

    /// <summary>What waits for the next read, or null.</summary>
    public RefreshRequest? Pending => _pending;

    /// <summary>Adds a request.</summary>
    /// <returns>The request it became part of.</returns>
    public RefreshRequest Add(RefreshRequest request) => _pending = _pending?.Join(request) ?? request;

    /// <summary>A node that owns slots is down: reads go on until it answers or has lost them.</summary>
    public void MasterDown(NodeEndpoint node, TimeSpan now) => _mastersDown.TryAdd(node, now);

    /// <summary>When the next read is due; <see cref="TimeSpan.MaxValue"/> for never.</summary>
    public TimeSpan Due(TimeSpan now)
    {
        TimeSpan due = Earlier(_nextPeriodic, _followUp?.At ?? _never);
        if (_pending is { IsExplicit: true }) return TimeSpan.Zero;

        // When nobody answered, only the application's own wish does not wait for the back-off.
        if (_failures > 0) return due;
        if (_pending is { } pending) due = Earlier(due, After(GapFor(pending)));
        if (!IsEager) return due;
        TimeSpan downFor = now - _mastersDown.Values.Max();
        return Earlier(due, After(downFor < _timing.EagerFor ? _timing.UrgentGap : Earlier(downFor / 60, IsByHand ? _timing.ByHandGapMax : _timing.PatientGapMax)));
    }

    /// <summary>Begins a read.</summary>
    /// <returns>What it is for.</returns>
    public RefreshRequest Begin(TimeSpan now)
    {
        RefreshRequest request = _pending ?? _followUp?.Request ?? (IsEager
            ? new(TopologyChangeReason.ConnectionLost, $"no master yet in place of {string.Join(", ", _mastersDown.Keys)}")
            : new(TopologyChangeReason.Periodic, string.Empty));
        if (_pending is not null && _followUp is { } open) request = request.Join(open.Request);
        bool goesOn = request.Reason == TopologyChangeReason.Moved && _lastBegin is { } last && now - last < 3 * _movedGap;
        _movedGap = goesOn ? Earlier(2 * _movedGap, _timing.MovedGapMax) : _timing.MinGap;
        _pending = null;
        _followUp = null;
        _lastBegin = now;
        _nextPeriodic = _timing.Interval == TimeSpan.Zero ? _never : now + (_timing.Interval * (0.9 + (0.2 * Random.Shared.NextDouble())));
        return request with { Suspects = request.Suspects.Union(_mastersDown.Keys) };
    }

    /// <summary>Ends a read that told something.</summary>
    /// <param name="now">The time.</param>
    /// <param name="answered">Who answered: no longer down.</param>
    /// <param name="ownsSlots">Whether a node owns slots in the new picture.</param>
    /// <param name="leftOpen">The look to take because something was left open, or null.</param>
    /// <returns>For each master that is back or was replaced, how long it was gone.</returns>
    public IReadOnlyList<TimeSpan> Succeed(TimeSpan now, IEnumerable<NodeEndpoint> answered, Func<NodeEndpoint, bool> ownsSlots, RefreshRequest? leftOpen)
    {
        _failures = 0;
        List<TimeSpan> gaps = [];
        if (_mastersDown.Count > 0)
        {
            HashSet<NodeEndpoint> alive = [.. answered];
            foreach ((NodeEndpoint node, TimeSpan since) in _mastersDown.Where(down => alive.Contains(down.Key) || !ownsSlots(down.Key)).ToArray())
            {
                _mastersDown.Remove(node);
                gaps.Add(now - since);
            }
        }

        _looks = leftOpen is null ? 0 : _looks + 1;
        if (leftOpen is null) return gaps;

        // The first look follows at once; what stays open (a node whose address nobody knows) is not worth a storm.
        TimeSpan wait = _looks == 1 ? _timing.MinGap : Earlier(_timing.MinGap * Math.Pow(2, Math.Min(_looks, 20)), 10 * _timing.RetryMax);
        _followUp = (leftOpen, now + wait);
        return gaps;
    }

    /// <summary>Ends a read that nobody answered: it is tried again.</summary>
    public void Fail(TimeSpan now, RefreshRequest failed)
    {
        _failures++;
        _followUp = (failed with { Completion = null, IsExplicit = false }, now + _timing.UrgentGap + Backoff.Next(_failures, _timing.UrgentGap, _timing.RetryMax));
    }

    private TimeSpan GapFor(RefreshRequest request) =>
        request.IsUrgent ? _timing.UrgentGap : request.Reason == TopologyChangeReason.Moved ? _movedGap : _timing.MinGap;

    private TimeSpan After(TimeSpan gap) => _lastBegin is { } last ? last + gap : TimeSpan.Zero;

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
