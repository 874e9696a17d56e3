// What a session knows of one master: how far it has seen, and what it has done there since.
using System.Diagnostics;
using ClusterClient.Connections;

namespace ClusterClient.Routing.Freshness;

/// <summary>Guarded by the lock of its session's state.</summary>
/// <param name="master">The master's address.</param>
/// <param name="firstId">The history the master was in when the session first came here, as far as anybody had asked it.</param>
/// <param name="histories">What the client knows of histories.</param>
internal sealed class SessionShard(NodeEndpoint master, string? firstId, Histories histories)
{
    private string? _firstId = firstId;
    private int _inFlight;
    private long _sampled;
    private long _covered;
    private long _seenAt;
    private Connection? _anchorOn;
    private Connection? _anchorFrom;
    private bool _hasUnsampled;
    private bool _isMixed;
    private bool _hasReplicaReads;
    private bool _isElsewhere;
    private string? _readHistory;
    private string? _boundHistory;
    private List<FreshPoint>? _inherited;
    private List<Predecessor>? _predecessors;

    internal NodeEndpoint Master => master;

    /// <summary>What a replica must have reached; null before anything was seen.</summary>
    internal FreshPoint? Point { get; private set; }

    /// <summary>What an heir of this master must have: the point, or a later one behind what replicas have shown since.</summary>
    internal FreshPoint? Anchor { get; private set; }

    /// <summary>The one connection to a replica that the session reads on: another replica may be behind this one.</summary>
    internal Connection? Reader { get; private set; }

    /// <summary>The connection on which the master answered last, as far as that is known.</summary>
    internal Connection? LastOn { get; private set; }

    /// <summary>The history that all was seen in, as far as it is known.</summary>
    internal string? History => Anchor?.Id ?? _firstId ?? _readHistory;

    /// <summary>Whether nothing has happened since the point was taken.</summary>
    internal bool IsSampled => _inFlight == 0 && _sampled == Generation;

    /// <summary>Whether the point is behind all that has ended, and all that replicas have shown; what is on its way does not count.</summary>
    internal bool IsCovered => _covered == Generation && !_hasReplicaReads;

    /// <summary>Whether the anchor is behind all that was seen.</summary>
    internal bool IsAnchored => !_hasUnsampled && !_hasReplicaReads;

    /// <summary>Whether another process answers, or another connection, and it is not known yet that what was seen is there too.</summary>
    internal bool IsDoubtful => _isElsewhere || _predecessors is not null || _inherited is not null;

    /// <summary>The connection to the process that can tell how far what was seen goes; null when none can.</summary>
    internal Connection? Witness => _isMixed ? null : LastOn is { IsOpen: true } || _hasUnsampled ? LastOn : Reader;

    /// <summary>A write of unknown outcome may still run, at any time: no point is behind it.</summary>
    internal bool IsMasterOnly { get; set; }

    /// <summary>Whether a sample is being taken for it.</summary>
    internal bool IsSampling { get; set; }

    /// <summary>Whether one will be taken when the session has been at rest for a while.</summary>
    internal bool IsResting { get; set; }

    /// <summary>Finds out whether this master has all that was seen; null while nobody does.</summary>
    internal Task? Judgement { get; set; }

    /// <summary>Counts what has happened.</summary>
    internal long Generation { get; private set; }

    /// <summary>From here on a replica is asked.</summary>
    internal void ReadsOn(Connection reader)
    {
        Reader = reader;
        _boundHistory = reader.Sampler.Latest?.Info.Id;
    }

    /// <summary>A replica's answer is shown: it may lie behind the point. One that is not shown commits to nothing.</summary>
    internal void HasRead()
    {
        _seenAt = Stopwatch.GetTimestamp();
        _hasReplicaReads = true;
        _readHistory = _boundHistory;
    }

    /// <summary>A call to the master begins: until it is sampled, only the master knows what it has done or seen.</summary>
    internal void Begin()
    {
        _inFlight++;
        Generation++;
    }

    /// <summary>Such a call has ended, however it did.</summary>
    internal void End() => _inFlight--;

