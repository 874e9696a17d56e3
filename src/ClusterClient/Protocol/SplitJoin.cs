// How the replies to the parts of a command cut by slot become one.
namespace ClusterClient.Protocol;

/// <summary>How the replies become one when a command on many keys is cut into one command a slot; what a client cannot join exactly is not cut.</summary>
internal enum SplitJoin
{
    /// <summary>It is not cut.</summary>
    None,

    /// <summary>Values in the order of the keys, counts as their sum, acknowledgements as one (MGET, DEL, MSET).</summary>
    ByKey,

    /// <summary>The members of any part (SUNION).</summary>
    Union,

    /// <summary>The members of all parts (SINTER).</summary>
    Intersection,

    /// <summary>How many members all parts have, up to the limit (SINTERCARD).</summary>
    IntersectionSize,

    /// <summary>The members of the first key's part that no other has (SDIFF).</summary>
    Difference,

    /// <summary>How many members all parts have, up to the limit (ZINTERCARD).</summary>
    SortedIntersectionSize,

    /// <summary>The members of the first key's part that no other has, in their order and with their scores (ZDIFF). ZINTER and ZUNION add scores, in an order of their own: no client can do that exactly.</summary>
    SortedDifference,
}
