// Reads a sharded cluster: several nodes' views, merged slot by slot.
using System.Collections.Immutable;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using ClusterClient.Topology.Replies;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Topology.Cluster;

/// <param name="seeds">Where to start, and whom to ask when nobody else answers.</param>
/// <param name="endpointMap">From announced to dialed addresses, or null.</param>
/// <param name="clock">The refresher's order of events.</param>
/// <param name="time">For the grace of a round and the limit of disputes.</param>
/// <param name="logger">Where warnings go.</param>
internal sealed class ClusterTopologySource(
    ImmutableArray<NodeEndpoint> seeds, Func<NodeEndpoint, NodeEndpoint>? endpointMap, LogicalClock clock, TimeProvider time, ILogger logger) : ITopologySource
{
    private const string MinimalAcl = "The user needs +cluster|slots and should have +cluster|nodes.";

    // Read and written by the one read that runs at a time.
    private readonly SilentNodes _silent = new();
    private ClusterMemory _memory = ClusterMemory.Empty;
    private bool _warnedOfNodes;

    public async ValueTask<ITopologyReading> ReadAsync(TopologyRequest request, INodeQuery query, CancellationToken cancellationToken)
    {
        bool isStart = request.Current.Kind == TopologyKind.Unknown;
        var failures = new List<FailedQuery>();
        foreach (IReadOnlyCollection<NodeEndpoint> wave in ViewersChoice.Waves(request, seeds, query.IsConnected))
        {
            var round = new NodeRound<ClusterView>(time)
            {
                Optional = isStart ? new HashSet<NodeEndpoint>() : request.Suspects,
                Silent = isStart ? new SilentNodes() : _silent,
                LastHeard = query.LastHeard,

                // At the start any whole picture will do; the next round, which follows at once, asks several nodes.
                IsEnough = view => isStart && view.CoveredSlots >= HashSlot.Count,
            };
            RoundResult<ClusterView> result = await round.AskAsync(wave, (node, token) => AskAsync(node, query, token), cancellationToken).ConfigureAwait(false);
            failures.AddRange(result.Failures);
            if (result.Answers.Count == 0) continue;

            ImmutableArray<ClusterView> views = [.. result.Answers.Select(static answer => answer.Value)];
            return new Reading(this, isStart ? [views.MaxBy(static view => view.CoveredSlots)!] : views, isStart);
        }

        throw TopologyFailure.From(isStart ? "No seed could tell the cluster's topology" : "No node could tell the cluster's topology", failures, Advice(failures));
    }

    private async ValueTask<ClusterView> AskAsync(NodeEndpoint node, INodeQuery query, CancellationToken cancellationToken)
    {
        // Pipelined, slots first: an owner's epoch is then never older than its claim.
        long askedAt = clock.Next();
        Task<ImmutableArray<ClusterSlotsEntry>> slots = query.QueryAsync(node, new Command(TopologyCommands.ClusterSlots), ClusterSlotsParser.Instance, cancellationToken).AsTask();
        Task<ImmutableArray<ClusterNodesEntry>> nodes = query.QueryAsync(node, new Command(TopologyCommands.ClusterNodes), ClusterNodesParser.Instance, cancellationToken).AsTask();
        await Task.WhenAll(slots, nodes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (nodes.IsFaulted && slots.IsCompletedSuccessfully && nodes.Exception.InnerException is RedisServerException refusal)
        {
            if (!_warnedOfNodes) Log.TopologyDegraded(logger, node, refusal.ServerMessage);
            _warnedOfNodes = true;
            return new(node, askedAt, await slots.ConfigureAwait(false), []);
        }

        return new(node, askedAt, await slots.ConfigureAwait(false), await nodes.ConfigureAwait(false));
    }

    private static string Advice(List<FailedQuery> failures)
    {
        if (failures.Exists(static failure => failure.Error is RedisServerException { Code: "NOPERM" })) return MinimalAcl;
        return failures.Exists(static failure => TopologyProbe.IsClusterDisabled(failure.Error)) ? "It is no cluster: use topology=auto or topology=standalone." : string.Empty;
    }

    private sealed class Reading(ClusterTopologySource source, ImmutableArray<ClusterView> views, bool isStart) : ITopologyReading
    {
        private readonly ClusterMemory _before = source._memory;

        public IReadOnlyCollection<NodeEndpoint> Answered { get; } = [.. views.Select(static view => view.Source)];

        public TopologyVerdict Conclude(TopologySnapshot current, LearnedMoves learned)
        {
            long now = source.NowMilliseconds();
            ClusterMergeResult result = ClusterMerge.Merge(views, current, _before, learned, source.EndpointMap, now);
            source._memory = result.Memory;
            return new(result.Snapshot, result.Learned, result.ToAsk, result.NeedsAnotherLook || isStart);
        }
    }

    private Func<NodeEndpoint, NodeEndpoint>? EndpointMap => endpointMap;

    private long NowMilliseconds() => (long)time.GetElapsedTime(0, time.GetTimestamp()).TotalMilliseconds;
}
