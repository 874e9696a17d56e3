// What has happened, in words short enough for a line.
using ClusterClient;

namespace ClusterWatch;

/// <summary>One event.</summary>
/// <param name="At">When.</param>
/// <param name="Kind">Who says so: a fault that was made, the topology, the load.</param>
/// <param name="Text">What.</param>
internal readonly record struct WatchEvent(TimeOnly At, EventKind Kind, string Text);

internal enum EventKind
{
    Action,
    Topology,
    Error,
}

/// <summary>Keeps the last events. Thread-safe.</summary>
internal sealed class EventLog
{
    private const int Kept = 100;
    private readonly Lock _gate = new();
    private readonly Queue<WatchEvent> _events = new();

    /// <summary>Hears of each event as it comes, in order.</summary>
    internal Action<WatchEvent>? Added { get; set; }

    internal WatchEvent[] Last(int count)
    {
        lock (_gate) return [.. _events.TakeLast(count)];
    }

    internal void Add(EventKind kind, string text)
    {
        WatchEvent one = new(TimeOnly.FromDateTime(DateTime.Now), kind, text);
        lock (_gate)
        {
            _events.Enqueue(one);
            if (_events.Count > Kept) _events.Dequeue();
            Added?.Invoke(one);
        }
    }

    /// <summary>The parts of a change that a person cares for; health of links and epochs are left out.</summary>
    internal void Add(TopologyChange change)
    {
        if (change.Previous.Nodes.IsEmpty) return; // The beginning is told by who connected.
        List<string> parts =
        [
            .. change.RoleChanges.Select(static role => $"{role.Node.Endpoint} is {(role.Node.IsMaster ? "master" : "replica")} now"),
            .. change.Added.Select(static node => $"{node.Endpoint} joined"),
            .. change.Removed.Select(static node => $"{node.Endpoint} left"),
        ];
        foreach (TopologyNode node in change.Updated)
        {
            bool wasAvailable = change.Previous.NodeAt(node.Endpoint)?.IsAvailable ?? true;
            if (wasAvailable != node.IsAvailable) parts.Add($"{node.Endpoint} {(node.IsAvailable ? "is back" : "is held for failed")}");
        }

        if (change.MovedSlots > 0) parts.Add($"{change.MovedSlots} slot{(change.MovedSlots == 1 ? "" : "s")} moved");
        if (parts.Count > 0) Add(EventKind.Topology, $"v{change.Current.Version} {string.Join(", ", parts)} ({change.Reason})");
    }
}