    /// <summary>It had no effect and showed nothing: what was proved before it began still is, unless something else has happened meanwhile.</summary>
    internal void NeverHappened()
    {
        if (_covered == Generation - 1) _covered = Generation;
        if (_sampled == Generation - 1) _sampled = Generation;
    }

    /// <summary>The master has answered a call.</summary>
    /// <param name="on">The connection; null when that is not known.</param>
    /// <param name="at">When, in the order of the connection's answers; it may be looked at only when much has happened since.</param>
    internal void Answered(Connection? on, long at = long.MaxValue)
    {
        _isMixed |= on is null || (_hasUnsampled && !ReferenceEquals(on, LastOn));
        if (on is not null) MeetsOn(on, at);
        _hasUnsampled = true;
        LastOn = on ?? LastOn;
        if (_firstId is null && on?.Sampler.Latest is { Info: { IsMaster: true, Id.Length: > 0 } told }) _firstId = told.Id;
        Reader = null;
        _seenAt = Stopwatch.GetTimestamp();
        Generation++;
    }

    /// <summary>The master is met on a connection: if on another than before, it may be another process; and if it was a replica meanwhile, it may have been given other data.</summary>
    /// <param name="on">The connection.</param>
    /// <param name="at">When: what it says later of itself does not concern what it answered.</param>
    internal void MeetsOn(Connection on, long at = long.MaxValue)
    {
        if ((LastOn ?? _anchorOn) is not { } before) return;
        ReplicationSample? asReplica = on.Sampler.AsReplicaBetween(_seenAt, at);
        _isElsewhere |= asReplica is not null || !ReferenceEquals(before, on);
        if (asReplica is null || !_hasUnsampled) return;

        // If it kept its data then, it said how far it had come in the history that the session saw it in.
        if (!_isMixed && ReferenceEquals(on, LastOn) && History is { } history && Predecessor.Testimony(asReplica.Info, history) is { } point) CoverBy(point);
        else _isMixed = true;
    }

    /// <summary>What was seen in another process must be here too; the next sample tells, if the last does not.</summary>
    internal void Inherit(FreshPoint point, Connection? on)
    {
        if (on?.Sampler.Latest is { Info: { IsMaster: true } told } && histories.IsHeldBy(told, point.Id, point.Offset)) return;
        (_inherited ??= []).Add(point);
    }

    /// <summary>This master answers for a slot that another did before.</summary>
    internal void Inherit(Predecessor from)
    {
        if (_predecessors?.Contains(from) is not true) (_predecessors ??= []).Add(from);
    }

    /// <summary>Something has happened that may concern this shard.</summary>
    internal void Disturb() => Answered(on: null);

    /// <summary>A sample was taken behind all that had happened at <paramref name="generation"/>.</summary>
    /// <param name="sample">What the master said.</param>
    /// <param name="on">The connection it was taken on.</param>
    /// <param name="generation">The generation when it was asked for.</param>
    internal void Sampled(ReplicationSample sample, Connection on, long generation)
    {
        if (IsPast(sample.Info, on)) return;
        Anchor = new FreshPoint(sample.Info.Id, sample.Info.Offset);
        if (!IsSampled) Point = Anchor; // Else it stays: a replica that was far enough still is.
        _anchorOn = _anchorFrom = on;
        _covered = generation;
        _hasReplicaReads &= sample.Asked < _seenAt; // All that a replica had shown when the master was asked, the master had.
        if (Generation != generation || _inFlight > 0) return;
        _sampled = generation;
        (_hasUnsampled, _isMixed) = (false, false);
    }

    /// <summary>It is known whether this master has what was seen elsewhere.</summary>
    /// <returns>The masters before it.</returns>
    internal IReadOnlyList<Predecessor> Settle(Connection on)
    {
        IReadOnlyList<Predecessor> before = _predecessors ?? [];
        (_inherited, _predecessors) = (null, null);
        _isElsewhere = LastOn is { } last && !ReferenceEquals(last, on);
        return before;
    }

