// What positions in a string count.
namespace ClusterClient;

/// <summary>What positions in a string count.</summary>
public enum StringIndexType
{
    /// <summary>Bytes.</summary>
    Byte,

    /// <summary>Bits (Redis 7.0).</summary>
    Bit,
}
