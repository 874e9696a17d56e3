// All that a session knows: which master answered which slot, and how far each has been seen.
using ClusterClient.Connections;

namespace ClusterClient.Routing.Freshness;

/// <summary>Owned by one session; safe for many threads. Its lock is held for a few memory accesses at a time.</summary>
internal sealed class SessionState(SessionPoint[] resumed, Histories histories)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeEndpoint, SessionShard> _shards = [];
    private readonly Dictionary<int, SessionShard> _slots = [];
    private bool _startsDisturbed;
    private bool _isMasterOnly;
    private string? _loss;

    /// <summary>Why something may be lost: what was known of the master and what its successor said, when that was first so; null while nothing is.</summary>
    internal string? Loss => Volatile.Read(ref _loss);

    /// <summary>A command whose keys nobody knows has run: from here on only masters answer this session.</summary>
    internal void BecomeMasterOnly()
    {
        lock (_gate) _isMasterOnly = true;
    }

    /// <summary>A command that may have changed any key has run.</summary>
    internal void DisturbAll()
    {
        lock (_gate)
        {
            _startsDisturbed = true;
            foreach (SessionShard shard in _shards.Values) shard.Disturb();
        }
    }

    /// <summary>What a replica must have reached to answer for a slot. False when only the master may.</summary>
    /// <param name="slot">The slot; negative where there are none.</param>
    /// <param name="master">The slot's master, as routing believes it.</param>
    /// <param name="need">What is needed.</param>
    internal bool TryRead(int slot, NodeConnection master, out ReadNeed need)
    {
        lock (_gate)
        {
            need = default;
            if (_isMasterOnly) return false;
            SessionShard shard = ShardOf(master.Endpoint, master.Current);
            bool isKnown = _slots.TryGetValue(slot, out SessionShard? answered);
            if (shard.IsMasterOnly || !shard.IsSampled || (isKnown && !ReferenceEquals(answered, shard))) return false;
            FreshPoint? before = null;
            if (!isKnown && SessionPoint.Find(resumed, slot) is { } point) // after the first answer, that of the shard it came from holds
            {
                if (point.IsMasterOnly) return false;
                before = point.Point;
            }

            need = new ReadNeed(shard, shard.Point, before, shard.Reader, shard.Generation);
            return true;
        }
    }

    /// <summary>Binds the session to the connection that answers its next read. False when something has happened since <see cref="TryRead"/>.</summary>
    internal bool TryBind(in ReadNeed need, Connection reader)
    {
        lock (_gate)
        {
            if (need.Shard.Generation != need.Generation || !need.Shard.IsSampled || (need.Shard.Reader is { } bound && !ReferenceEquals(bound, reader))) return false;
            need.Shard.ReadsOn(reader);
            return true;
        }
    }

    /// <summary>
    /// Whether a replica's answer may be shown: had another thread of the session gone to the master, of this shard or of the slot's next, or to another replica
    /// meanwhile, nothing would keep the next read from one that is behind what this answer shows.
    /// </summary>
    internal bool TryShow(in ReadNeed need, int slot)
    {
        lock (_gate)
        {
            if (need.Shard.Generation != need.Generation || !ReferenceEquals(need.Shard.Reader, need.Reader)) return false;
            if (!_slots.TryAdd(slot, need.Shard) && !ReferenceEquals(_slots[slot], need.Shard)) return false; // After a failover the heir must show that it has what was seen here.
            need.Shard.HasRead();
            return true;
        }
    }

    /// <summary>A call to a slot's master begins.</summary>
    internal SessionShard Begin(NodeConnection master)
    {
        lock (_gate)
        {
            SessionShard shard = ShardOf(master.Endpoint, master.Current);
            shard.Begin();
            return shard;
        }
    }

    /// <summary>Such a call has ended.</summary>
    /// <param name="begun">The shard it began on; null when nobody was known to be the master.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="on">The connection that it was answered on, or was sent on last; null when it was not sent.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="table">The topology as it is now.</param>
    /// <param name="at">When it ended, in the order of the connection's answers.</param>
    /// <returns>The shard that answered, if any, and whether it must be judged before its answer is shown.</returns>
    internal (SessionShard? Shard, bool IsDoubtful) End(SessionShard? begun, int slot, Connection? on, CallEnd end, RoutingTable table, long at = long.MaxValue)
    {
        lock (_gate)
        {
            begun?.End();
            if (end == CallEnd.NotAnswered)
            {
                begun?.NeverHappened();
                return (begun, false);
            }

            if ((on is null ? begun : ShardOf(on.Endpoint, on)) is not { } shard)
            {
                _isMasterOnly |= end == CallEnd.Unknown;
                return (null, false);
            }

            if (end == CallEnd.Unknown) shard.IsMasterOnly = (begun ?? shard).IsMasterOnly = true;
            Connection? answeredOn = end == CallEnd.Answered ? on : null;
            shard.Answered(answeredOn, at);
            Register(slot, shard, answeredOn, table);
            return (shard, shard.IsDoubtful);
        }
    }

    /// <summary>Part of a call on several slots has ended, of which only the whole is known: nobody can tell which node has answered it.</summary>
    /// <param name="begun">The shard it began on.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="owner">Whose the slot is now.</param>
    /// <param name="end">How the whole ended.</param>
    /// <param name="table">The topology as it is now.</param>
    /// <returns>As <see cref="End"/>.</returns>
    internal (SessionShard? Shard, bool IsDoubtful) EndPart(SessionShard begun, int slot, NodeConnection? owner, CallEnd end, RoutingTable table)
    {
        lock (_gate)
        {
            begun.End();
            if (end == CallEnd.NotAnswered)
            {
                begun.NeverHappened();
                return (begun, false);
            }

            // Whoever it began on may have answered it before another took over: that one must show that it has it.
            SessionShard shard = begun;
            EndPartOn(begun, slot, owner?.Endpoint == begun.Master ? owner : null, end, table);
            if (owner is not null && owner.Endpoint != begun.Master) EndPartOn(shard = ShardOf(owner.Endpoint, owner.Current), slot, owner, end, table);
            return (shard, shard.IsDoubtful);
        }
    }

    /// <summary>Joins the judgement of a shard that is under way, or begins one.</summary>
    internal Task ShareJudgement(SessionShard shard, Func<Task> begin)
    {
        lock (_gate) return shard.Judgement is { IsCompleted: false } judgement ? judgement : shard.Judgement = begin();
    }

    /// <summary>Judges a shard by what its master says of its history.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="heir">What it said; null when it did not.</param>
    /// <param name="on">The connection on which it was asked.</param>
    /// <param name="generation">The generation when it was asked.</param>
    /// <param name="mayAsk">Whether there is time to ask another.</param>
    /// <returns>The shard whose witness can settle what is still in doubt; null when it is settled.</returns>
    internal SessionShard? Judge(SessionShard shard, ReplicationSample? heir, Connection on, long generation, bool mayAsk)
    {
        lock (_gate)
        {
            if (!shard.IsDoubtful) return null;
            bool mayMiss = true;
            if (heir is { Info: { IsMaster: true, Id.Length: > 0 } info })
            {
                histories.Note(info);
                InheritAllItFollows(shard, info);
                mayMiss = shard.MayMiss(info, on);
                Succession succession = shard.JudgePredecessors(info, on, out SessionShard? asks);
                if (!mayMiss && mayAsk && asks is not null && succession == Succession.Ask) return asks;
                mayMiss |= succession != Succession.Holds;
            }

            if (mayMiss) Lose(shard, heir?.Info);
            foreach (Predecessor before in shard.Settle(on))
            {
                // Should it be master again one day, it will be another's heir. One from which only a slot has moved is still what it was.
                if (before.IsGone && !_slots.ContainsValue(before.Shard)) _shards.Remove(before.Shard.Master);
            }

            if (heir is { Info: { IsMaster: true, Id.Length: > 0 } }) shard.Sampled(heir, on, generation);
            return null;
        }
    }

    /// <summary>The process that answered for a shard has told how far it had come. False when that is no answer.</summary>
    internal bool TryTestify(SessionShard shard, in ReplicationInfo told)
    {
        lock (_gate)
        {
            histories.Note(told);
            shard.Learn(told.IsMaster ? told.Id : told.ContinuesNothing ? string.Empty : told.SecondId);
            if (shard.History is not { } history || Predecessor.Testimony(told, history) is not { } point) return false;
            shard.CoverBy(point);
            return true;
        }
    }

    /// <summary>Whether a shard must be judged before anything of it is shown.</summary>
    internal bool IsDoubtful(SessionShard shard, out long generation)
    {
        lock (_gate)
        {
            generation = shard.Generation;
            return shard.IsDoubtful;
        }
    }

    /// <summary>Notes that a shard is to be sampled when the session has been at rest for a while; false when that is noted already.</summary>
    internal bool TryBeginRest(SessionShard shard)
    {
        if (shard.IsResting) return false; // It may be read without the lock: at worst a rest is noted at the next call.
        lock (_gate) return !shard.IsResting && (shard.IsResting = true);
    }

    /// <summary>The while is over. False when the shard needs no sample any more.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="last">The connection that its master answered on; null when only replicas have answered.</param>
    internal bool EndRest(SessionShard shard, out Connection? last)
    {
        lock (_gate)
        {
            shard.IsResting = false;
            last = shard.LastOn;
            return !shard.IsCovered && !shard.IsDoubtful && !shard.IsMasterOnly;
        }
    }

    /// <summary>Begins to sample a shard; false when that is under way.</summary>
    internal bool TryBeginSample(SessionShard shard, out long generation)
    {
        lock (_gate)
        {
            generation = shard.Generation;
            if (shard.IsSampling) return false;
            return shard.IsSampling = true;
        }
    }

    /// <summary>A sample has come, or will not (null).</summary>
    /// <returns>The point that replicas must reach to answer again; null when something has happened meanwhile.</returns>
    internal FreshPoint? EndSample(SessionShard shard, ReplicationSample? sample, Connection on, long generation)
    {
        lock (_gate)
        {
            shard.IsSampling = false;
            return TryCover(shard, sample, on, generation) && shard.IsSampled ? shard.Point : null;
        }
    }

    /// <summary>A sample has come that somebody else has asked for. False when it says nothing of what the session has seen.</summary>
    internal bool TryCoverBy(SessionShard shard, ReplicationSample sample, Connection on, long generation)
    {
        lock (_gate) return TryCover(shard, sample, on, generation);
    }

    /// <summary>Whether all that has ended on a shard is covered by its point.</summary>
    internal bool IsCovered(SessionShard shard, out long generation)
    {
        lock (_gate)
        {
            generation = shard.Generation;
            return shard.IsMasterOnly || (shard.IsCovered && !shard.IsDoubtful);
        }
    }

    /// <summary>Nothing can be proved of a shard: its masters alone answer this session.</summary>
    internal void LeaveToMasters(SessionShard shard)
    {
        lock (_gate) shard.IsMasterOnly = true;
    }

    /// <summary>The shards that answer for some slot now; one whose master is gone and whose slots another has taken over is none.</summary>
    internal SessionShard[] Shards()
    {
        lock (_gate) return [.. _slots.Values.Distinct()];
    }

    /// <summary>All that must be carried on elsewhere: one point for each history.</summary>
    internal SessionPoint[] Points()
    {
        lock (_gate)
        {
            IEnumerable<SessionPoint> own = _slots
                .GroupBy(static pair => pair.Value, static pair => pair.Key)
                .Select(group => new SessionPoint(group.Key.Anchor ?? FreshPoint.None, group.Key.IsMasterOnly || group.Key.Anchor is null, TokenSlots.Of(group)));

            // What another process had seen of a slot was judged when this one was first answered: from then on its own point says more.
            HashSet<int> known = [.. _slots.Keys.Select(TokenSlots.Of)];
            IEnumerable<SessionPoint> earlier = resumed.Select(point => point with { Slots = point.Slots.Without(known) }).Where(static point => !point.Slots.Ranges.IsEmpty);
            IEnumerable<SessionPoint> everywhere = _isMasterOnly || _startsDisturbed ? [SessionPoint.Everywhere] : [];
            return SessionPoint.Merge([.. earlier, .. own, .. everywhere]);
        }
    }

    private bool TryCover(SessionShard shard, ReplicationSample? sample, Connection on, long generation)
    {
        if (shard.IsDoubtful || sample is not { Info: { IsMaster: true, Id.Length: > 0 } info }) return false;

        // Of a master whose successor has been judged, what it says now proves and disproves nothing.
        if (!ReferenceEquals(_shards.GetValueOrDefault(shard.Master), shard)) return false;
        histories.Note(info);
        if (shard.IsPast(info, on)) return false;
        if (shard.MayMiss(info, on)) Lose(shard, info);
        shard.Sampled(sample, on, generation);
        return true;
    }

    private void Lose(SessionShard shard, ReplicationInfo? told) => _loss ??= $"{shard}; it said {told?.ToString() ?? "nothing"}";

    private void EndPartOn(SessionShard shard, int slot, NodeConnection? master, CallEnd end, RoutingTable table)
    {
        if (end == CallEnd.Unknown) shard.IsMasterOnly = true;
        if (master?.Current is { } now) shard.MeetsOn(now);
        shard.Disturb();
        Register(slot, shard, on: null, table);
    }

    /// <summary>A shard has answered for a slot: from here on it must hold all that was seen of that slot before.</summary>
    private void Register(int slot, SessionShard shard, Connection? on, RoutingTable table)
    {
        if (_slots.TryGetValue(slot, out SessionShard? last))
        {
            if (!ReferenceEquals(last, shard)) Succeed(last, shard, table);
        }
        else
        {
            foreach (SessionPoint point in resumed)
            {
                if (!point.Slots.Contains(slot)) continue;
                shard.IsMasterOnly |= point.IsMasterOnly;
                if (point.Point != FreshPoint.None) shard.Inherit(point.Point, on);
            }
        }

        _slots[slot] = shard;
    }

    /// <summary>Another master has answered for a slot. If it took over from the last, so it did for all slots that it owns now.</summary>
    private void Succeed(SessionShard last, SessionShard shard, RoutingTable table)
    {
        bool isGone = table.Snapshot.NodeAt(last.Master) is not { IsMaster: true, IsAvailable: true };
        shard.Inherit(new Predecessor(last, isGone));
        if (!isGone) return;
        foreach (int slot in _slots.Keys.ToArray())
        {
            if (slot >= 0 && ReferenceEquals(_slots[slot], last) && table.OwnerOf(slot)?.Endpoint == shard.Master) _slots[slot] = shard;
        }
    }

    /// <summary>A slot that moves has keys on two masters, and remembers the one that answered last: whoever takes over from the other must be judged too.</summary>
    private void InheritAllItFollows(SessionShard shard, in ReplicationInfo heir)
    {
        foreach (SessionShard known in _shards.Values)
        {
            if (!ReferenceEquals(known, shard) && known.History is { } history && !string.Equals(history, heir.Id, StringComparison.Ordinal) && histories.IsFollowedBy(heir, history))
                shard.Inherit(new Predecessor(known, IsGone: true));
        }
    }

    private SessionShard ShardOf(NodeEndpoint master, Connection? on)
    {
        if (_shards.TryGetValue(master, out SessionShard? shard)) return shard;
        shard = new SessionShard(master, on?.Sampler.LatestAsMaster?.Info.Id, histories);
        if (_startsDisturbed) shard.Disturb();
        _shards.Add(master, shard);
        return shard;
    }
}
