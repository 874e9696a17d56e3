// What a session knows of one master: how far it has seen, and what it has done there since.
using ClusterClient.Connections;

namespace ClusterClient.Routing.Freshness;

/// <summary>Guarded by the lock of its session's state.</summary>
/// <param name="master">The master's address.</param>
/// <param name="firstId">The history the master was in when the session first came here, as far as anybody had asked it.</param>
internal sealed class SessionShard(NodeEndpoint master, string? firstId)
{
    private int _inFlight;
    private long _sampled;
    private long _covered;
    private Connection? _pointOn;
    private bool _hasUnsampled;
    private bool _isMixed;
    private bool _hasReplicaReads;
    private string? _readHistory;
    private List<FreshPoint>? _inherited;
    private bool _inheritsUnsampled;

    internal NodeEndpoint Master => master;

    /// <summary>What a replica must have reached; null before anything was seen.</summary>
    internal FreshPoint? Point { get; private set; }

    /// <summary>The one connection to a replica that the session reads on: another replica may be behind this one.</summary>
    internal Connection? Reader { get; private set; }

    /// <summary>The connection on which the master answered last.</summary>
    internal Connection? LastOn { get; private set; }

    /// <summary>Whether nothing has happened since the point was taken.</summary>
    internal bool IsSampled => _inFlight == 0 && _sampled == Generation;

    /// <summary>Whether the point is behind all that has ended, and all that replicas have shown; what is on its way does not count.</summary>
    internal bool IsCovered => _covered == Generation && !_hasReplicaReads;

    /// <summary>From here on a replica answers: what it shows may lie behind the point.</summary>
    internal void ReadsOn(Connection reader)
    {
        Reader = reader;
        _hasReplicaReads = true;
        _readHistory = reader.Sampler.Latest?.Info.Id;
    }

    /// <summary>A write of unknown outcome may still run, at any time: no point is behind it.</summary>
    internal bool IsMasterOnly { get; set; }

    /// <summary>Whether a sample is being taken for it.</summary>
    internal bool IsSampling { get; set; }

    /// <summary>Counts what has happened.</summary>
    internal long Generation { get; private set; }

    /// <summary>A call to the master begins: until it is sampled, only the master knows what it has done or seen.</summary>
    internal void Begin()
    {
        _inFlight++;
        Generation++;
    }

    /// <summary>Such a call has ended, however it did.</summary>
    internal void End() => _inFlight--;

    /// <summary>The master has answered a call.</summary>
    /// <param name="on">The connection; null when that is not known.</param>
    internal void Answered(Connection? on)
    {
        _isMixed |= on is null || (_hasUnsampled && !ReferenceEquals(on, LastOn));
        _hasUnsampled = true;
        LastOn = on;
        Reader = null;
        Generation++;
    }

    /// <summary>What was seen elsewhere (on a master that is gone, in another process) must be here too; the next sample tells.</summary>
    internal void Inherit(FreshPoint point) => (_inherited ??= []).Add(point);

    /// <summary>This master took over from another, which is gone.</summary>
    internal void Inherit(SessionShard from)
    {
        _inheritsUnsampled |= !from.IsSampled || from.IsMasterOnly || from._hasReplicaReads;
        if (from.Point is { } point) Inherit(point);
    }

    /// <summary>Something has happened that may concern this shard.</summary>
    internal void Disturb() => Answered(on: null);

    /// <summary>A sample was taken behind all that had happened at <paramref name="generation"/>.</summary>
    /// <param name="info">What the master said.</param>
    /// <param name="on">The connection it was taken on.</param>
    /// <param name="generation">The generation when it was asked for.</param>
    internal void Sampled(in ReplicationInfo info, Connection on, long generation)
    {
        Point = new FreshPoint(info.Id, info.Offset);
        _pointOn = on;
        (_inherited, _inheritsUnsampled) = (null, false);
        _covered = generation;
        _hasReplicaReads = false; // All that a replica has shown by now, its master had.
        if (Generation != generation || _inFlight > 0) return;
        _sampled = generation;
        (_hasUnsampled, _isMixed) = (false, false);
    }

    /// <summary>Whether something the session has seen may be missing from the history that a sample of the master tells of.</summary>
    internal bool MayMiss(in ReplicationInfo info, Connection on)
    {
        // Sampled before: it must be part of the history. A first replica that attaches gives a master a new history that continues none,
        // but then the connection is still the same.
        if (Point is { } point && !info.Holds(point.Id, point.Offset)
            && !(ReferenceEquals(on, _pointOn) && info.ContinuesNothing && info.Offset >= point.Offset)) return true;

        // Not sampled: answered by the very process that is asked now, or while it was in the same history before and after.
        if (_hasUnsampled && (_isMixed || !ReferenceEquals(on, LastOn)) && !string.Equals(Point?.Id ?? firstId, info.Id, StringComparison.Ordinal)) return true;

        // Shown by a replica behind the point: safe only in that replica's own history, which its master has the most of.
        if (_hasReplicaReads && !string.Equals(_readHistory, info.Id, StringComparison.Ordinal)) return true;
        if (_inheritsUnsampled) return true;
        foreach (FreshPoint old in _inherited ?? [])
        {
            if (!info.Holds(old.Id, old.Offset)) return true;
        }

        return false;
    }
}
