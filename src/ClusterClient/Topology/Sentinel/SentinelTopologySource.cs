// Reads a master and its replicas from the Sentinels that watch them, and follows a failover while it happens.
using System.Collections.Concurrent;
using System.Collections.Immutable;
using ClusterClient.Configuration;
using ClusterClient.Connections;
using ClusterClient.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Topology.Sentinel;

/// <summary>
/// Asks all Sentinels, those given and those learned, at once, and the data nodes about themselves; <see cref="SentinelMerge"/> decides. The Sentinels'
/// events only say when to look. While anything is unsettled it looks again and again.
/// </summary>
internal sealed class SentinelTopologySource : IWatchingTopologySource
{
    /// <summary>Between looks while a failover is under way that takes longer than <see cref="EagerPace.For"/>.</summary>
    private static readonly TimeSpan _patientPause = TimeSpan.FromMilliseconds(500);

    private readonly ClientSettings _settings;
    private readonly Telemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SentinelPeers _peers;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<NodeEndpoint, Task> _watches = new();
    private readonly Lock _gate = new();
    private IRefreshRequests? _requests;
    private INodeQuery? _query;
    private SentinelMemory _memory = SentinelMemory.Empty;
    private ImmutableDictionary<NodeEndpoint, ReplicationInfo> _seen = ImmutableDictionary<NodeEndpoint, ReplicationInfo>.Empty;
    private TaskCompletionSource _promotion = NewPromotion();
    private readonly SilentNodes _silent = new();
    private ImmutableHashSet<NodeEndpoint> _candidates = [];
    private volatile bool _isUnsettled;
    private bool _mayAskNodes = true;
    private Task _looking = Task.CompletedTask;

    internal SentinelTopologySource(ClientSettings settings, Telemetry telemetry, TimeProvider time, ILogger logger)
    {
        _settings = settings;
        _telemetry = telemetry;
        _time = time;
        _logger = logger;
        _peers = new SentinelPeers(settings, telemetry, time, OnEvent, logger);
    }

    public void Attach(IRefreshRequests requests) => _requests = requests;

    public async ValueTask<ITopologyReading> ReadAsync(TopologyRequest request, INodeQuery query, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _query, query);
        Task promotion = Volatile.Read(ref _promotion).Task;
        if (_memory.Master is null)
        {
            SentinelRound first = await _peers.AskAsync(cancellationToken).ConfigureAwait(false);
            if (first.Views.Count == 0) throw await _peers.NoViewAsync(first, cancellationToken).ConfigureAwait(false);
            SentinelView best = first.Views.MaxBy(static view => view.Epoch)!;
            return new Reading(this, first, await AskNodesAsync(query, [best.Master, .. best.Replicas.Select(static replica => replica.Announced)], cancellationToken).ConfigureAwait(false));
        }

        using var look = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<SentinelRound> sentinels = _peers.AskAsync(look.Token);
        Task<ImmutableDictionary<NodeEndpoint, ReplicationInfo>> nodes = AskNodesAsync(query, KnownNodes(), look.Token);

        // A candidate that was seen to be master is not kept waiting by who is slow to answer; who is still asked then is asked again by the next look.
        Task both = Task.WhenAll(sentinels, nodes);
        await Task.WhenAny(both, promotion).ConfigureAwait(false);
        await look.CancelAsync().ConfigureAwait(false);
        await both.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        SentinelRound round = sentinels.IsCanceled ? SentinelRound.Nothing : await sentinels.ConfigureAwait(false);
        return new Reading(this, round, nodes.IsCanceled ? ImmutableDictionary<NodeEndpoint, ReplicationInfo>.Empty : await nodes.ConfigureAwait(false));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll([.. _watches.Values, _looking]).ConfigureAwait(false);
        await _peers.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private static TaskCompletionSource NewPromotion() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ImmutableArray<NodeEndpoint> KnownNodes()
    {
        SentinelMemory memory = _memory;
        IEnumerable<NodeEndpoint> all = (memory.View?.Replicas.Select(static replica => replica.Announced) ?? []).Append(memory.Master!.Value).Union(_candidates);
        if (memory.View is { } view) all = all.Append(view.Master);
        return [.. all.Distinct()];
    }

    private async Task<ImmutableDictionary<NodeEndpoint, ReplicationInfo>> AskNodesAsync(INodeQuery query, ImmutableArray<NodeEndpoint> nodes, CancellationToken cancellationToken)
    {
        if (!_mayAskNodes) return ImmutableDictionary<NodeEndpoint, ReplicationInfo>.Empty;
        var round = new NodeRound<ReplicationInfo>(_time) { Silent = _silent, LastHeard = node => query.LastHeard(_settings.Map(node)) };
        RoundResult<ReplicationInfo> result = await round.AskAsync(nodes, (node, token) => CandidateWatch.AskAsync(query, _settings.Map(node), token), cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (result.Answers.Count == 0 && result.Failures.FirstOrDefault(static failure => failure.Error is RedisServerException { Code: "NOPERM" }) is { Error: RedisServerException refusal } refused)
        {
            _mayAskNodes = false;
            Log.ReplicationStateRefused(_logger, refused.Node, refusal.ServerMessage);
        }

        return result.Answers.ToImmutableDictionary(static answer => answer.Node, static answer => answer.Value);
    }

    private void OnEvent(NodeEndpoint sentinel, SentinelEvent? told)
    {
        if (told is null)
        {
            // Events may have been missed, if there was anything to miss.
            if (_memory.Master is not null) _requests?.RequestRefresh(TopologyChangeReason.SentinelEvent, null, $"listening to the Sentinel {sentinel}");
            return;
        }

        if (told.Name is "+selected-slave" or "+promoted-slave") Watch(told.Subject);
        _requests?.RequestRefresh(
            told.Name is "+selected-slave" or "+promoted-slave" or "+switch-master" ? TopologyChangeReason.Failover : TopologyChangeReason.SentinelEvent,
            null, $"the Sentinel {sentinel} tells {told.Name} {told.Subject}");
    }

    private void Watch(NodeEndpoint candidate)
    {
        ImmutableInterlocked.Update(ref _candidates, static (all, one) => all.Add(one), candidate);
        if (!_mayAskNodes || Volatile.Read(ref _query) is not { } query) return;
        lock (_gate)
        {
            if (_stop.IsCancellationRequested || _watches.ContainsKey(candidate)) return;
            using (ExecutionContext.SuppressFlow()) _watches[candidate] = Task.Run(() => WatchAsync(candidate, query));
        }
    }

    private async Task WatchAsync(NodeEndpoint candidate, INodeQuery query)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(EagerPace.For);
        await new CandidateWatch(query, _settings.Map, _time).RunAsync(candidate, OnSeen, limit.Token).ConfigureAwait(false);
        _watches.TryRemove(candidate, out _);
    }

