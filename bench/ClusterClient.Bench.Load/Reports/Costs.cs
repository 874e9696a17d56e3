// What a call, a connection and a client cost, and what ill-behaved callers do to others.
namespace ClusterClient.Bench.Load;

/// <param name="What">What was measured.</param>
/// <param name="Client">For which client.</param>
/// <param name="Figure">The figure, with its unit.</param>
/// <param name="Remark">What it is to be compared with.</param>
internal sealed record Finding(string What, string Client, string Figure, string Remark = "");

/// <param name="Findings">The small table.</param>
/// <param name="Results">The rows it was drawn from.</param>
internal sealed record Costs(IReadOnlyList<Finding> Findings, Results Results);
