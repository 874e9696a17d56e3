// What happened to a call on its way, in few words.
namespace ClusterClient.Connections;

/// <summary>The events of one call, those that repeat counted. Bounded: what matters at 3 a.m. is how it began and what it was told last.</summary>
internal struct OperationHistory
{
    private const int MaxLength = 1000;
    private string? _before;
    private string? _last;
    private int _times;

    /// <summary>All events in order; null when there were none.</summary>
    internal readonly string? Text => _last is null ? null : _before is null ? Last : $"{_before}; {Last}";

    private readonly string Last => _times > 1 ? $"{_last} ({_times} times)" : _last!;

    internal void Add(string what)
    {
        if (string.Equals(what, _last, StringComparison.Ordinal))
        {
            _times++;
            return;
        }

        if (_last is not null && (_before?.Length ?? 0) < MaxLength) _before = Text;
        _last = what;
        _times = 1;
    }
}
