// How the replies of several nodes become one.
namespace ClusterClient.Protocol;

/// <summary>How the replies to a command that went to several nodes become the one that its caller gets. All must succeed in any case.</summary>
internal enum KeylessJoin
{
    /// <summary>They are alike (OK, the digest of a script): the first stands for all.</summary>
    First,

    /// <summary>Their sum (DBSIZE).</summary>
    Sum,

    /// <summary>Place by place, 1 only where all say 1 (SCRIPT EXISTS).</summary>
    And,

    /// <summary>All elements, each once (KEYS).</summary>
    Union,

    /// <summary>One of those that are not null, at random (RANDOMKEY).</summary>
    Pick,

    /// <summary>Pairs of a name and a number: the numbers added up by name (PUBSUB NUMSUB).</summary>
    SumByName,
}
