// Under which condition a key's expiry is set.
namespace ClusterClient;

/// <summary>What has to be true of a key's expiry for another to be set (Redis 7.0).</summary>
public enum ExpireWhen
{
    /// <summary>It does not matter.</summary>
    Always,

    /// <summary>It has none (<c>NX</c>).</summary>
    HasNoExpiry,

    /// <summary>It has one (<c>XX</c>).</summary>
    HasExpiry,

    /// <summary>It has one, and the new one is later (<c>GT</c>).</summary>
    GreaterThanCurrentExpiry,

    /// <summary>It has none, or the new one is earlier (<c>LT</c>).</summary>
    LessThanCurrentExpiry,
}
