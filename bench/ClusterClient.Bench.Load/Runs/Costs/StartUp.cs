// The time from nothing to the first reply, with code that has run before.
using System.Diagnostics;

namespace ClusterClient.Bench.Load;

internal static class StartUp
{
    private const int Times = 21;

    public static async Task<IReadOnlyList<Finding>> MeasureAsync(
        Run run, IReadOnlyList<InProcessContender> contenders, IProgressDisplay progress, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (TopologyKind kind in (TopologyKind[])[TopologyKind.Standalone, TopologyKind.Tls, TopologyKind.Cluster])
        {
            Target target = await run.Servers.GetAsync(kind, cancellationToken);
            foreach (InProcessContender contender in contenders)
            {
                progress.Note($"start-up, {contender.Name}, {target.Description}");
                var times = new List<double>();
                for (int i = 0; i < Times; i++)
                {
                    long start = Stopwatch.GetTimestamp();
                    ILoadClient client = await FirstReply.ConnectAndReadAsync(contender, target, cancellationToken);
                    times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
                    await client.DisposeAsync();
                }

                times.Sort();
                findings.Add(new Finding($"start-up to first reply, {target.Description}", contender.Name,
                    Figures.Micros(times[Times / 2]), $"median of {Times}; {Figures.Micros(times[0])} to {Figures.Micros(times[^1])}"));
            }
        }

        return findings;
    }
}
