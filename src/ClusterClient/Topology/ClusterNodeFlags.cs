// What CLUSTER NODES says of a node, as bits.
namespace ClusterClient;

/// <summary>The flags of a node in <c>CLUSTER NODES</c>, and what Sentinels say of it.</summary>
[Flags]
public enum ClusterNodeFlags
{
    /// <summary>None (<c>noflags</c>).</summary>
    None = 0,

    /// <summary>The node that answered (<c>myself</c>).</summary>
    Myself = 1,

    /// <summary>A master (<c>master</c>).</summary>
    Master = 2,

    /// <summary>A replica (<c>slave</c>).</summary>
    Replica = 4,

    /// <summary>The node that answered cannot reach it (<c>fail?</c>, PFAIL).</summary>
    PossiblyFailed = 8,

    /// <summary>The majority of masters agreed that it is gone (<c>fail</c>).</summary>
    Failed = 16,

    /// <summary>It was only just introduced and its id is provisional (<c>handshake</c>).</summary>
    Handshake = 32,

    /// <summary>Its address is not known (<c>noaddr</c>).</summary>
    NoAddress = 64,

    /// <summary>A replica that will not try to become master (<c>nofailover</c>).</summary>
    NoFailover = 128,

    /// <summary>At least one Sentinel cannot reach it (<c>s_down</c>).</summary>
    SubjectivelyDown = 256,

    /// <summary>As many Sentinels as the quorum asks for cannot reach it (<c>o_down</c>).</summary>
    ObjectivelyDown = 512,
}
