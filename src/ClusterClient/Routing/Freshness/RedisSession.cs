// An executor that reads its own writes and never reads backwards, though replicas answer what they can.
using System.Runtime.CompilerServices;
using ClusterClient.Connections;
using ClusterClient.Protocol;
using ClusterClient.Routing;
using ClusterClient.Routing.Freshness;

namespace ClusterClient;

/// <summary>
/// Runs commands so that each read sees all that this session has written and read before, whichever node answers. Writes go to the masters as ever. A read goes to a replica
/// that has proved, on the very connection that carries the read, that it has come as far as the session has seen; where that cannot be proved, the master answers. Made by
/// <see cref="RedisClient.CreateSession"/>; cheap, for one user's request or one worker; safe for many threads.
/// </summary>
/// <remarks>
/// What it costs: after each write, the next read of that shard is answered by the master, which is then asked how far it has come (<c>INFO replication</c>, 4 µs, shared by all
/// sessions of a client that ask at the same time), and so are its replicas; once more 250 ms after a call, at the most four times a second. A session that calls again within the millisecond
/// that this takes stays with the master. The first answer of a new master is held until it is known whether all that the session has seen lives on there: a round trip, after a
/// planned failover two, at the most 0.5 s. What it cannot know: a write whose outcome is unknown may still run at any time, so from then on that shard's master answers this session;
/// a master that was replaced may have lost acknowledged writes, which <see cref="MayHaveLostWrites"/> tells; a master that a person makes a replica of a server with other data
/// answers reads from these until the client hears of it. A command on keys of several slots is answered by their masters, and from a command whose keys only the server can tell
/// on, masters alone answer.
/// </remarks>
public sealed class RedisSession : ICommandExecutor
{
    /// <summary>In milliseconds: a read that a demoted master has answered is asked again, of whoever is master then.</summary>
    private const int RetryPause = 10;

    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(100);

    private readonly Router _router;
    private readonly RoutedExecutor _masters;
    private readonly ReadSteering? _steering;
    private readonly BoundRead _reads;
    private readonly SessionState _state;
    private readonly SessionSampling _sampling;
    private readonly SessionJudge _judge;

    internal RedisSession(Router router, RoutedExecutor masters, ReadFrom readFrom, SessionPoint[] resumed)
    {
        _router = router;
        _masters = masters;
        _steering = ReadSteering.For(router, readFrom);
        _reads = new BoundRead(router);
        _state = new SessionState(resumed, router.Histories);
        _judge = new SessionJudge(_state);
        _sampling = new SessionSampling(router, _state, _judge);
    }

    /// <summary>
    /// Whether something this session has written or seen may be gone: a master was replaced, and it could not be proved that its successor had all of it. It is true before the first
    /// answer that may lack something is returned, and stays so; the reads that follow are in order among themselves. A failover proves to have lost nothing by
    /// <c>master_replid2</c> and <c>second_repl_offset</c> of the new master, for what was sampled; for the rest by what the old one says of itself, if it still can be asked on the same connection.
    /// </summary>
    public bool MayHaveLostWrites => _state.Loss is not null;

    /// <summary>Why, in words that tell a developer of this library what was known.</summary>
    internal string? Loss => _state.Loss;

