// Where a command without keys goes in a cluster.
namespace ClusterClient.Protocol;

/// <summary>
/// The policy of a command without keys where the keys are spread over several masters. Outside a cluster there is one server, and none of this matters.
/// </summary>
internal enum KeylessRoute
{
    /// <summary>It has keys, which say where it goes, or the shared connection refuses it. Without keys it goes to some master.</summary>
    None,

    /// <summary>Every node answers equally well (PING, TIME).</summary>
    AnyNode,

    /// <summary>One master does it for all (PUBLISH), or knows what all know (FUNCTION LIST).</summary>
    AnyMaster,

    // From here on one node is not enough, or not for the client to choose.

    /// <summary>Every master, for what each keeps by itself (SCRIPT LOAD, FUNCTION LOAD); one that becomes master meanwhile too.</summary>
    AllMasters,

    /// <summary>Every master, for the keys that it holds (DBSIZE, FLUSHALL): a slot that moves meanwhile must be neither missed nor counted twice.</summary>
    Keyspace,

    /// <summary>Every node, for what belongs to its own connections (PUBSUB CHANNELS).</summary>
    AllNodes,

    /// <summary>It acts on, or tells of, the one node it reaches (SHUTDOWN, INFO): which one is not for the client to choose.</summary>
    Pinned,
}
