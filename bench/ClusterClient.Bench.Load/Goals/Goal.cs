// What a row has to reach, as the project has set it for itself.
namespace ClusterClient.Bench.Load;

/// <param name="TimesPeer">So many times the peer's commands per second, or <see cref="ShareOfFloor"/> of the floor's if that is less; null: only the floor counts.</param>
internal sealed record Goal(double? TimesPeer)
{
    public double ShareOfFloor { get; init; } = 0.75;

    /// <summary>The greatest share of the peer's CPU time per command; null: none is set.</summary>
    public double? ShareOfPeerCpu { get; init; }

    public bool IsFasterInEveryRound { get; init; }

    /// <summary>The goal for commands per second; null where none is set.</summary>
    public static Goal? For(Workload workload) => workload switch
    {
        { Rate: not null } or { Topology: TopologyKind.Tls } or { Disturbance: not Disturbance.None } => null,
        { Operation: Operation.Get, ValueBytes: 32, Topology: TopologyKind.Cluster } => ForClusterGet(workload),
        { Topology: TopologyKind.Cluster or TopologyKind.Replicas } => null,
        { Operation: Operation.Get, ValueBytes: 32 } => ForGet(workload),
        { Operation: Operation.Get or Operation.GetLease, ValueBytes: 4 << 10, Callers: 64, Depth: 1 } => new Goal(2),
        { Operation: Operation.Get or Operation.GetLease, ValueBytes: 1 << 20, Callers: 8, Depth: 1 } => new Goal(TimesPeer: null) { ShareOfFloor = 0.95 },
        _ => null,
    };

    /// <summary>Whether the row must allocate nothing: less than a byte per command, for the background does allocate now and then.</summary>
    public static bool IsFreeOfAllocation(Workload workload) =>
        workload.Operation is Operation.GetLease or Operation.GetNumber or Operation.Set or Operation.Increment;

    private static Goal? ForGet(Workload workload) => (workload.Callers, workload.Depth) switch
    {
        (1, 1) => new Goal(TimesPeer: null) { ShareOfFloor = 0.8, ShareOfPeerCpu = 0.8, IsFasterInEveryRound = true },
        (16, 1) => new Goal(3),
        (64, 1) => new Goal(4) { ShareOfPeerCpu = 0.3 },
        (256, 1) => new Goal(4.5),
        (1024, 1) => new Goal(3.5),
        (1, 100) => new Goal(2.2),
        _ => null,
    };

    private static Goal? ForClusterGet(Workload workload) => (workload.Callers, workload.Depth) switch
    {
        (64 or 256, 1) => new Goal(4),
        (1, 100) => new Goal(2.2),
        _ => null,
    };
}
