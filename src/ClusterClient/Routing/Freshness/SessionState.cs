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
    private bool _mayHaveLostWrites;

    internal bool MayHaveLostWrites => Volatile.Read(ref _mayHaveLostWrites);

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
            SessionShard shard = ShardOf(master);
            bool isKnown = _slots.TryGetValue(slot, out SessionShard? answered);
            if (shard.IsMasterOnly || !shard.IsSampled || (isKnown && !ReferenceEquals(answered, shard))) return false;
            FreshPoint? before = null;
            if (!isKnown && SessionPoint.Find(resumed, slot) is { } point)
            {
                if (point.IsMasterOnly) return false;
                before = point.Point;
            }

            need = new ReadNeed(shard, shard.Point, before, shard.Reader, shard.Generation);
            return true;
        }
    }

    /// <summary>Binds the session to the connection that answers its next read. False when something has happened since <see cref="TryRead"/>.</summary>
    internal bool TryBind(in ReadNeed need, int slot, Connection reader)
    {
        lock (_gate)
        {
            if (need.Shard.Generation != need.Generation || !need.Shard.IsSampled || (need.Shard.Reader is { } bound && !ReferenceEquals(bound, reader))) return false;
            need.Shard.ReadsOn(reader);
            _slots.TryAdd(slot, need.Shard); // After a failover the heir must show that it has what was seen here.
            return true;
        }
    }

    /// <summary>
    /// Whether a replica's answer may be shown: had another thread of the session gone to the master or to another replica meanwhile, nothing would keep the
    /// next read from one that is behind what this answer shows.
    /// </summary>
    internal bool TryShow(in ReadNeed need)
    {
        lock (_gate)
        {
            if (need.Shard.Generation != need.Generation || !ReferenceEquals(need.Shard.Reader, need.Reader)) return false;
            need.Shard.HasRead();
            return true;
        }
    }

    /// <summary>A call to a slot's master begins.</summary>
    internal SessionShard Begin(NodeConnection master)
    {
        lock (_gate)
        {
            SessionShard shard = ShardOf(master);
            shard.Begin();
            return shard;
        }
    }

    /// <summary>Such a call has ended.</summary>
    /// <param name="begun">The shard it began on; null when nobody was known to be the master.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="answeredBy">The node that answered in the end, if it is known.</param>
    /// <param name="on">Its connection, if it is known.</param>
    /// <param name="outcome">What is known of its effect.</param>
    /// <param name="table">The topology as it is now.</param>
    /// <returns>The shard that answered, if any, and whether it must be judged before its answer is shown.</returns>
    internal (SessionShard? Shard, bool IsDoubtful) End(SessionShard? begun, int slot, NodeConnection? answeredBy, Connection? on, CallEnd outcome, RoutingTable table)
    {
        lock (_gate)
        {
            begun?.End();
            SessionShard? shard = answeredBy is null ? begun : ShardOf(answeredBy);
            if (shard is null)
            {
                _isMasterOnly |= outcome == CallEnd.Unknown;
                return (null, false);
            }

            if (outcome == CallEnd.Unknown) shard.IsMasterOnly = (begun ?? shard).IsMasterOnly = true;
            if (outcome == CallEnd.NotAnswered)
            {
                begun?.NeverHappened();
                return (shard, false);
            }

            if (on is null && answeredBy?.Current is { } now) shard.MeetsOn(now);
            shard.Answered(on);
            if (!_slots.TryGetValue(slot, out SessionShard? last))
            {
                if (SessionPoint.Find(resumed, slot) is { IsMasterOnly: false } point) shard.Inherit(point.Point, on);
            }
            else if (!ReferenceEquals(last, shard))
            {
                Succeed(last, shard, table);
            }

            _slots[slot] = shard;
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
                mayMiss = shard.MayMiss(info, on);
                Succession succession = shard.JudgePredecessors(info, on, out SessionShard? asks);
                if (!mayMiss && mayAsk && asks is not null && succession == Succession.Ask) return asks;
                mayMiss |= succession != Succession.Holds;
            }

            if (mayMiss) Volatile.Write(ref _mayHaveLostWrites, true);
            foreach (Predecessor before in shard.Settle(on))
            {
                // Should it be master again one day, it will be another's heir.
                if (!_slots.ContainsValue(before.Shard)) _shards.Remove(before.Shard.Master);
            }

            if (heir is { Info: { IsMaster: true, Id.Length: > 0 } present }) shard.Sampled(present, on, generation);
            return null;
        }
    }

    /// <summary>The process that answered for a shard has told how far it had come. False when that is no answer.</summary>
    internal bool TryTestify(SessionShard shard, in ReplicationInfo told)
    {
        lock (_gate)
        {
            histories.Note(told);
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
            if (shard.IsDoubtful || sample is not { Info: { IsMaster: true, Id.Length: > 0 } info }) return null;
            histories.Note(info);
            if (shard.MayMiss(info, on)) Volatile.Write(ref _mayHaveLostWrites, true);
            shard.Sampled(info, on, generation);
            return shard.IsSampled ? shard.Point : null;
        }
    }

    /// <summary>Whether all that has ended on a shard is covered by its point.</summary>
    internal bool IsCovered(SessionShard shard, out long generation)
    {
        lock (_gate)
        {
            generation = shard.Generation;
            return shard.IsCovered || shard.IsMasterOnly;
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
                .Select(group => new SessionPoint(group.Key.Anchor ?? FreshPoint.None, _isMasterOnly || group.Key.IsMasterOnly || group.Key.Anchor is null, TokenSlots.Of(group)));
            return SessionPoint.Merge([.. resumed, .. own]);
        }
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

    private SessionShard ShardOf(NodeConnection master)
    {
        if (_shards.TryGetValue(master.Endpoint, out SessionShard? shard)) return shard;
        shard = new SessionShard(master.Endpoint, master.Current?.Sampler.LatestAsMaster?.Info.Id, histories);
        if (_startsDisturbed) shard.Disturb();
        _shards.Add(master.Endpoint, shard);
        return shard;
    }
}
