// All Sentinels of one master: those that were given and those they tell of.
using System.Collections.Concurrent;
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Topology.Sentinel;

/// <summary>What the Sentinels answered.</summary>
/// <param name="Views">What those that answered believe.</param>
/// <param name="Failures">Why others did not.</param>
/// <param name="Known">How many there are.</param>
internal sealed record SentinelRound(IReadOnlyList<SentinelView> Views, IReadOnlyList<FailedQuery> Failures, int Known)
{
    /// <summary>Nobody was waited for.</summary>
    public static SentinelRound Nothing { get; } = new([], [], int.MaxValue);
}

internal sealed class SentinelPeers(ClientSettings settings, Telemetry telemetry, TimeProvider time, Action<NodeEndpoint, SentinelEvent?> onEvent, ILogger logger) : IAsyncDisposable
{
    /// <summary>More are not learned: nobody runs as many, and a liar could name any number.</summary>
    private const int Most = 64;

    private readonly ConcurrentDictionary<NodeEndpoint, SentinelPeer> _peers = new();
    private readonly HashSet<NodeEndpoint> _warnedOf = [];
    private IReadOnlySet<NodeEndpoint> _silent = new HashSet<NodeEndpoint>();
    private volatile bool _isDisposed;

    /// <summary>Asks all at once. One read at a time.</summary>
    internal async Task<SentinelRound> AskAsync(CancellationToken cancellationToken)
    {
        foreach (NodeEndpoint seed in settings.Endpoints) Add(seed);
        var round = new NodeRound<SentinelView>(time) { Optional = _silent };
        RoundResult<SentinelView> result = await round.AskAsync([.. _peers.Keys], (node, token) => _peers[node].AskAsync(token), cancellationToken).ConfigureAwait(false);
        _silent = result.Silent.Union(result.Failures.Select(static failure => failure.Node)).ToHashSet();
        foreach (FailedQuery failure in result.Failures) WarnIfNone(failure);
        foreach (NodeEndpoint learned in result.Answers.SelectMany(static answer => answer.Value.Sentinels)) Add(settings.Map(learned));
        return new([.. result.Answers.Select(static answer => answer.Value)], result.Failures, _peers.Keys.Count(node => !_warnedOf.Contains(node)));
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
            : TopologyFailure.From($"No Sentinel could tell the master of '{name}'", round.Failures);
    }

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        foreach (SentinelPeer peer in _peers.Values) await peer.DisposeAsync().ConfigureAwait(false);
    }

    private static bool IsNoSuchMaster(Exception error) => error is RedisServerException refusal && refusal.ServerMessage.Contains("No such master", StringComparison.OrdinalIgnoreCase);

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

    private void Add(NodeEndpoint sentinel)
    {
        if (_isDisposed || _peers.Count >= Most || _peers.ContainsKey(sentinel)) return;
        _peers.TryAdd(sentinel, new SentinelPeer(sentinel, settings.Sentinels!, settings.ServiceName!, telemetry, onEvent, logger));
    }
}