    /// <summary>What others have asked the master, after it had answered this session for the last time, covers that too.</summary>
    internal void CoverByWhatOthersAsked()
    {
        if (_isMixed || LastOn?.Sampler.LatestAsMaster is not { } sample || sample.Asked < _seenAt || !string.Equals(sample.Info.Id, History, StringComparison.Ordinal)) return;
        CoverBy(new FreshPoint(sample.Info.Id, sample.Info.Offset));
        _anchorFrom = LastOn;
    }

    /// <summary>All that was seen lies before a point.</summary>
    internal void CoverBy(FreshPoint point)
    {
        Anchor = point;
        _anchorFrom = null;
        (_hasUnsampled, _hasReplicaReads) = (false, false);
    }

    /// <summary>Whether nothing was seen behind the anchor but on this very connection, by the replica that is now the master.</summary>
    internal bool IsShownBy(Connection on) => !_hasUnsampled && ReferenceEquals(Reader, on);

    /// <summary>The history that its process says it was in when it answered, where nobody had asked before.</summary>
    internal void Learn(string history)
    {
        if (History is null && history.Length > 0) _firstId = history;
    }

    /// <summary>What is known of the masters before this one; the first whose process must be asked.</summary>
    internal Succession JudgePredecessors(in ReplicationInfo info, Connection on, out SessionShard? asks)
    {
        asks = null;
        foreach (Predecessor predecessor in _predecessors ?? [])
        {
            switch (predecessor.Judge(info, on, histories))
            {
                case Succession.MayMiss: return Succession.MayMiss;
                case Succession.Ask: asks ??= predecessor.Shard; break;
            }
        }

        return asks is null ? Succession.Holds : Succession.Ask;
    }

    /// <summary>
    /// Whether an answer of the master was given before the one that the anchor is from, and is only looked at later: two who ask are woken in any order (a judgement and a sample
    /// under way), and in one history a process only goes forward. It proves less than is known, and disproves nothing.
    /// </summary>
    internal bool IsPast(in ReplicationInfo info, Connection on)
        => Anchor is { } anchor && info.Offset < anchor.Offset && string.Equals(info.Id, anchor.Id, StringComparison.Ordinal) && ReferenceEquals(on, _anchorFrom);

    /// <inheritdoc/>
    public override string ToString()
        => $"{master}: anchor {Anchor}, point {Point}, history {_firstId}, {(_hasUnsampled ? "unsampled answers" : "all sampled")}{(_isMixed ? " of several processes" : "")}{(_hasReplicaReads ? $", reads of a replica in {_readHistory}" : "")}"
        + $"{(_isElsewhere ? ", met elsewhere" : "")}, last on {LastOn?.GetHashCode()}, brought along [{string.Join("; ", _inherited ?? [])}], after [{string.Join("; ", (_predecessors ?? []).Select(static one => one.Shard.Master))}]"; // by name: of a slot that moves to and fro, each may come after the other

    /// <summary>Whether something the session has seen here, or brought along, may be missing from the history that a sample of the master tells of.</summary>
    internal bool MayMiss(in ReplicationInfo info, Connection on)
    {
        // Sampled before: it must be part of the history. A first replica that attaches gives a master a new history that continues none,
        // but then the connection is still the same.
        if (Anchor is { } anchor && !IsPast(info, on) && !histories.IsHeldBy(info, anchor.Id, anchor.Offset)
            && !(ReferenceEquals(on, _anchorOn) && info.ContinuesNothing && info.Offset >= anchor.Offset)) return true;

        // Not sampled: answered by the very process that is asked now, or while it was in the same history before and after.
        if (_hasUnsampled && (_isMixed || !ReferenceEquals(on, LastOn)) && !string.Equals(Anchor?.Id ?? _firstId, info.Id, StringComparison.Ordinal)) return true;

        // Shown by a replica behind the point: safe only in that replica's own history, which its master has the most of.
        if (_hasReplicaReads && !string.Equals(_readHistory, info.Id, StringComparison.Ordinal)) return true;
        foreach (FreshPoint old in _inherited ?? [])
        {
            if (!histories.IsHeldBy(info, old.Id, old.Offset)) return true;
        }

        return false;
    }
}
