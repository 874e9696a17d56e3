// One server, whatever else it is part of.
using System.Collections.Immutable;
using ClusterClient.Protocol;
using ClusterClient.Topology.Replies;

namespace ClusterClient.Topology;

/// <summary>
/// One server, which owns every slot. Of several seeds the first master that answers is taken, else the first that answers at all, and kept as
/// long as it answers; what a seed announces is not looked at, so the endpoint map has nothing to do.
/// </summary>
internal sealed class StandaloneTopologySource(ImmutableArray<NodeEndpoint> seeds, TimeProvider time) : ITopologySource
{
    public async ValueTask<ITopologyReading> ReadAsync(TopologyRequest request, INodeQuery query, CancellationToken cancellationToken)
    {
        var failures = new List<FailedQuery>();
        ImmutableArray<NodeEndpoint> current = [.. request.Current.Nodes.Select(static node => node.Endpoint)];

        // Whether the only server there is can be reached is its connection's business.
        if (current.Length > 0 && seeds.Length == 1) return new Unchanged();
        foreach (ImmutableArray<NodeEndpoint> wave in new[] { current, seeds.RemoveRange(current) })
        {
            var round = new NodeRound<HelloReply>(time) { IsEnough = static hello => hello.Role != NodeRole.Replica };
            RoundResult<HelloReply> result = await round.AskAsync(wave, (node, token) => AskAsync(node, query, token), cancellationToken).ConfigureAwait(false);
            failures.AddRange(result.Failures);
            if (result.Answers.Count == 0) continue;
            return new Reading(result.Answers.OrderBy(static answer => answer.Value.Role == NodeRole.Replica).First());
        }

        throw TopologyFailure.From("No server could be reached", failures);
    }

    // A server that does not know HELLO, or refuses it, answers all the same.
    private static async ValueTask<HelloReply> AskAsync(NodeEndpoint node, INodeQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return await query.QueryAsync(node, new Command(TopologyCommands.Hello), HelloParser.Instance, cancellationToken).ConfigureAwait(false);
        }
        catch (RedisServerException)
        {
            return new HelloReply();
        }
    }

    private sealed class Unchanged : ITopologyReading
    {
        public IReadOnlyCollection<NodeEndpoint> Answered => [];

        public TopologyVerdict Conclude(TopologySnapshot current, LearnedMoves learned) => new(current, learned, [], NeedsAnotherLook: false);
    }

    private sealed class Reading(NodeAnswer<HelloReply> answer) : ITopologyReading
    {
        public IReadOnlyCollection<NodeEndpoint> Answered { get; } = [answer.Node];

        public TopologyVerdict Conclude(TopologySnapshot current, LearnedMoves learned)
        {
            // It takes every key, even where it only is a replica that will refuse the writes: there is no other.
            var node = new TopologyNode(answer.Node, NodeRole.Master) { AvailabilityZone = answer.Value.AvailabilityZone };
            TopologySnapshot next = TopologySnapshot.ForStandalone(current.Version + 1, node);
            return new(next.SaysTheSameAs(current) ? current : next, LearnedMoves.None, [], NeedsAnotherLook: false);
        }
    }
}
