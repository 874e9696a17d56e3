// Why the topology was asked for, or changed.
namespace ClusterClient;

/// <summary>What made the client ask for the topology, or change its picture of it.</summary>
public enum TopologyChangeReason
{
    /// <summary>The client started.</summary>
    Bootstrap,

    /// <summary>The refresh interval passed.</summary>
    Periodic,

    /// <summary>The application asked.</summary>
    Requested,

    /// <summary>A node answered MOVED: the slot has another owner.</summary>
    Moved,

    /// <summary>A node answered ASK and named a node that is not known.</summary>
    Ask,

    /// <summary>A connection died or could not be made.</summary>
    ConnectionLost,

    /// <summary>A node has been silent for too long.</summary>
    NodeSuspect,

    /// <summary>A node that was down or silent can be reached again.</summary>
    NodeRecovered,

    /// <summary>A node answered CLUSTERDOWN.</summary>
    ClusterDown,

    /// <summary>A node that was taken for a master answered READONLY.</summary>
    ReadOnly,

    /// <summary>A command's slot has no owner.</summary>
    UncoveredSlot,

    /// <summary>A Sentinel tells of a failover, or of a node that is down or back.</summary>
    SentinelEvent,

    /// <summary>A failover is under way, or its outcome is not confirmed yet: another look.</summary>
    Failover,

    /// <summary>The new master of an eager failover was not the one the Sentinels settled on: what was written to it is lost.</summary>
    FailoverRevoked,

    /// <summary>The nodes contradicted each other, or named a node without its address: another look.</summary>
    Disputed,
}
