// The main run: every row for every client, printed and saved.
using Spectre.Console;

namespace ClusterClient.Bench.Load;

internal static class ComparisonRun
{
    /// <summary>Saves after each row, so that a run that is killed leaves what it has.</summary>
    public static async Task<int> RunAsync(Run run, CancellationToken cancellationToken)
    {
        LoadOptions options = run.Options;
        run.WriteHeading(run.Contenders);
        var comparison = new Comparison(run.Servers, run.Contenders, options.Workloads, options.Rounds, options.Timing);
        var progress = new ConsoleProgress(run.Console, comparison.Measurements, () => ReportFiles.Save(options.OutputFolder, run.Results(comparison)));
        try
        {
            await comparison.RunAsync(progress, cancellationToken);
        }
        catch (OperationCanceledException) when (comparison.Rows.Count > 0)
        {
            // What was measured is shown and saved all the same.
        }

        progress.Close();
        Results results = run.Results(comparison);
        run.Console.WriteLine();
        ConsoleReport.Write(run.Console, results);
        run.Saved(ReportFiles.Save(options.OutputFolder, results));

        if (cancellationToken.IsCancellationRequested) return 130;
        // The table has said what failed; a script sees it by the exit code.
        return comparison.Rows.SelectMany(row => row.Entries).Any(entry => entry.Failure is not null) ? 1 : 0;
    }
}
