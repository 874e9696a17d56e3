// Walks through a replicated deployment: from the nodes that are known to those they name, upwards and downwards.
using System.Collections.Immutable;

namespace ClusterClient.Topology.Replication;

/// <summary>What one walk brought.</summary>
/// <param name="Views">The answers, one a server.</param>
/// <param name="Addresses">The address each server is dialed by, by every address it goes by.</param>
/// <param name="Failures">Why the others gave none.</param>
/// <param name="Unreachable">Those without an answer that cannot be connected to and seem dead, whether or not anybody waited to hear it again.</param>
internal sealed record ReplicationRound(
    ImmutableArray<ReplicationView> Views, ImmutableDictionary<NodeEndpoint, NodeEndpoint> Addresses, IReadOnlyList<FailedQuery> Failures, IReadOnlySet<NodeEndpoint> Unreachable)
{
    /// <summary>The address a server is dialed by.</summary>
    public NodeEndpoint Canonical(NodeEndpoint address) => Addresses.GetValueOrDefault(address, address);

    /// <summary>A server's answer, under any of its addresses; null when it gave none.</summary>
    public ReplicationView? At(NodeEndpoint address)
    {
        NodeEndpoint canonical = Canonical(address);
        return Views.FirstOrDefault(view => view.Source == canonical);
    }

    /// <summary>The top of the chain a server stands in: a master that answered, or the last address that is named and gives no answer.</summary>
    public NodeEndpoint RootOf(ReplicationView view)
    {
        ReplicationView at = view;
        for (int links = 0; links < Views.Length && at.Master is { } master; links++)
        {
            if (At(master) is not { } above) return Canonical(master);
            at = above;
        }

        return at.Source;
    }
}

/// <summary>Makes the walks of one source.</summary>
/// <param name="endpointMap">From announced to dialed addresses, or null.</param>
/// <param name="asker">Asks one server.</param>
/// <param name="time">For the grace of a round.</param>
internal sealed class ReplicationWalk(Func<NodeEndpoint, NodeEndpoint>? endpointMap, ReplicationAsker asker, TimeProvider time)
{
    private const int MostNodes = 1024;

    private readonly SilentNodes _silent = new();

    // Other addresses of servers that are known: they need not be dialed to be recognised.
    private ImmutableDictionary<NodeEndpoint, NodeEndpoint> _aliases = ImmutableDictionary<NodeEndpoint, NodeEndpoint>.Empty;

    /// <summary>Asks the nodes given, and all that they name, and all that those name.</summary>
    /// <param name="first">Where to begin; on a server with several addresses the earlier one counts.</param>
    /// <param name="suspects">Nobody waits for these, nor for those that cannot be connected to or were silent the last time.</param>
    /// <param name="query">Asks.</param>
    /// <param name="cancellationToken">Ends the walk.</param>
    public async ValueTask<ReplicationRound> WalkAsync(IReadOnlyList<NodeEndpoint> first, IReadOnlySet<NodeEndpoint> suspects, INodeQuery query, CancellationToken cancellationToken)
    {
        Dictionary<string, NodeEndpoint> byRunId = new(StringComparer.Ordinal);
        ImmutableDictionary<NodeEndpoint, NodeEndpoint>.Builder addresses = ImmutableDictionary.CreateBuilder<NodeEndpoint, NodeEndpoint>();
        List<ReplicationView> views = [];
        List<FailedQuery> failures = [];
        HashSet<NodeEndpoint> seen = [];
        List<NodeEndpoint> wave = [.. first.Where(node => IsNew(node, seen))];
        while (wave.Count > 0)
        {
            HashSet<NodeEndpoint> optional = [.. wave.Where(node => suspects.Contains(node) || query.IsUnreachable(node))];
            var round = new NodeRound<ReplicationView>(time) { Optional = optional, HasAnswer = views.Count > 0, Silent = _silent, LastHeard = query.LastHeard };
            RoundResult<ReplicationView> result = await round.AskAsync(wave, (node, token) => asker.AskAsync(node, query, token), cancellationToken).ConfigureAwait(false);
            failures.AddRange(result.Failures);
            List<NodeEndpoint> next = [];
            foreach (ReplicationView view in result.Answers.Select(static answer => answer.Value).OrderBy(view => wave.IndexOf(view.Source)))
            {
                addresses[view.Source] = view.Source;
                if (view.RunId is { } run && !byRunId.TryAdd(run, view.Source))
                {
                    addresses[view.Source] = byRunId[run];
                    continue;
                }

                views.Add(Mapped(view, addresses));
                next.AddRange(views[^1].Followers.Select(static follower => follower.Announced).Concat(views[^1].Master is { } master ? [master] : []).Where(node => seen.Count < MostNodes && IsNew(node, seen)));
            }

            wave = [.. next.Distinct()];
        }

        // An alias holds as long as its server answers.
        HashSet<NodeEndpoint> answered = [.. views.Select(static view => view.Source)];
        foreach ((NodeEndpoint alias, NodeEndpoint canonical) in _aliases)
        {
            if (answered.Contains(canonical) && !addresses.ContainsKey(alias)) addresses[alias] = canonical;
        }

        ImmutableDictionary<NodeEndpoint, NodeEndpoint> all = addresses.ToImmutable();
        _aliases = ImmutableDictionary.CreateRange(all.Where(static pair => pair.Key != pair.Value && pair.Value != default));
        return new([.. views], all, failures, seen.Where(node => !answered.Contains(node) && query.SeemsDead(node)).ToHashSet());
    }

    private bool IsNew(NodeEndpoint node, HashSet<NodeEndpoint> seen) => !(_aliases.TryGetValue(node, out NodeEndpoint canonical) && seen.Contains(canonical)) && seen.Add(node);

    /// <summary>The same view with addresses that can be dialed from here; what they were announced as is remembered as another name of theirs.</summary>
    private ReplicationView Mapped(ReplicationView view, ImmutableDictionary<NodeEndpoint, NodeEndpoint>.Builder addresses) => view with
    {
        Master = view.Master is { } master ? Dialed(master, addresses) : null,
        Followers = [.. view.Followers.Select(follower => follower with { Announced = Dialed(follower.Announced, addresses) })],
    };

    private NodeEndpoint Dialed(NodeEndpoint announced, ImmutableDictionary<NodeEndpoint, NodeEndpoint>.Builder addresses)
    {
        if (endpointMap is null) return announced;
        NodeEndpoint dialed = endpointMap(announced);
        if (dialed != announced) addresses.TryAdd(announced, dialed);
        return dialed;
    }
}
