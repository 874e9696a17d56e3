// The memory of clients that have been used and are at rest.
using System.Globalization;

namespace ClusterClient.Bench.Load;

internal static class Rest
{
    private const int Clients = 50;

    public static async Task<IReadOnlyList<Finding>> MeasureAsync(
        Run run, IReadOnlyList<InProcessContender> contenders, IProgressDisplay progress, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (InProcessContender contender in contenders)
        {
            progress.Note($"memory at rest, {contender.Name}");
            Footprint one = await MeasureAsync(contender, await run.Servers.GetAsync(TopologyKind.Standalone, cancellationToken), cancellationToken);
            Footprint many = await MeasureAsync(contender, await run.Servers.GetAsync(TopologyKind.Cluster, cancellationToken), cancellationToken);
            findings.Add(one.ToFinding("memory of a client at rest, standalone", contender.Name));
            findings.Add(many.ToFinding("memory of a client at rest, cluster", contender.Name));
            if (many.Connections > one.Connections) findings.Add(Footprint.PerConnection(one, many, contender.Name));
        }

        return findings;
    }

    private static async Task<Footprint> MeasureAsync(InProcessContender contender, Target target, CancellationToken cancellationToken)
    {
        await using ServerStatistics statistics = await ServerStatistics.ConnectAsync(target, cancellationToken);
        var clients = new List<ILoadClient>();
        try
        {
            // The first client also pays for what all share.
            clients.Add(await FirstReply.ConnectAndReadAsync(contender, target, cancellationToken));
            ServerTotals before = await statistics.ReadAsync(cancellationToken);
            (long heap, long resident) = Memory();
            for (int i = 0; i < Clients; i++) clients.Add(await FirstReply.ConnectAndReadAsync(contender, target, cancellationToken));

            (long heapAfter, long residentAfter) = Memory();
            ServerTotals after = await statistics.ReadAsync(cancellationToken);
            return new Footprint(
                (heapAfter - heap) / (double)Clients, (residentAfter - resident) / (double)Clients, (after - before).Connections / Clients ?? 1);
        }
        finally
        {
            foreach (ILoadClient client in clients) await client.DisposeAsync();
        }
    }

    private static (long Heap, long Resident) Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
    }

    private readonly record struct Footprint(double Heap, double Resident, double Connections)
    {
        public static Finding PerConnection(Footprint one, Footprint many, string client)
        {
            double more = many.Connections - one.Connections;
            return new Finding("memory of a further connection", client, Kibibytes((many.Heap - one.Heap) / more), "managed heap; a cluster's client less a standalone one");
        }

        public Finding ToFinding(string what, string client) => new(what, client, Kibibytes(Heap), string.Create(
            CultureInfo.InvariantCulture, $"managed heap; {Kibibytes(Resident)} resident; {Connections:0.#} connections"));

        private static string Kibibytes(double bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024:0.0} KiB");
    }
}
