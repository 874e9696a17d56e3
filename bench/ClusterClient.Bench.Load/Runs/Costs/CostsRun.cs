// The run that measures costs: of calls by their style, of clients at rest, of their start, of crowds and of ill-behaved callers.
using Spectre.Console;

namespace ClusterClient.Bench.Load;

internal static class CostsRun
{
    public static async Task<int> RunAsync(Run run, CancellationToken cancellationToken)
    {
        InProcessContender[] clients = [.. run.Contenders.OfType<InProcessContender>()];
        InProcessContender[] whole = [.. clients.Where(client => client.Name != Results.Floor)];
        IReadOnlyList<IContender> styles = clients.Any(client => client.Name == Results.Own) ? CallStyles.Contenders : [];
        run.WriteHeading(clients);

        Comparison calls = Compare(styles, [CallStyles.Workload]);
        Comparison crowd = Compare(clients, [Crowd.Workload]);
        Comparison neighbours = Compare(whole, Neighbours.Workloads);
        Comparison[] comparisons = [calls, crowd, neighbours];
        var findings = new List<Finding>();
        var progress = new ConsoleProgress(run.Console, comparisons.Sum(comparison => comparison.Measurements), () => Save());
        try
        {
            findings.AddRange(await Rest.MeasureAsync(run, whole, progress, cancellationToken));
            findings.AddRange(await StartUp.MeasureAsync(run, whole, progress, cancellationToken));
            foreach (Comparison comparison in comparisons) await comparison.RunAsync(progress, cancellationToken);
        }
        catch (OperationCanceledException) when (findings.Count > 0)
        {
            // What was measured is shown and saved all the same.
        }

        progress.Close();
        run.Console.WriteLine();
        CostsReport.Write(run.Console, Costs());
        run.Saved(Save());
        if (cancellationToken.IsCancellationRequested) return 130;
        return comparisons.SelectMany(comparison => comparison.Rows).SelectMany(row => row.Entries).Any(entry => entry.Failure is not null) ? 1 : 0;

        Comparison Compare(IReadOnlyList<IContender> contenders, IReadOnlyList<Workload> workloads) =>
            new(run.Servers, contenders, contenders.Count > 0 ? workloads : [], run.Options.Rounds, run.Options.Timing);

        Costs Costs() => new(
            [.. CallStyles.Findings(calls.Rows), .. findings, .. Crowd.Findings(crowd.Rows), .. Neighbours.Findings(neighbours.Rows)],
            run.Results(comparisons));

        IReadOnlyList<string> Save() => ReportFiles.Save(run.Options.OutputFolder, Costs());
    }
}
