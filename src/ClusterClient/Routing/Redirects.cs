// What a refusal means for where a command goes next, for all who send commands.
using ClusterClient.Connections;
using ClusterClient.Protocol;
using ClusterClient.Topology;

namespace ClusterClient.Routing;

/// <summary>What to do with a command that a node refused.</summary>
/// <param name="Target">Who is to be asked at once; null to wait a little and then ask whoever is the owner by then.</param>
/// <param name="IsAsking">Whether ASKING must precede. It speaks of this moment: after any wait the owner must be asked again, or the target may meanwhile be one that would make the key a second time.</param>
/// <param name="AwaitsMaster">Whether it waits for a master, while which deadlines may stand still.</param>
/// <param name="IsToItself">Whether the node named itself: its address has changed hands, or stands before several nodes, and if a fresh look does not help, another connection to it may.</param>
internal readonly record struct Verdict(NodeEndpoint? Target = null, bool IsAsking = false, bool AwaitsMaster = false, bool IsToItself = false);

/// <summary>The redirect table of the design is <see cref="Judge"/>.</summary>
internal static class Redirects
{
    /// <summary>So many in a row are followed at once; later ones wait in between, lest two nodes that disagree are hammered.</summary>
    internal const int Prompt = 3;

    /// <summary>Whether a refusal names another node.</summary>
    internal static bool IsOne(in Rejection rejection) => rejection.Kind is RejectionKind.Moved or RejectionKind.Ask or RejectionKind.Redirect;

    /// <summary>Teaches the topology what a refusal says that is neither final nor about a whole transaction, and tells where to go next.</summary>
    /// <param name="router">The client's router.</param>
    /// <param name="from">Who refused.</param>
    /// <param name="command">What was refused.</param>
    /// <param name="rejection">How.</param>
    /// <param name="text">The same in the server's words.</param>
    /// <param name="redirects">How many redirects in a row this call has met, this one included.</param>
    /// <param name="unsent">What is known of the command's effect so far.</param>
    /// <exception cref="RedisException">The user's map of addresses failed.</exception>
    internal static Verdict Judge(Router router, Connection from, CommandInfo command, in Rejection rejection, string text, int redirects, Outcome unsent)
    {
        string words = $"{from.Node} answered {text}";
        if (!IsOne(rejection))
        {
            Report(router, from.Endpoint, rejection, words);
            return new(AwaitsMaster: rejection.Kind != RejectionKind.TryLater);
        }

        if (rejection.Kind == RejectionKind.Ask) from.Telemetry?.Asked();
        else from.Telemetry?.Moved();
        TopologySnapshot snapshot = router.Table.Snapshot;
        if (Resolve(router, command, rejection, from.Endpoint, unsent) is not { } target)
        {
            // "?:port", or port 0: the server does not know the address. Another node's view of the topology may.
            router.Refresher.RequestRefresh(TopologyChangeReason.Moved, from.Endpoint, words);
            return default;
        }

        if (target == (snapshot.NodeAt(from.Endpoint)?.Endpoint ?? from.Endpoint))
        {
            router.Refresher.RequestRefresh(TopologyChangeReason.Moved, from.Endpoint, words);
            return new(IsToItself: true);
        }

        switch (rejection.Kind)
        {
            case RejectionKind.Moved when router.Refresher.IsSuperseded(target):
                router.Refresher.RequestRefresh(TopologyChangeReason.Disputed, from.Endpoint, $"{words}, but a newer master has replaced that node");
                return new(AwaitsMaster: true);
            case RejectionKind.Moved:
                router.Moved(rejection.Slot, target, from.Endpoint);
                break;
            case RejectionKind.Ask:
                if (snapshot.NodeAt(target) is null || router.MustHearOfMove(rejection.Slot)) router.Refresher.RequestRefresh(TopologyChangeReason.Ask, from.Endpoint, words);
                break;
            default:
                Report(router, from.Endpoint, rejection, words);
                break;
        }

        return redirects <= Prompt ? new(target, IsAsking: rejection.Kind == RejectionKind.Ask) : default;
    }

    /// <summary>Has the topology looked at, if a refusal that names no slot says that it may not be what it was.</summary>
    /// <param name="router">The client's router.</param>
    /// <param name="from">Who refused.</param>
    /// <param name="rejection">How.</param>
    /// <param name="words">The same for people.</param>
    internal static void Report(Router router, NodeEndpoint from, in Rejection rejection, string words)
    {
        if (rejection.Kind == RejectionKind.TryLater) return;
        router.Refresher.RequestRefresh(rejection.Kind == RejectionKind.ClusterDown ? TopologyChangeReason.ClusterDown : TopologyChangeReason.ReadOnly, from, words);
    }

    /// <summary>Why no further redirect is followed.</summary>
    internal static string TooMany(Router router, int slot)
        => $"gave up after {router.Settings.MaxRedirects} redirects (maxRedirects): the nodes do not agree on who serves slot {slot}";

    /// <summary>The address of a redirect's target; null when the server does not know it.</summary>
    private static NodeEndpoint? Resolve(Router router, CommandInfo command, in Rejection rejection, NodeEndpoint from, Outcome unsent)
    {
        if (rejection.Port == 0) return null;
        try
        {
            return RedirectTarget.Resolve(router.Table.Snapshot, rejection.Host, rejection.Port, from, router.Settings.EndpointMap);
        }
        catch (Exception failure)
        {
            throw new RedisException(
                $"{command.Name} was redirected by {from} to {rejection.Host}:{rejection.Port}, for which the EndpointMap failed: {failure.Message} {OperationErrors.Explain(unsent)}", unsent, failure)
            { Node = from.ToString(), CommandName = command.Name };
        }
    }
}
