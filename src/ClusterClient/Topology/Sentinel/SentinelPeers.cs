// All Sentinels of one master: those that were given and those they tell of.
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Topology.Sentinel;

/// <summary>What the Sentinels answered.</summary>
/// <param name="Views">What those that answered believe, each once.</param>
/// <param name="Failures">Why others did not.</param>
/// <param name="Known">How many there are; <see cref="SentinelCensus"/> says who counts.</param>
internal sealed record SentinelRound(IReadOnlyList<SentinelView> Views, IReadOnlyList<FailedQuery> Failures, int Known)
{
    /// <summary>Nobody was waited for.</summary>
    public static SentinelRound Nothing { get; } = new([], [], int.MaxValue);
}

/// <summary>Keeps the connections equal to what <see cref="SentinelCensus"/> says. For one reader at a time.</summary>
internal sealed class SentinelPeers(ClientSettings settings, Telemetry telemetry, TimeProvider time, Action<NodeEndpoint, SentinelEvent?> onEvent, ILogger logger) : IAsyncDisposable
{
    private readonly Dictionary<NodeEndpoint, SentinelPeer> _peers = [];
    private readonly HashSet<NodeEndpoint> _warnedOf = [];
    private readonly List<Task> _leaving = [];
    private SentinelCensus _census = SentinelCensus.Of(settings.Endpoints);
    private readonly SilentNodes _silent = new();
    private IReadOnlyList<NodeEndpoint> _unanswered = [];
    private bool _hasUnasked;

    /// <summary>
    /// Whether the last round named some who have not been asked yet, or ended while the answer of one that can be connected to was still on its way: one that
    /// connects later says so itself.
    /// </summary>
    internal bool HasUnheard => _hasUnasked || _unanswered.Any(node => _peers.TryGetValue(node, out SentinelPeer? peer) && peer.LastHeard is not null);

    /// <summary>Asks all at once.</summary>
    internal async Task<SentinelRound> AskAsync(CancellationToken cancellationToken)
    {
        Reconcile();
        var round = new NodeRound<SentinelView>(time) { Silent = _silent, LastHeard = node => _peers[node].LastHeard };
        RoundResult<SentinelView> result = await round.AskAsync([.. _peers.Keys], (node, token) => _peers[node].AskAsync(token), cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        _unanswered = result.Silent;
        foreach (FailedQuery failure in result.Failures) WarnIfNone(failure);
        HashSet<NodeEndpoint> voteless = [.. result.Failures.Where(static failure => IsDataNode(failure.Error) || IsNoSuchMaster(failure.Error)).Select(static failure => failure.Node)];
        _census = _census.Take([.. result.Answers.Select(static answer => answer.Value)], voteless, settings.Map, (long)time.GetElapsedTime(0, time.GetTimestamp()).TotalMilliseconds);
        Reconcile();
        return new(_census.Views, result.Failures, _census.Known);
    }

    /// <summary>Why none could tell the master: what each said, and what to change.</summary>
    internal async ValueTask<RedisException> NoViewAsync(SentinelRound round, CancellationToken cancellationToken)
    {
        string name = settings.ServiceName!;
        if (round.Failures.FirstOrDefault(static failure => IsNoSuchMaster(failure.Error)) is { Error: not null } unknown)
        {
            string watched = await WatchedAsync(unknown.Node, cancellationToken).ConfigureAwait(false);
            return TopologyFailure.From($"The Sentinels do not watch a master called '{name}' (serviceName)", round.Failures, $"{unknown.Node} watches: {watched}. Set serviceName to one of these.");
        }

        return round.Failures.Any(static failure => IsDataNode(failure.Error))
            ? TopologyFailure.From("No Sentinel could be asked", round.Failures, $"With serviceName={name} the addresses must be those of Sentinels (port 26379 by default); for a server without Sentinel leave serviceName out.")
            : TopologyFailure.From($"No Sentinel could tell the master of '{name}'", round.Failures, round.Failures.All(static failure => IsNobodyThere(failure.Error)) ? "Check that Sentinels listen there (port 26379 by default)." : "");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (SentinelPeer peer in _peers.Values) _leaving.Add(peer.DisposeAsync().AsTask());
        _peers.Clear();
        await Task.WhenAll(_leaving).ConfigureAwait(false);
    }

    private static bool IsNoSuchMaster(Exception error) => error is RedisServerException refusal && refusal.ServerMessage.Contains("No such master", StringComparison.OrdinalIgnoreCase);

    private static bool IsNobodyThere(Exception error) => error is RedisConnectionException { Failure: ConnectionFailure.Refused or ConnectionFailure.Unreachable or ConnectionFailure.TimedOut };

    private static bool IsDataNode(Exception error)
        => error is RedisServerException refusal && refusal.ServerMessage.Contains("unknown", StringComparison.OrdinalIgnoreCase) && refusal.ServerMessage.Contains("command", StringComparison.OrdinalIgnoreCase);

    private async ValueTask<string> WatchedAsync(NodeEndpoint sentinel, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<string> names = await _peers[sentinel].AskNamesAsync(cancellationToken).ConfigureAwait(false);
            return names.Count == 0 ? "nothing" : string.Join(", ", names);
        }
        catch (RedisException failure)
        {
            return $"(not told: {failure.Message})";
        }
    }

    private void WarnIfNone(FailedQuery failure)
    {
        if (IsDataNode(failure.Error) && _warnedOf.Add(failure.Node)) Log.NotASentinel(logger, failure.Node);
    }

    private void Reconcile()
    {
        _hasUnasked = false;
        foreach (NodeEndpoint member in _census.Members.Keys)
        {
            if (_peers.ContainsKey(member)) continue;
            _hasUnasked = true;
            _peers.Add(member, new SentinelPeer(member, settings.Sentinels!, settings.ServiceName!, telemetry, onEvent, logger));
        }

        // Their ends are awaited when the client's comes; a look at the topology does not wait for them.
        _leaving.RemoveAll(static end => end.IsCompletedSuccessfully);
        foreach ((NodeEndpoint gone, SentinelPeer peer) in _peers.Where(one => !_census.Members.ContainsKey(one.Key)).ToArray())
        {
            _peers.Remove(gone);
            _warnedOf.Remove(gone);
            _leaving.Add(peer.DisposeAsync().AsTask());
            Log.SentinelForgotten(logger, gone);
        }
    }
}
