// The last things that happened to the topology, kept for whoever has to find out what went on.
using System.Collections.Immutable;

namespace ClusterClient.Topology;

/// <summary>A bounded journal. A run of MOVED answers (a resharding brings thousands) is one entry that counts them.</summary>
internal sealed class TopologyJournal
{
    private const int Length = 64;
    private readonly Lock _gate = new();
    private readonly List<TopologyEvent> _events = new(Length);
    private (DateTimeOffset At, long Version, string First, int More)? _moves;

    /// <summary>The events, oldest first.</summary>
    public ImmutableArray<TopologyEvent> Events
    {
        get
        {
            lock (_gate) return _moves is { } run ? [.. _events, Entry(run)] : [.. _events];
        }
    }

    /// <summary>Adds what views led to.</summary>
    public void Add(TopologyChange change)
    {
        string text = change.ToString();
        lock (_gate)
        {
            Append(new(DateTimeOffset.UtcNow, change.Reason, change.Current.Version, text));
        }
    }

    /// <summary>Adds one slot that a MOVED answer taught.</summary>
    public void AddMove(long version, string text)
    {
        lock (_gate)
            _moves = _moves is { } run ? (run.At, version, run.First, run.More + 1) : (DateTimeOffset.UtcNow, version, text, 0);
    }

    /// <summary>Adds what changed nothing: a look that failed.</summary>
    public void Add(TopologyChangeReason reason, string text)
    {
        lock (_gate)
        {
            // An outage of an hour is one story: its first failure and its last stand for all of them, or it would push out what led to it.
            if (_moves is null && IsFailure(_events.Count - 1) && IsFailure(_events.Count - 2)) _events.RemoveAt(_events.Count - 1);
            Append(new(DateTimeOffset.UtcNow, reason, 0, text));
        }
    }

    private bool IsFailure(int index) => index >= 0 && _events[index].Version == 0;

    private void Append(TopologyEvent entry)
    {
        if (_moves is { } run) Enqueue(Entry(run));
        _moves = null;
        Enqueue(entry);
    }

    private void Enqueue(TopologyEvent entry)
    {
        if (_events.Count == Length) _events.RemoveAt(0);
        _events.Add(entry);
    }

    private static TopologyEvent Entry((DateTimeOffset At, long Version, string First, int More) run) =>
        new(run.At, TopologyChangeReason.Moved, run.Version, run.More == 0 ? run.First : $"{run.First} and {run.More} more MOVED answers");
}
