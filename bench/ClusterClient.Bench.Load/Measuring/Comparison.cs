// The interleaved rounds: every contender in every round, in an order that turns around from round to round.
namespace ClusterClient.Bench.Load;

internal sealed class Comparison(
    Target target, IReadOnlyList<IContender> contenders, IReadOnlyList<Workload> workloads, int rounds, Timing timing)
{
    public int Measurements => contenders.Count * workloads.Count * rounds;

    /// <summary>
    /// Measures row by row, so that what one row compares was measured within seconds: the machine's other load changes over minutes.
    /// </summary>
    public async Task<IReadOnlyList<Row>> RunAsync(IProgressDisplay progress, CancellationToken cancellationToken)
    {
        await WarmUpAsync(progress, cancellationToken);
        var rows = new List<Row>();
        foreach (Workload workload in workloads)
        {
            var row = new Row(workload, [.. contenders.Select(contender => new Entry(contender.Name))]);
            rows.Add(row);
            DataSet data = DataSet.For(workload);
            await data.WriteAsync(target, workload.Operation, cancellationToken);
            for (int round = 0; round < rounds; round++)
            {
                foreach (int index in Order(round))
                {
                    progress.Begin(workload, contenders[index].Name, round + 1, rounds);
                    await MeasureAsync(contenders[index], workload, data, row.Entries[index], cancellationToken);
                    progress.Advance();
                }
            }

            progress.Finish(row);
        }

        return rows;
    }

    // Each contender comes first, last and in between equally often, forwards and backwards in turn.
    private IEnumerable<int> Order(int round)
    {
        IEnumerable<int> indexes = Enumerable.Range(0, contenders.Count).Select(i => (i + (round / 2)) % contenders.Count);
        return round % 2 == 0 ? indexes : indexes.Reverse();
    }

    private async Task MeasureAsync(
        IContender contender, Workload workload, DataSet data, Entry entry, CancellationToken cancellationToken)
    {
        if (contender.WhyNot(target, workload) is string reason)
        {
            entry.Note = reason;
            return;
        }

        try
        {
            entry.Samples.Add(await contender.MeasureAsync(target, workload, data, timing, cancellationToken));
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // One contender's failure is a result of its own; the others' figures are still wanted.
            entry.Failure = $"{failure.GetType().Name}: {failure.Message}";
        }
    }

    // The first run of a client meets code that is not compiled to its final form yet; it is thrown away.
    private async Task WarmUpAsync(IProgressDisplay progress, CancellationToken cancellationToken)
    {
        foreach (Workload workload in workloads.DistinctBy(workload => (workload.Operation, workload.Depth)))
        {
            Workload moderate = workload with { Callers = Math.Min(workload.Callers, 16) };
            DataSet data = DataSet.For(moderate);
            await data.WriteAsync(target, moderate.Operation, cancellationToken);
            foreach (IContender contender in contenders)
            {
                progress.BeginWarmUp(moderate, contender.Name);
                await MeasureAsync(contender, moderate, data, new Entry(contender.Name), cancellationToken);
            }
        }
    }
}
