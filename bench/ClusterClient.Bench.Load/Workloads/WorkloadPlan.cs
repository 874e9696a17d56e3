// Which workloads a run measures: the standard table, or the product of what the user listed.
namespace ClusterClient.Bench.Load;

internal static class WorkloadPlan
{
    private const int Small = 32;
    private const int Page = 4 << 10;
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
        new(Operation.GetLease, Small, Callers: 64),
        new(Operation.GetNumber, Small, Callers: 64),
        new(Operation.Set, Small, Callers: 64),
        new(Operation.Increment, Small, Callers: 64),
        new(Operation.Get, Page, Callers: 64),
        new(Operation.GetLease, Page, Callers: 64),
        new(Operation.Set, Page, Callers: 64),
        new(Operation.Get, Large, Callers: 8),
        new(Operation.GetLease, Large, Callers: 8),
        new(Operation.Set, Large, Callers: 8),
    ];

    /// <summary>A reduced table that ends within a minute and still shows every kind of row.</summary>
    public static IReadOnlyList<Workload> Quick { get; } =
    [
        new(Operation.Get, Small, Callers: 1),
        new(Operation.Get, Small, Callers: 64),
        new(Operation.Get, Small, Callers: 1, Depth: 100),
        new(Operation.Set, Small, Callers: 64),
        new(Operation.GetLease, Page, Callers: 64),
    ];

    /// <summary>Every operation with every size, at every number of callers and every depth; sizes say nothing about numbers.</summary>
    public static IReadOnlyList<Workload> Product(
        IReadOnlyList<Operation> operations, IReadOnlyList<int> sizes, IReadOnlyList<int> callers, IReadOnlyList<int> depths)
    {
        var workloads = new List<Workload>();
        foreach (Operation operation in operations)
            foreach (int size in operation is Operation.Increment or Operation.GetNumber ? [Small] : sizes)
                foreach (int depth in depths)
                    foreach (int count in callers)
                        workloads.Add(new Workload(operation, size, count, depth));

        return workloads;
    }
}
