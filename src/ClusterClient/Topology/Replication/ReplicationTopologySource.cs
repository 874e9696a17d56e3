// Reads a master with replicas that no Sentinel watches, from any one of them.
using System.Collections.Immutable;
using ClusterClient.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Topology.Replication;

/// <summary>Also reads a lone server: it is one without replicas, so far.</summary>
/// <param name="seeds">Where to start, and whom to ask beside those that are known.</param>
/// <param name="endpointMap">From announced to dialed addresses, or null.</param>
/// <param name="isAlways">Whether a lone server counts as a master whose replicas are still to come (<c>topology=replicated</c>).</param>
/// <param name="time">For the grace of a round.</param>
/// <param name="logger">Where warnings go.</param>
internal sealed class ReplicationTopologySource(
    ImmutableArray<NodeEndpoint> seeds, Func<NodeEndpoint, NodeEndpoint>? endpointMap, bool isAlways, TimeProvider time, ILogger logger) : ITopologySource
{
    /// <summary>How long a replica that is down, and that no node names any more, stays a member.</summary>
    private static readonly TimeSpan _rememberLost = TimeSpan.FromMinutes(5);

    private readonly ReplicationWalk _walk = new(endpointMap, new ReplicationAsker(logger), time);

    // When each node answered last, or was first named if it never did.
    private readonly Dictionary<NodeEndpoint, long> _lastSeen = [];
    private readonly HurriedNode _hurried = new(time);

    // The history of the present master's data: a replica that is promoted has it as its previous one.
    private string? _replicationId;
    private ImmutableArray<NodeEndpoint> _rivals = [];

    public async ValueTask<ITopologyReading> ReadAsync(TopologyRequest request, INodeQuery query, CancellationToken cancellationToken)
    {
        // Whoever left and comes back is new.
        foreach (NodeEndpoint gone in _lastSeen.Keys.Where(known => request.Current.NodeAt(known) is null).ToArray()) _lastSeen.Remove(gone);
        TopologySnapshot current = Remembered(request.Current);

        // Whether the only server there is can be reached is its connection's business.
        if (current.Nodes is [var alone] && seeds.Length == 1 && request.Suspects.Contains(alone.Endpoint)) return new Unchanged();

        // Who refuses this client is no suspect: it answers, though this walk may end before it says so once more.
        request = request with { Suspects = request.Suspects.Except(request.Suspects.Where(node => query.IsUnreachable(node) && !query.SeemsDead(node))) };

        // Whether it lives decides between it and its rival, and a connection that died young is otherwise made anew only after a pause.
        if (!_rivals.IsEmpty && current.Masters is [var master, ..] && request.Suspects.Contains(master.Endpoint)) _hurried.Hurry(master.Endpoint, query);
        else _hurried.Rest();
        NodeEndpoint[] first = [.. current.Nodes.Select(static node => node.Endpoint).Concat(seeds).Distinct()];
        ReplicationRound round = await _walk.WalkAsync(first, request.Suspects, query, cancellationToken).ConfigureAwait(false);
        if (round.Views.IsEmpty) throw TopologyFailure.From("No server could be reached", round.Failures);
        long now = time.GetTimestamp();
        foreach (ReplicationView view in round.Views) _lastSeen[view.Source] = now;
        return new Reading(this, round, request);
    }

    private TopologySnapshot Remembered(TopologySnapshot current)
    {
        long now = time.GetTimestamp();
        foreach (TopologyNode node in current.Nodes) _lastSeen.TryAdd(node.Endpoint, now);
        ImmutableArray<TopologyNode> kept = [.. current.Nodes.Where(node => node.IsMaster || node.IsAvailable || time.GetElapsedTime(_lastSeen[node.Endpoint], now) < _rememberLost)];
        return kept.Length == current.Nodes.Length ? current : TopologySnapshot.ForReplication(current.Version, current.Kind, kept);
    }

    /// <summary>Says once of each new state of affairs that several nodes call themselves masters.</summary>
    private (TopologyChangeReason Reason, string Detail)? Dispute(ReplicationPicture picture)
    {
        bool isNews = !picture.Rivals.SequenceEqual(_rivals);
        _rivals = picture.Rivals;
        if (picture.Rivals.IsEmpty || !isNews) return null;
        string rivals = string.Join(", ", picture.Rivals);
        Log.TwoMasters(logger, picture.Master, rivals, picture.Choice);
        return (TopologyChangeReason.Disputed, $"{rivals} also says to be master; {picture.Choice}");
    }

    private sealed class Reading(ReplicationTopologySource source, ReplicationRound round, TopologyRequest request) : ITopologyReading
    {
        public IReadOnlyCollection<NodeEndpoint> Answered { get; } = [.. round.Views.Select(static view => view.Source)];

        public TopologyVerdict Conclude(TopologySnapshot current, LearnedMoves learned)
        {
            ReplicationPicture picture = new ReplicationMerge(round, source.Remembered(current), source._replicationId, request.Suspects).Merge();
            if (round.At(picture.Master) is { ReplicationId: { } id }) source._replicationId = id;
            TopologyKind kind = picture.Nodes.Length > 1 || source.IsAlways || current.Kind == TopologyKind.Replicated ? TopologyKind.Replicated : TopologyKind.Standalone;
            TopologySnapshot next = TopologySnapshot.ForReplication(current.Version + 1, kind, picture.Nodes);
            bool isNews = !next.SaysTheSameAs(current) || (request.WantsFigures && !next.Nodes.Select(static node => (node.Replication?.Offset, node.Replication?.Lag)).SequenceEqual(current.Nodes.Select(static node => (node.Replication?.Offset, node.Replication?.Lag))));

            // Between two masters there is none for a moment. And a node that did not answer may have come back before this was concluded: then nobody will say so.
            bool isOpen = round.At(picture.Master) is { IsMaster: false } || picture.Nodes.Any(static node => !node.IsAvailable);
            return new(isNews ? next : current, LearnedMoves.None, [], isOpen) { Cause = source.Dispute(picture) };
        }
    }

    private bool IsAlways => isAlways;

    private sealed class Unchanged : ITopologyReading
    {
        public IReadOnlyCollection<NodeEndpoint> Answered => [];

        public TopologyVerdict Conclude(TopologySnapshot current, LearnedMoves learned) => new(current, learned, [], NeedsAnotherLook: false);
    }
}