    private void OnSeen(NodeEndpoint candidate, ReplicationInfo state)
    {
        ImmutableInterlocked.AddOrUpdate(ref _seen, candidate, state, (_, _) => state);
        if (!state.IsMaster) return;
        Volatile.Read(ref _promotion).TrySetResult();
        _requests?.RequestRefresh(TopologyChangeReason.Failover, null, $"{candidate}, which the Sentinels have chosen, is master now");
    }

    /// <summary>Looks again and again until all is settled.</summary>
    private void KeepLooking()
    {
        lock (_gate)
        {
            if (!_looking.IsCompleted || _stop.IsCancellationRequested) return;
            using (ExecutionContext.SuppressFlow()) _looking = Task.Run(LookAsync);
        }
    }

    private async Task LookAsync()
    {
        long started = _time.GetTimestamp();
        HurriedNode hurried = new(_time);
        while (_isUnsettled && !_stop.IsCancellationRequested)
        {
            if (Volatile.Read(ref _query) is { } query && (_memory.Provisional?.Node ?? _memory.Master) is { } master) hurried.Hurry(_settings.Map(master), query);
            await Task.Delay(_time.GetElapsedTime(started) < EagerPace.For ? EagerPace.Pause : _patientPause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _requests?.RequestRefresh(TopologyChangeReason.Failover, null, "the master is not certain yet");
        }
    }

    private long NowMilliseconds() => (long)_time.GetElapsedTime(0, _time.GetTimestamp()).TotalMilliseconds;

    private sealed class Reading(SentinelTopologySource source, SentinelRound round, ImmutableDictionary<NodeEndpoint, ReplicationInfo> states) : ITopologyReading
    {
        private readonly SentinelMemory _before = source._memory with { Candidates = source._candidates };
        private readonly ImmutableDictionary<NodeEndpoint, ReplicationInfo> _states = source.TakeSeen(states);
        private readonly long _now = source.NowMilliseconds();

        public IReadOnlyCollection<NodeEndpoint> Answered { get; } = [.. states.Keys.Select(source._settings.Map)];

        public TopologyVerdict Conclude(TopologySnapshot current, LearnedMoves learned)
        {
            SentinelVerdict verdict = SentinelMerge.Merge(_before, new(round.Views, _states, round.Known, source._mayAskNodes, _now), source._settings.Failover);
            source.Adopt(_before, verdict);
            TopologySnapshot next = verdict.Memory.View is null ? current : SentinelSnapshot.Build(current, verdict, round.Views, _states, source._settings.Map);
            // A Sentinel that lost its connection to a replica for a moment tells nobody when it has it back; what it holds for down, it does tell of.
            bool isOpen = source._peers.HasUnheard || next.Nodes.Any(static node => !node.IsMaster && (node.Flags & (ClusterNodeFlags.Failed | ClusterNodeFlags.SubjectivelyDown)) == ClusterNodeFlags.Failed);
            return new(next, LearnedMoves.None, [], isOpen) { Cause = verdict.Revoked is { } revoked ? (TopologyChangeReason.FailoverRevoked, $"the Sentinels did not confirm {revoked}") : null };
        }
    }

    /// <summary>What the watches saw is newer than what the nodes answered to this look's questions, or as new.</summary>
    private ImmutableDictionary<NodeEndpoint, ReplicationInfo> TakeSeen(ImmutableDictionary<NodeEndpoint, ReplicationInfo> states)
    {
        ImmutableDictionary<NodeEndpoint, ReplicationInfo> seen = Interlocked.Exchange(ref _seen, ImmutableDictionary<NodeEndpoint, ReplicationInfo>.Empty);
        if (Volatile.Read(ref _promotion).Task.IsCompleted) Volatile.Write(ref _promotion, NewPromotion());
        return states.SetItems(seen);
    }

    private void Adopt(SentinelMemory before, SentinelVerdict verdict)
    {
        _memory = verdict.Memory;
        if (verdict.Memory.Master != before.Master) _candidates = [];
        if (_settings.Failover == FailoverPolicy.Eager && before.Provisional is null && verdict.Memory.Provisional is { } provisional) Log.FailoverFollowed(_logger, provisional.Node);
        if (verdict.Revoked is { } revoked)
        {
            Log.FailoverRevoked(_logger, revoked, verdict.Master!.Value);
            _telemetry.FailoverRevoked();
        }

        _isUnsettled = !verdict.IsSettled;
        if (_isUnsettled) KeepLooking();
    }
}
