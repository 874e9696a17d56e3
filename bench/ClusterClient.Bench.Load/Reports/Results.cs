// Everything that a run found out, for all reports.
namespace ClusterClient.Bench.Load;

/// <param name="Machine">Where it ran.</param>
/// <param name="Server">What was under load.</param>
/// <param name="Settings">Rounds and times, in words.</param>
/// <param name="Command">The arguments with which the run was started.</param>
/// <param name="LoadBefore">The machine's load average before the run; null where there is none.</param>
/// <param name="LoadAfter">The same after it.</param>
/// <param name="Rows">The workloads and their figures.</param>
internal sealed record Results(
    MachineFacts Machine, string Server, string Settings, string Command, string? LoadBefore, string? LoadAfter, IReadOnlyList<Row> Rows)
{
    /// <summary>The clients that figures are compared with, in the order of the columns.</summary>
    public const string Floor = "raw";

    public const string Peer = "se";

    public bool Has(string contender) => Rows.Any(row => row[contender]?.Median is not null);
}
