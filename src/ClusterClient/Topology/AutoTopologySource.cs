// Asks the first node that answers what it is, once, and reads that kind of deployment from then on (topology=auto).
using System.Collections.Immutable;

namespace ClusterClient.Topology;

/// <param name="seeds">Whom to ask.</param>
/// <param name="create">Makes the source for a kind; throws for a kind that is not supported.</param>
/// <param name="time">For the grace of a round.</param>
internal sealed class AutoTopologySource(ImmutableArray<NodeEndpoint> seeds, Func<TopologyKind, ITopologySource> create, TimeProvider time) : ITopologySource
{
    private ITopologySource? _source;

    public async ValueTask<ITopologyReading> ReadAsync(TopologyRequest request, INodeQuery query, CancellationToken cancellationToken)
    {
        _source ??= create(await IdentifyAsync(query, cancellationToken).ConfigureAwait(false));
        return await _source.ReadAsync(request, query, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<TopologyKind> IdentifyAsync(INodeQuery query, CancellationToken cancellationToken)
    {
        var round = new NodeRound<TopologyKind>(time) { IsEnough = static _ => true };
        RoundResult<TopologyKind> result = await round.AskAsync(seeds, (node, token) => TopologyProbe.IdentifyAsync(node, query, token), cancellationToken).ConfigureAwait(false);
        return result.Answers.Count > 0 ? result.Answers[0].Value : throw TopologyFailure.From("No server could be reached", result.Failures);
    }
}
