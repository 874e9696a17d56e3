// Everything that a run found out, for all reports.
namespace ClusterClient.Bench.Load;

/// <param name="Machine">Where it ran.</param>
/// <param name="Servers">What was under load.</param>
/// <param name="Settings">Rounds and times, in words.</param>
/// <param name="Command">The arguments with which the run was started.</param>
/// <param name="LoadBefore">The machine's load average before the run; null where there is none.</param>
/// <param name="LoadAfter">The same after it.</param>
/// <param name="Rows">The workloads and their figures.</param>
internal sealed record Results(
    MachineFacts Machine, string Servers, string Settings, string Command, string? LoadBefore, string? LoadAfter, IReadOnlyList<Row> Rows)
{
    /// <summary>The client that is judged, and those that figures are compared with.</summary>
    public const string Own = "cluster-client";

    public const string Floor = "raw";

    public const string Peer = "se";

    /// <summary>How many rows the run was to have.</summary>
    public required int PlannedRows { get; init; }

    public required int FinishedRows { get; init; }

    /// <summary>What is missing of a run that has not ended yet, or was stopped.</summary>
    public string? Missing => FinishedRows < PlannedRows ? $"Not complete: {FinishedRows} of {PlannedRows} rows; a further one may have some of its rounds." : null;

    public bool Has(string contender) => Rows.Any(row => row[contender]?.Median is not null);
}
