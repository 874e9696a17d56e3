// One row of the comparison: an operation, a size, how many callers, how many commands each has in flight, on what servers.
using System.Globalization;

namespace ClusterClient.Bench.Load;

/// <param name="Operation">What is sent.</param>
/// <param name="ValueBytes">The length of the value read or written.</param>
/// <param name="Callers">How many independent loops run at once over one client.</param>
/// <param name="Depth">How many commands a caller sends before it awaits their replies.</param>
internal sealed record Workload(Operation Operation, int ValueBytes, int Callers, int Depth = 1)
{
    // Few keys for large values, so that the data set stays far below any server's memory.
    private const int MostData = 16 << 20;
    private const int MostKeys = 1024;

    public TopologyKind Topology { get; init; }

    /// <summary>
    /// Commands per second that fall due whether or not earlier ones have been answered (an open loop), instead of callers that wait for
    /// their replies; null for those.
    /// </summary>
    public int? Rate { get; init; }

    public Disturbance Disturbance { get; init; }

    public int KeyCount => Operation.IsMany ? 10 * OperationTraits.ManyKeys : Math.Clamp(MostData / ValueBytes, 16, MostKeys);

    public int InFlight => Callers * Depth;

    /// <summary>In closed loops above 16 in flight one command in so many is timed: two clock reads are a tenth of a pipelined command.</summary>
    public int TimeEvery => Rate is null && InFlight >= 16 ? 8 : 1;

    public string Name => string.Join(", ", ((string?[])[OperationName, Load, TopologyName, DisturbanceName]).OfType<string>());

    private string OperationName => Operation switch
    {
        Operation.Get => $"GET {Size}",
        Operation.GetFromReplicas => $"GET {Size} from replicas",
        Operation.GetLease => $"GET {Size} as lease",
        Operation.GetNumber => "GET number",
        Operation.Set => $"SET {Size}",
        Operation.Increment => "INCR",
        Operation.Mixed => $"80% GET, 20% SET {Size}",
        Operation.GetMany => $"MGET of 100 × {Size}",
        Operation.GetManyOneSlot => $"MGET of 100 × {Size} in one slot",
        Operation.FanOut => $"PUBLISH {Size}",
        _ => throw new InvalidOperationException($"No name for {Operation}."),
    };

    private string Load => this switch
    {
        { Operation: Operation.FanOut } => Callers == 1 ? "1 subscriber" : string.Create(CultureInfo.InvariantCulture, $"{Callers} subscribers"),
        { Rate: int rate } => string.Create(CultureInfo.InvariantCulture, $"open loop at {rate / 1000.0:0.###} k/s"),
        { Depth: 1 } => CallersName,
        _ => string.Create(CultureInfo.InvariantCulture, $"{CallersName}, {Depth} in flight"),
    };

    private string CallersName => Callers == 1 ? "1 caller" : string.Create(CultureInfo.InvariantCulture, $"{Callers} callers");

    private string? TopologyName => Topology switch
    {
        TopologyKind.Cluster => "cluster",
        TopologyKind.Tls => "TLS",
        TopologyKind.Replicas => "1 master + 2 replicas",
        _ => null,
    };

    private string? DisturbanceName => Disturbance switch
    {
        Disturbance.NeverAwaits => "beside one that does not consume",
        Disturbance.HandlesSlowly => "beside one that handles replies slowly",
        Disturbance.LargeValue => "beside one that reads 64 MiB",
        Disturbance.HugeValueInBulk => "beside one that reads 512 MiB over the bulk connection",
        _ => null,
    };

    private string Size => ValueBytes switch
    {
        >= 1 << 20 when ValueBytes % (1 << 20) == 0 => string.Create(CultureInfo.InvariantCulture, $"{ValueBytes >> 20} MiB"),
        >= 1 << 10 when ValueBytes % (1 << 10) == 0 => string.Create(CultureInfo.InvariantCulture, $"{ValueBytes >> 10} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{ValueBytes} B"),
    };
}
