// What an error reply means for the router.
namespace ClusterClient.Routing;

/// <summary>The kinds of error replies that the router treats differently: one row each of the redirect table.</summary>
internal enum RejectionKind
{
    /// <summary>An answer like any other: the caller's to see.</summary>
    Final,

    /// <summary>MOVED: the slot belongs to another node.</summary>
    Moved,

    /// <summary>ASK: this key is just moving to another node; the slot is not.</summary>
    Ask,

    /// <summary>REDIRECT (Valkey): another node serves all of it.</summary>
    Redirect,

    /// <summary>Not executed, and likely to go well a moment later: TRYAGAIN, LOADING, NOREPLICAS, BUSY.</summary>
    TryLater,

    /// <summary>Not executed: the cluster, or this slot, is not served at the moment.</summary>
    ClusterDown,

    /// <summary>Not executed: a replica without its master.</summary>
    MasterDown,

    /// <summary>Not executed: what was taken for a master is a replica.</summary>
    ReadOnly,

    /// <summary>The whole transaction was discarded or redirected: not executed, but one command of it cannot be sent again alone.</summary>
    TransactionDiscarded,

    /// <summary>A blocking command was unblocked by somebody else: it took nothing.</summary>
    Unblocked,
}
