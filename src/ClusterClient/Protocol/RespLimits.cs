// How much a peer may claim before its bytes count as hostile.
namespace ClusterClient.Protocol;

/// <summary>
/// Bounds on what a peer may send. A frame that exceeds one ends with a <see cref="RedisProtocolException"/>
/// as soon as its header has arrived.
/// </summary>
public sealed record RespLimits
{
    // ReadTree recurses, so no setting may go past what a thread-pool stack surely carries.
    internal const int DepthCeiling = 512;

    // Lines that hold a number, a length or less: no real one comes near. Not for the user to set.
    internal const int HeaderLength = 64;

    /// <summary>The defaults below.</summary>
    public static RespLimits Default { get; } = new();

    /// <summary>The longest bulk string in bytes. Default 512 MiB, the servers' own <c>proto-max-bulk-len</c>.</summary>
    public int MaxBulkLength { get; init => field = Positive(value, int.MaxValue); } = 512 * 1024 * 1024;

    /// <summary>The longest simple string, error or big number in bytes. Default 1 MiB.</summary>
    public int MaxLineLength { get; init => field = Positive(value, int.MaxValue); } = 1024 * 1024;

    /// <summary>The most elements one aggregate may announce (a map's pair counts as two). Default 2^27.</summary>
    public int MaxAggregateLength { get; init => field = Positive(value, int.MaxValue); } = 1 << 27;

    /// <summary>How deep aggregates may nest, attributes included. Default 128, at most 512.</summary>
    public int MaxDepth { get; init => field = Positive(value, DepthCeiling); } = 128;

    /// <summary>The longest frame in bytes. Default is what one array can hold, just under 2 GiB.</summary>
    public int MaxFrameLength { get; init => field = Positive(value, Array.MaxLength); } = Array.MaxLength;

    private static int Positive(int value, int maximum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, maximum);
        return value;
    }
}
