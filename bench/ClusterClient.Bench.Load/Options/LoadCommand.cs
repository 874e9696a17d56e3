// The command line: its options, their defaults and their explanations.
using System.CommandLine;
using System.Globalization;

namespace ClusterClient.Bench.Load;

internal sealed class LoadCommand
{
    private readonly Option<bool> _quick = new("--quick") { Description = "Fewer rows, one short round: a first impression within a minute." };
    private readonly Option<string?> _operations = List("--operations", "get, get-lease, get-number, set, incr. With any of --operations, --sizes, --callers and --depths their product replaces the standard rows.");
    private readonly Option<string?> _sizes = List("--sizes", "Bytes of a value, such as 32,4096,1048576. Default 32.");
    private readonly Option<string?> _callers = List("--callers", "Concurrent callers, such as 1,16,64,256,1024. Default 64.");
    private readonly Option<string?> _depths = List("--depths", "Commands that a caller sends before it awaits their replies, such as 1,100. Default 1.");
    private readonly Option<string?> _clients = List("--clients", $"Some of {string.Join(", ", ContenderCatalog.AllNames)}. Default: all that are available.");
    private readonly Option<TopologyKind> _topology = new("--topology") { Description = "What is under load.", DefaultValueFactory = _ => TopologyKind.Standalone };
    private readonly Option<int> _masters = new("--masters") { Description = "Masters of a cluster that is started here.", DefaultValueFactory = _ => 3 };
    private readonly Option<string?> _connect = List("--connect", "Use servers that run already: host:port, for a cluster all its masters. Keys bench:* and count:* are overwritten.");
    private readonly Option<string?> _ca = new("--ca") { Description = "With --connect and --topology tls: the PEM file of the authority to trust." };
    private readonly Option<string?> _server = new("--server") { Description = "The server program to start. Default: the one that ClusterClient.Testing finds." };
    private readonly Option<string?> _redisBenchmark = new("--redis-benchmark") { Description = "The redis-benchmark program. Default: the one on PATH, if any." };
    private readonly Option<int?> _rounds = new("--rounds") { Description = "How often each client runs each row; figures are medians. Default 5." };
    private readonly Option<double?> _seconds = new("--seconds") { Description = "Seconds that count in each measurement. Default 2." };
    private readonly Option<double?> _warmUp = new("--warm-up") { Description = "Seconds before them. Default 1." };
    private readonly Option<string?> _output = new("--output") { Description = "Folder for load.json, load.md and load.svg. Default: artifacts/bench/<time>." };

    private static readonly Dictionary<string, Operation> _operationNames = new()
    {
        ["get"] = Operation.Get,
        ["get-lease"] = Operation.GetLease,
        ["get-number"] = Operation.GetNumber,
        ["set"] = Operation.Set,
        ["incr"] = Operation.Increment,
    };

    /// <summary>Parses the arguments and runs; bad ones are explained, with exit code 1.</summary>
    public static Task<int> InvokeAsync(string[] args, Func<LoadOptions, CancellationToken, Task<int>> run)
    {
        var command = new LoadCommand();
        var root = new RootCommand("Compares Redis clients for .NET under load: throughput, CPU, allocations and latency, in interleaved rounds.");
        foreach (Option option in (Option[])
            [
                command._quick, command._operations, command._sizes, command._callers, command._depths, command._clients, command._topology,
                command._masters, command._connect, command._ca, command._server, command._redisBenchmark, command._rounds, command._seconds, command._warmUp, command._output,
            ])
            root.Options.Add(option);

        root.SetAction((parsed, cancellationToken) => run(command.Read(parsed), cancellationToken));
        // Failures are reported by Program, in one line and without a stack.
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private LoadOptions Read(ParseResult parsed)
    {
        bool quick = parsed.GetValue(_quick);
        TopologyKind topology = parsed.GetValue(_topology);
        Node[] connect = [.. Split(parsed.GetValue(_connect)).Select(ParseNode)];
        string? ca = parsed.GetValue(_ca);
        if (connect.Length > 0 && (ca is not null) != (topology == TopologyKind.Tls))
            throw new ArgumentException("--ca is needed with --connect and --topology tls, and only then.");

        return new LoadOptions(
            Workloads(parsed, quick),
            Split(parsed.GetValue(_clients)),
            topology,
            AtLeast(parsed.GetValue(_masters), 1, "--masters"),
            connect,
            ca,
            parsed.GetValue(_server),
            parsed.GetValue(_redisBenchmark),
            AtLeast(parsed.GetValue(_rounds) ?? (quick ? 1 : 5), 1, "--rounds"),
            new Timing(
                TimeSpan.FromSeconds(AtLeast(parsed.GetValue(_warmUp) ?? (quick ? 0.5 : 1), 0, "--warm-up")),
                TimeSpan.FromSeconds(AtLeast(parsed.GetValue(_seconds) ?? (quick ? 1 : 2), 0.1, "--seconds"))),
            parsed.GetValue(_output) ?? ReportFiles.DefaultFolder());
    }

    private IReadOnlyList<Workload> Workloads(ParseResult parsed, bool quick)
    {
        string?[] given = [parsed.GetValue(_operations), parsed.GetValue(_sizes), parsed.GetValue(_callers), parsed.GetValue(_depths)];
        if (given.All(list => list is null)) return quick ? WorkloadPlan.Quick : WorkloadPlan.Standard;
        return WorkloadPlan.Product(
            [.. Split(given[0] ?? "get").Select(ParseOperation)],
            Numbers(given[1] ?? "32", "--sizes"),
            Numbers(given[2] ?? "64", "--callers"),
            Numbers(given[3] ?? "1", "--depths"));
    }

    private static Operation ParseOperation(string name) => _operationNames.TryGetValue(name, out Operation operation)
        ? operation
        : throw new ArgumentException($"--operations: unknown operation '{name}'. Known: {string.Join(", ", _operationNames.Keys)}.");

    private static Node ParseNode(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture, out ushort port) && port > 0)
            return new Node(text[..colon], port);

        throw new ArgumentException($"--connect: '{text}' is not host:port.");
    }

    private static int[] Numbers(string list, string option) => [.. Split(list).Select(text =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : throw new ArgumentException($"{option}: '{text}' is not a positive whole number."))];

    private static T AtLeast<T>(T value, T least, string option) where T : IComparable<T> =>
        value.CompareTo(least) >= 0 ? value : throw new ArgumentException($"{option} must be at least {least}.");

    private static string[] Split(string? list) =>
        list?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static Option<string?> List(string name, string description) => new(name) { Description = description };
}