    /// <inheritdoc/>
    public ValueTask<T> ExecuteAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentNullException.ThrowIfNull(command.Info);
        RefusedCommands.ThrowIfRefused(command);
        RoutingTable table = _router.Table;
        bool isOne = SingleSlot.TryFind(table, command, out int slot, out int keys) && keys > 0;
        if (isOne && table.IsKnown) return RunAsync(command, reply, slot, keys, slot < 0 ? table.OnlyMaster : table.OwnerOf(slot), cancellationToken);
        bool mayTouch = keys > 0 || command.Info.Is(CommandFlags.MovableKeys) || (!command.Info.Is(CommandFlags.ReadOnly) && command.Info.Route is not (KeylessRoute.AnyNode or KeylessRoute.AnyMaster));
        return mayTouch ? OnManyAsync(command, reply, cancellationToken) : _masters.ExecuteAsync(command, reply, cancellationToken);
    }

    /// <summary>What this session has seen, as text of some hundred characters: <see cref="RedisClient.CreateSession"/> takes it up in another process, which then reads no older data. It holds no keys and no secrets.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="RedisException">A master that the session has to ask how far it has come did not answer.</exception>
    public async ValueTask<string> GetTokenAsync(CancellationToken cancellationToken = default)
    {
        foreach (SessionShard shard in _state.Shards()) await _sampling.CompleteAsync(shard, cancellationToken).ConfigureAwait(false);
        return SessionToken.Write(_state.Points());
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> RunAsync<T>(Command command, ReplyParser<T> reply, int slot, int keys, NodeConnection? master, CancellationToken cancellationToken)
    {
        long started = Environment.TickCount64;
        bool isRead = _steering is not null && command.Info.MayReadFromReplica;
        if (isRead && EmptyReply.Tells(command.Info, keys) && await FindReaderAsync(command.Info, slot, started, cancellationToken).ConfigureAwait(false) is { Reader: { } reader } bound)
        {
            EmptyReply<T> watched = EmptyReply<T>.Rent(reply, keys);
            if (_reads.TrySend(reader, command, watched, _masters.TimeLeft(started), cancellationToken) is { } sent)
            {
                try
                {
                    T result = await sent.ConfigureAwait(false);
                    bool wasEmpty = watched.WasEmpty;
                    watched.Return();
                    if (!wasEmpty && await IsConfirmedAsync(bound, slot, started, cancellationToken).ConfigureAwait(false) && _state.TryShow(bound, slot))
                    {
                        _sampling.Rest(bound.Shard);
                        return result;
                    }

                    (result as IDisposable)?.Dispose();
                }
                catch (RedisException failure) when (failure is RedisConnectionException or RedisServerException)
                {
                    // The replica went, loads, moved, or refuses: the master has the last word.
                }
            }
        }

        return await OnMasterAsync(command, reply, slot, master, isRead, started, cancellationToken).ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> OnMasterAsync<T>(Command command, ReplyParser<T> reply, int slot, NodeConnection? master, bool isRead, long started, CancellationToken cancellationToken)
    {
        while (true)
        {
            SessionShard? begun = master is null ? null : _state.Begin(master);
            CallTrace trace = new();
            T result;
            try
            {
                result = await _masters.ExecuteTracedAsync(command, reply, slot, trace, _masters.TimeLeft(started), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                await RefusedAsync(begun, slot, trace, EndOf(command.Info, failure), started).ConfigureAwait(false);
                throw;
            }

            Connection? on = trace.On;
            if (on is { Sampler.Latest.Info.IsMaster: false } && command.Info.Is(CommandFlags.ReadOnly) && _router.Table.Snapshot.Kind != TopologyKind.Standalone
                && _masters.TimeLeft(started) > RetryPause && !await IsMasterAsync(on, started).ConfigureAwait(false))
            {
                // Demoted, and not known to be yet: it refuses writes, but reads it answers, from whatever data it was given.
                _state.End(begun, slot, on, CallEnd.NotAnswered, _router.Table);
                (result as IDisposable)?.Dispose();
                _router.Refresher.RequestRefresh(TopologyChangeReason.Disputed, on.Endpoint, $"{on.Node} is a replica, and was asked as a master");
                await Task.Delay(RetryPause, cancellationToken).ConfigureAwait(false);
                continue;
            }

            (SessionShard? shard, bool isDoubtful) = _state.End(begun, slot, on, CallEnd.Answered, _router.Table, trace.At);
            if (shard is null) return result;
            if (isDoubtful && on is not null) await JudgeAsync(shard, on, started).ConfigureAwait(false);
            if (isRead && on is not null) _sampling.Begin(shard, on);
            _sampling.Rest(shard);
            return result;
        }
    }

    /// <summary>A call was refused, or lost: an error too says something of what the master has.</summary>
    private async ValueTask RefusedAsync(SessionShard? begun, int slot, CallTrace trace, CallEnd end, long started)
    {
        (SessionShard? shard, bool isDoubtful) = _state.End(begun, slot, trace.On, end, _router.Table, trace.At);
        if (shard is null || end != CallEnd.Answered) return;
        if (isDoubtful && trace.On is { } on) await JudgeAsync(shard, on, started).ConfigureAwait(false);
        _sampling.Rest(shard);
    }

    /// <summary>Whether a node that was a replica when it was last asked is a master now.</summary>
    private async ValueTask<bool> IsMasterAsync(Connection on, long started)
    {
        try
        {
            return (await on.Sampler.SampleAsync().WaitAsync(TimeSpan.FromMilliseconds(_masters.TimeLeft(started))).ConfigureAwait(false)).Info.IsMaster;
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Another master answers, or another process: <see cref="MayHaveLostWrites"/> must be right before its answer is shown.</summary>
    private async ValueTask JudgeAsync(SessionShard shard, Connection on, long started)
    {
        // Twice: yet another may have answered while the first was judged.
        for (int i = 0; i < 2 && _state.IsDoubtful(shard, out _); i++)
            await _judge.JudgeAsync(shard, on, _masters.TimeLeft(started)).ConfigureAwait(false);
    }

    /// <summary>
    /// While its master cannot be seen, a replica may be given another's data at any moment, which may lack what the session has seen: then what it answered counts only if it is
    /// in the same history afterwards.
    /// </summary>
    private async ValueTask<bool> IsConfirmedAsync(ReadNeed need, int slot, long started, CancellationToken cancellationToken)
        => _router.Table.Reads?.Find(slot) is { Master: { IsConnected: true, IsSuspect: false } }
        || await IsStillMetAsync(need, need.Reader!, started, cancellationToken).ConfigureAwait(false);

    /// <summary>Asks a replica whether it has what is needed. False when it does not say so soon: then the master answers.</summary>
    private async ValueTask<bool> IsStillMetAsync(ReadNeed need, Connection reader, long started, CancellationToken cancellationToken)
    {
        TimeSpan patience = TimeSpan.FromMilliseconds(Math.Min(_masters.TimeLeft(started), PatienceWith(reader).TotalMilliseconds));
        try
        {
            return need.IsMetBy((await reader.Sampler.SampleAsync().WaitAsync(patience, cancellationToken).ConfigureAwait(false)).Info);
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException or OperationCanceledException)
        {
            return false; // A call that was cancelled ends as such on its way to the master.
        }
    }

    /// <summary>A replica that has not said for so long how far it has come is not waited for.</summary>
    private TimeSpan PatienceWith(Connection replica)
        => _router.Nodes.Find(replica.Endpoint) is { Reads.Latency: var usual } && 4 * usual > _patience ? 4 * usual : _patience;

    /// <summary>A command on many slots, on any, or on nobody knows which.</summary>
    private async ValueTask<T> OnManyAsync<T>(Command command, ReplyParser<T> reply, CancellationToken cancellationToken)
    {
        long started = Environment.TickCount64;
        List<(SessionShard Shard, int Slot)>? begun = BeginMany(command);
        T result;
        try
        {
            result = await _masters.ExecuteAsync(command, reply, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            _ = EndMany(begun, EndOf(command.Info, failure));
            throw;
        }

        foreach ((SessionShard shard, Connection on) in EndMany(begun, CallEnd.Answered)) await JudgeAsync(shard, on, started).ConfigureAwait(false);
        return result;
    }

    /// <summary>Notes how such a command ended, and gives what must be judged before its answer is shown.</summary>
    private List<(SessionShard Shard, Connection On)> EndMany(List<(SessionShard Shard, int Slot)>? begun, CallEnd end)
    {
        RoutingTable table = _router.Table;
        List<(SessionShard, Connection)> doubtful = [];
        foreach ((SessionShard begunOn, int slot) in begun ?? [])
        {
            NodeConnection? owner = table.OwnerOf(slot);
            (SessionShard? shard, bool isDoubtful) = _state.EndPart(begunOn, slot, owner, end, table);
            if (shard is null) continue;
            if (isDoubtful && owner?.Current is { } on) doubtful.Add((shard, on));
            _sampling.Rest(shard);
        }

        if (begun is null or [])
        {
            _state.DisturbAll();
            foreach (SessionShard shard in _state.Shards()) _sampling.Rest(shard);
        }

        return doubtful;
    }

    /// <summary>Notes what a command on many slots touches; null for one that may touch anything.</summary>
    private List<(SessionShard Shard, int Slot)>? BeginMany(in Command command)
    {
        if (!CommandKeys.TryLocate(command, out KeyPositions keys))
        {
            _state.BecomeMasterOnly();
            return null;
        }

        HashSet<int> slots = [];
        for (int i = 0; i < keys.Count; i++) slots.Add(HashSlot.Of(command.Argument(keys[i])));
        List<(SessionShard, int)> begun = [];
        RoutingTable table = _router.Table;
        foreach (int slot in slots)
        {
            if (table.OwnerOf(slot) is { } master)
            {
                begun.Add((_state.Begin(master), slot));
                continue;
            }

            // Nobody owns it just now: whoever will is not known to the session yet.
            _state.DisturbAll();
        }

        if (keys.Count == 0) _state.DisturbAll();
        return begun;
    }

    /// <summary>The connection to a replica that has come far enough, as the reader of what it is needed for; null when the master is to answer.</summary>
    private async ValueTask<ReadNeed?> FindReaderAsync(CommandInfo command, int slot, long started, CancellationToken cancellationToken)
    {
        if (_router.Table.Reads?.Find(slot) is not { Master: { } master } group || !_state.TryRead(slot, master, out ReadNeed need)) return null;
        if (_steering!.ReadFrom.IsBounded) _router.Watches.Of(master.Endpoint).Demand(_steering.ReadFrom);
        ulong avoided = 0;
        foreach (NodeConnection replica in group.Replicas)
        {
            if (replica.Current is not { } current || !IsFit(need, current, master)) avoided |= replica.Reads.Mark;
        }

        if (_steering.Choose(command, group, avoided) is not { } chosen || ReferenceEquals(chosen, master) || chosen.Current is not { } connection || !IsFit(need, connection, master)) return null;
        if (!need.IsAny && connection.Sampler.Latest is { } latest && latest.Age > ReadNeed.SampleLife)
        {
            // That took a while, in which the bounds may have passed.
            if (!await IsStillMetAsync(need, connection, started, cancellationToken).ConfigureAwait(false) || !IsWithinBounds(connection, master.Endpoint)) return null;
        }

        return _state.TryBind(need, connection) ? need with { Reader = connection } : null;
    }

    private bool IsFit(in ReadNeed need, Connection replica, NodeConnection master)
        => need.IsMetBy(replica) && IsWithinBounds(replica, master.Endpoint) && (replica.Sampler.Outstanding <= _patience || replica.Sampler.Outstanding <= PatienceWith(replica));

    private bool IsWithinBounds(Connection replica, NodeEndpoint master)
        => !_steering!.ReadFrom.IsBounded || (replica.Sampler.Coverage is ReplicaCoverage coverage && coverage.IsWithin(_steering.ReadFrom, master));

    private static CallEnd EndOf(CommandInfo command, Exception failure) => failure switch
    {
        RedisServerException { Outcome: Outcome.Rejected } or UnexpectedReplyException => CallEnd.Answered,
        RedisException { Outcome: Outcome.NotExecuted } or RedisCanceledException { Outcome: Outcome.NotExecuted } or ObjectDisposedException => CallEnd.NotAnswered,
        _ => command.Is(CommandFlags.ReadOnly) ? CallEnd.NotAnswered : CallEnd.Unknown,
    };
}
