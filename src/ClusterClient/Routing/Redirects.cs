// Where a MOVED or ASK leads, for all who follow one.
using ClusterClient.Connections;
using ClusterClient.Protocol;
using ClusterClient.Topology;

namespace ClusterClient.Routing;

internal static class Redirects
{
    /// <summary>The address of a redirect's target; null when the server does not know it.</summary>
    /// <param name="router">The client's router.</param>
    /// <param name="command">What was redirected.</param>
    /// <param name="rejection">The redirect.</param>
    /// <param name="from">Who redirects.</param>
    /// <param name="unsent">What is known of the command's effect so far.</param>
    /// <exception cref="RedisException">The user's map failed.</exception>
    internal static NodeEndpoint? Resolve(Router router, CommandInfo command, in Rejection rejection, NodeEndpoint from, Outcome unsent)
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

    /// <summary>Whether a node redirects to itself: its address has changed hands, or stands before several nodes.</summary>
    internal static bool IsToSender(TopologySnapshot snapshot, NodeEndpoint target, NodeEndpoint from) => target == (snapshot.NodeAt(from)?.Endpoint ?? from);
}
