// The interleaved rounds: every contender in every round, in an order that turns around from round to round.
namespace ClusterClient.Bench.Load;

internal sealed class Comparison(
    ServersUnderTest servers, IReadOnlyList<IContender> contenders, IReadOnlyList<Workload> workloads, int rounds, Timing timing)
{
    private readonly HashSet<(TopologyKind, Operation, bool, bool)> _warm = [];
    private readonly List<Row> _rows = [];

    public int PlannedRows => workloads.Count;

    public int FinishedRows { get; private set; }

    public int Measurements => contenders.Count * workloads.Count * rounds;

    /// <summary>What has been measured so far; the last row may lack rounds.</summary>
    public IReadOnlyList<Row> Rows => _rows;

    /// <summary>
    /// Measures row by row, so that what one row compares was measured within seconds: the machine's other load changes over minutes.
    /// </summary>
    public async Task RunAsync(IProgressDisplay progress, CancellationToken cancellationToken)
    {
        foreach (Workload workload in workloads)
        {
            Target target = await servers.GetAsync(workload.Topology, cancellationToken);
            await WarmUpAsync(target, workload, progress, cancellationToken);
            var row = new Row(workload, [.. contenders.Select(contender => new Entry(contender.Name))]);
            _rows.Add(row);
            DataSet data = DataSet.For(workload);
            await data.WriteAsync(target, workload.Operation, cancellationToken);
            for (int round = 0; round < rounds; round++)
            {
                foreach (int index in Order(round))
                {
                    progress.Begin(workload, contenders[index].Name, round + 1, rounds);
                    await MeasureAsync(contenders[index], target, workload, data, row.Entries[index], timing, cancellationToken);
                    progress.Advance();
                }
            }

            FinishedRows++;
            progress.Finish(row);
        }
    }

    // Each contender comes first, last and in between equally often, forwards and backwards in turn.
    private IEnumerable<int> Order(int round)
    {
        IEnumerable<int> indexes = Enumerable.Range(0, contenders.Count).Select(i => (i + (round / 2)) % contenders.Count);
        return round % 2 == 0 ? indexes : indexes.Reverse();
    }

    private static async Task MeasureAsync(
        IContender contender, Target target, Workload workload, DataSet data, Entry entry, Timing timing, CancellationToken cancellationToken)
    {
        // What failed once has no figures to be trusted; trying again would only take time.
        if (entry.Failure is not null) return;
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

    // The first run of a client's code meets it before it is compiled to its final form; it is thrown away.
    private async Task WarmUpAsync(Target target, Workload workload, IProgressDisplay progress, CancellationToken cancellationToken)
    {
        if (!_warm.Add((workload.Topology, workload.Operation, workload.Depth > 1, workload.Rate is not null))) return;
        Workload moderate = workload with { Callers = Math.Min(workload.Callers, 16), Disturbance = Disturbance.None };
        Timing brief = timing with { Window = TimeSpan.FromSeconds(Math.Min(0.5, timing.Window.TotalSeconds)) };
        DataSet data = DataSet.For(moderate);
        await data.WriteAsync(target, moderate.Operation, cancellationToken);
        foreach (IContender contender in contenders)
        {
            progress.BeginWarmUp(moderate, contender.Name);
            await MeasureAsync(contender, target, moderate, data, new Entry(contender.Name), brief, cancellationToken);
        }
    }
}
