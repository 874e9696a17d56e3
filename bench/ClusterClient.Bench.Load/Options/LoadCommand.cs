// The command line: its options, their defaults and their explanations.
using System.CommandLine;

namespace ClusterClient.Bench.Load;

internal sealed class LoadCommand
{
    private const string Product = "With any of --operations, --sizes, --callers, --depths and --rate their product replaces the standard rows.";

    private readonly Option<bool> _quick = new("--quick") { Description = "Fewer rows, one short round: a first impression within a minute." };
    private readonly Option<bool> _costs = new("--costs") { Description = "Instead of the rows: what a token, a timeout and listeners cost a call; memory of connections and clients; start-up; 10,000 callers; ill-behaved callers." };
    private readonly Option<bool> _freshness = new("--freshness") { Description = "Instead of the rows: what bounds on staleness and sessions cost against plain replica reads, for one client and for a thousand." };
    private readonly Option<string?> _operations = List("--operations", $"{OptionText.OperationNames}. Default get. {Product}");
    private readonly Option<string?> _sizes = List("--sizes", "Bytes of a value, such as 32,4096,1048576. Default 32.");
    private readonly Option<string?> _callers = List("--callers", "Concurrent callers, such as 1,16,64,256,1024. Default 64.");
    private readonly Option<string?> _depths = List("--depths", "Commands that a caller sends before it awaits their replies, such as 1,100. Default 1.");
    private readonly Option<string?> _rate = List("--rate", "Open loop instead of callers: so many commands a second, each timed from when it fell due, such as 20000,80000.");
    private readonly Option<string?> _topology = List("--topology", "What is under load: standalone, tls, cluster, replicas. Default: all that the standard rows need, else standalone.");
    private readonly Option<string?> _clients = List("--clients", $"Some of {string.Join(", ", ContenderCatalog.AllNames)}. Default: all that are available.");
    private readonly Option<int> _masters = new("--masters") { Description = "Masters of a cluster that is started here.", DefaultValueFactory = _ => 3 };
    private readonly Option<string?> _connect = List("--connect", "Use servers that run already: host:port, for a cluster all its masters. Keys bench:* and count:* are overwritten.");
    private readonly Option<string?> _ca = new("--ca") { Description = "With --connect and --topology tls: the PEM file of the authority to trust." };
    private readonly Option<string?> _server = new("--server") { Description = "The server program to start. Default: the one that ClusterClient.Testing finds." };
    private readonly Option<string?> _redisBenchmark = new("--redis-benchmark") { Description = "The redis-benchmark program. Default: the one on PATH, if any." };
    private readonly Option<int?> _rounds = new("--rounds") { Description = "How often each client runs each row; figures are medians. Default 5." };
    private readonly Option<double?> _seconds = new("--seconds") { Description = "Seconds that count in each measurement. Default 2." };
    private readonly Option<double?> _warmUp = new("--warm-up") { Description = "Seconds before them. Default 1." };
    private readonly Option<string?> _output = new("--output") { Description = "Folder for what is saved. Default: artifacts/bench/<time>." };

    /// <summary>Parses the arguments and runs; bad ones are explained, with exit code 1.</summary>
    public static Task<int> InvokeAsync(string[] args, Func<LoadOptions, CancellationToken, Task<int>> run)
    {
        var command = new LoadCommand();
        var root = new RootCommand("Compares Redis clients for .NET under load: throughput, CPU, allocations and latency, in interleaved rounds.");
        foreach (Option option in (Option[])
            [
                command._quick, command._costs, command._freshness, command._operations, command._sizes, command._callers, command._depths, command._rate,
                command._topology, command._clients, command._masters, command._connect, command._ca, command._server,
                command._redisBenchmark, command._rounds, command._seconds, command._warmUp, command._output,
            ])
            root.Options.Add(option);

        root.SetAction((parsed, cancellationToken) => run(command.Read(parsed), cancellationToken));
        // Failures are reported by Program, in one line and without a stack.
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private LoadOptions Read(ParseResult parsed)
    {
        bool quick = parsed.GetValue(_quick);
        bool costs = parsed.GetValue(_costs), freshness = parsed.GetValue(_freshness);
        if (costs && freshness) throw new ArgumentException("--costs and --freshness are runs of their own: give one.");
        TopologyKind[]? topologies = parsed.GetValue(_topology) is string list ? OptionText.Topologies(list) : null;
        Node[] connect = OptionText.Nodes(parsed.GetValue(_connect));
        if (connect.Length > 0)
        {
            topologies ??= [TopologyKind.Standalone];
            if (topologies.Length > 1 || costs || freshness) throw new ArgumentException("--connect names servers of one topology; --costs and --freshness start what they need themselves.");
            if ((parsed.GetValue(_ca) is not null) != (topologies[0] == TopologyKind.Tls))
                throw new ArgumentException("--ca is needed with --connect and --topology tls, and only then.");
        }

        return new LoadOptions(
            costs,
            freshness,
            costs || freshness ? [] : Workloads(parsed, quick, topologies),
            OptionText.Split(parsed.GetValue(_clients)),
            OptionText.AtLeast(parsed.GetValue(_masters), 1, "--masters"),
            connect,
            parsed.GetValue(_ca),
            parsed.GetValue(_server),
            parsed.GetValue(_redisBenchmark),
            OptionText.AtLeast(parsed.GetValue(_rounds) ?? (quick ? 1 : 5), 1, "--rounds"),
            new Timing(
                TimeSpan.FromSeconds(OptionText.AtLeast(parsed.GetValue(_warmUp) ?? (quick ? 0.5 : 1), 0, "--warm-up")),
                TimeSpan.FromSeconds(OptionText.AtLeast(parsed.GetValue(_seconds) ?? (quick ? 1 : 2), 0.1, "--seconds"))),
            parsed.GetValue(_output) ?? ReportFiles.DefaultFolder());
    }

    private IReadOnlyList<Workload> Workloads(ParseResult parsed, bool quick, TopologyKind[]? topologies)
    {
        string?[] given = [.. ((Option<string?>[])[_operations, _sizes, _callers, _depths, _rate]).Select(parsed.GetValue)];
        if (given.All(list => list is null))
        {
            IReadOnlyList<Workload> rows = quick ? WorkloadPlan.Quick : WorkloadPlan.Standard;
            return [.. rows.Where(row => topologies is null || topologies.Contains(row.Topology))];
        }

        return WorkloadPlan.Product(
            topologies ?? [TopologyKind.Standalone],
            OptionText.Operations(given[0] ?? "get"),
            OptionText.Numbers(given[1] ?? "32", "--sizes"),
            OptionText.Numbers(given[2] ?? "64", "--callers"),
            OptionText.Numbers(given[3] ?? "1", "--depths"),
            OptionText.Numbers(given[4] ?? "", "--rate"));
    }

    private static Option<string?> List(string name, string description) => new(name) { Description = description };
}
