// What an error reply to a subscription asks of the client.
using System.Text;
using ClusterClient.Protocol;
using ClusterClient.Routing;
using ClusterClient.Topology;

namespace ClusterClient.PubSub;

internal enum RefusalKind
{
    /// <summary>Another node takes it, and the topology knows which by now.</summary>
    Elsewhere,

    /// <summary>The cluster is not ready: the same again, a little later.</summary>
    Later,

    /// <summary>It will never be permitted.</summary>
    Final,
}

internal static class Refusal
{
    /// <summary>Reads the refusal, and teaches the topology what it says.</summary>
    internal static RefusalKind Read(string error, CommandInfo command, NodeEndpoint from, Router router)
    {
        Rejection rejection = Rejection.Read(Encoding.UTF8.GetBytes(error), command);
        if (rejection.Kind == RejectionKind.Final) return RefusalKind.Final;
        if (rejection.Kind == RejectionKind.Moved && rejection.Port != 0
            && RedirectTarget.Resolve(router.Table.Snapshot, rejection.Host, rejection.Port, from, router.Settings.EndpointMap) is { } target && target != from)
        {
            router.Moved(rejection.Slot, target, from);
            return RefusalKind.Elsewhere;
        }

        router.Refresher.RequestRefresh(TopologyChangeReason.ClusterDown, from, $"{from} refused a subscription: {rejection.Kind}");
        return RefusalKind.Later;
    }
}
