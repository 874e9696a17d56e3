// How sets are combined.
namespace ClusterClient;

/// <summary>How sets are combined.</summary>
public enum SetOperation
{
    /// <summary>The members of any of them (<c>SUNION</c>).</summary>
    Union,

    /// <summary>The members of all of them (<c>SINTER</c>).</summary>
    Intersect,

    /// <summary>The members of the first that none of the others has (<c>SDIFF</c>).</summary>
    Difference,
}
