// Which workloads a run measures: the standard table, a part of it, or the product of what the user listed.
namespace ClusterClient.Bench.Load;

internal static class WorkloadPlan
{
    private const int Small = 32;
    private const int Page = 4 << 10;
    private const int Medium = 64 << 10;
    private const int Large = 1 << 20;

    /// <summary>The rows by which this client is judged against its peers.</summary>
    public static IReadOnlyList<Workload> Standard { get; } =
    [
        new(Operation.Get, Small, Callers: 1),
        new(Operation.Get, Small, Callers: 16),
        new(Operation.Get, Small, Callers: 64),
        new(Operation.Get, Small, Callers: 256),
        new(Operation.Get, Small, Callers: 1024),
        new(Operation.Get, Small, Callers: 1, Depth: 100),
        new(Operation.Get, Small, Callers: 1, Depth: 1000),
        new(Operation.GetLease, Small, Callers: 64),
        new(Operation.GetNumber, Small, Callers: 64),
        new(Operation.Set, Small, Callers: 64),
        new(Operation.Increment, Small, Callers: 64),
        new(Operation.Mixed, Small, Callers: 64),
        new(Operation.GetMany, Small, Callers: 16),
        new(Operation.Get, Page, Callers: 64),
        new(Operation.GetLease, Page, Callers: 64),
        new(Operation.Set, Page, Callers: 64),
        new(Operation.Get, Medium, Callers: 16),
        new(Operation.GetLease, Medium, Callers: 16),
        new(Operation.Get, Large, Callers: 8),
        new(Operation.GetLease, Large, Callers: 8),
        new(Operation.Set, Large, Callers: 8),
        new(Operation.FanOut, Small, Callers: 1),
        new(Operation.FanOut, Small, Callers: 16),
        new(Operation.FanOut, Small, Callers: 64),
        Open(20_000),
        Open(80_000),
        new(Operation.Get, Small, Callers: 1) { Topology = TopologyKind.Tls },
        new(Operation.Get, Small, Callers: 64) { Topology = TopologyKind.Tls },
        new(Operation.Get, Small, Callers: 64) { Topology = TopologyKind.Cluster },
        new(Operation.Get, Small, Callers: 256) { Topology = TopologyKind.Cluster },
        new(Operation.Get, Small, Callers: 1, Depth: 100) { Topology = TopologyKind.Cluster },
        new(Operation.Mixed, Small, Callers: 64) { Topology = TopologyKind.Cluster },
        new(Operation.GetManyOneSlot, Small, Callers: 16) { Topology = TopologyKind.Cluster },
        new(Operation.GetMany, Small, Callers: 16) { Topology = TopologyKind.Cluster },
        new(Operation.Get, Small, Callers: 64) { Topology = TopologyKind.Replicas },
        new(Operation.GetFromReplicas, Small, Callers: 64) { Topology = TopologyKind.Replicas },
        new(Operation.Get, Small, Callers: 256) { Topology = TopologyKind.Replicas },
        new(Operation.GetFromReplicas, Small, Callers: 256) { Topology = TopologyKind.Replicas },
    ];

    /// <summary>A reduced table that ends within a minute and still shows every kind of row.</summary>
    public static IReadOnlyList<Workload> Quick { get; } =
    [
        new(Operation.Get, Small, Callers: 1),
        new(Operation.Get, Small, Callers: 64),
        new(Operation.Get, Small, Callers: 1, Depth: 100),
        new(Operation.Set, Small, Callers: 64),
        new(Operation.GetLease, Page, Callers: 64),
        new(Operation.Get, Small, Callers: 64) { Topology = TopologyKind.Cluster },
    ];

    /// <summary>
    /// Every operation with every size, at every number of callers and every depth, or at every rate if there are any, on every topology;
    /// sizes say nothing about numbers.
    /// </summary>
    public static IReadOnlyList<Workload> Product(
        IReadOnlyList<TopologyKind> topologies,
        IReadOnlyList<Operation> operations,
        IReadOnlyList<int> sizes,
        IReadOnlyList<int> callers,
        IReadOnlyList<int> depths,
        IReadOnlyList<int> rates)
    {
        IEnumerable<Workload> rows =
            from topology in topologies
            from operation in operations
            from size in operation.HasSize ? sizes : [Small]
            from load in rates.Count > 0
                ? rates.Select(rate => Open(rate))
                : from depth in depths from count in callers select new Workload(operation, size, count, depth)
            select load with { Operation = operation, ValueBytes = size, Topology = topology };
        Workload[] planned = [.. rows];
        if (planned.Any(row => row is { Operation: Operation.GetFromReplicas, Topology: not TopologyKind.Replicas }))
            throw new ArgumentException("get-replica needs replicas: with --topology replicas.");
        if (planned.Any(row => row is { Operation: Operation.Mixed } and ({ Depth: > 1 } or { Rate: not null })))
            throw new ArgumentException("mixed is for callers with one command in flight each: without --depths and --rate.");
        if (planned.Any(row => row is { Operation: Operation.FanOut } and ({ Depth: > 1 } or { Rate: not null } or { Topology: TopologyKind.Cluster })))
            throw new ArgumentException("fan-out has subscribers and a pace of its own: without --depths and --rate, and not on a cluster.");
        if (planned.Any(row => row is { Operation: Operation.FanOut, ValueBytes: < sizeof(long) }))
            throw new ArgumentException("fan-out needs --sizes of 8 or more: a message carries the time it was sent at.");
        return planned;
    }

    private static Workload Open(int rate) => new(Operation.Get, Small, Callers: 1) { Rate = rate };
}
