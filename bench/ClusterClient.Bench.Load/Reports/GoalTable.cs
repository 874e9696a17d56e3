// The goals and whether they were met, as cells: one line a workload, one column a kind of goal.
namespace ClusterClient.Bench.Load;

internal static class GoalTable
{
    private static readonly (GoalKind Kind, string Title)[] _columns =
    [
        (GoalKind.Throughput, "commands/s"),
        (GoalKind.EveryRound, "faster than SE in"),
        (GoalKind.Cpu, "CPU/cmd"),
        (GoalKind.P99, "p99 (at most SE's)"),
        (GoalKind.Allocation, "B/cmd"),
    ];

    /// <summary>The titles, and a line for each workload that has goals.</summary>
    public static (IReadOnlyList<string> Titles, IReadOnlyList<IReadOnlyList<string>> Lines) For(Results results)
    {
        var judged = results.Rows.Select(row => (Row: row, Checks: row.Goals)).Where(line => line.Checks.Count > 0).ToArray();
        (GoalKind Kind, string Title)[] columns = [.. _columns.Where(column => judged.Any(line => line.Checks.Any(check => check.Kind == column.Kind)))];
        return (
            ["workload", .. columns.Select(column => column.Title)],
            [.. judged.Select(line => (IReadOnlyList<string>)[line.Row.Name, .. columns.Select(column => Cell(line.Checks, column.Kind))])]);
    }

    /// <summary>How many were met, in words; null when there was nothing to judge.</summary>
    public static string? Summary(Results results)
    {
        GoalCheck[] checks = [.. results.Rows.SelectMany(row => row.Goals)];
        return checks.Length == 0 ? null : $"{checks.Count(check => check.IsMet)} of {checks.Length} targets met.";
    }

    private static string Cell(IReadOnlyList<GoalCheck> checks, GoalKind kind) =>
        checks.FirstOrDefault(check => check.Kind == kind) is not GoalCheck check ? ""
            : check.IsMet ? $"✓ {check.Got}, {check.Wanted}" : $"✗ {check.Got}, {check.Wanted}";
}
