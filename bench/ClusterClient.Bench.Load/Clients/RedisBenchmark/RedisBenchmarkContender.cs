// redis-benchmark, the servers' own load generator, in the floor's shape: one connection, as many commands in flight.
using System.Diagnostics;
using System.Globalization;

namespace ClusterClient.Bench.Load;

internal sealed class RedisBenchmarkContender(string path) : IContender
{
    public const string ContenderName = "redis-benchmark";

    private const int CalibrationCommands = 20_000;

    public string Name => ContenderName;

    /// <summary>Makes it available if it is at the path given, or on PATH.</summary>
    public static void AnnounceIfInstalled(string? path)
    {
        string? found = path ?? FindOnPath();
        if (found is not null) ContenderCatalog.Add(new RedisBenchmarkContender(found));
    }

    public string? WhyNot(Target target, Workload workload) => (target, workload) switch
    {
        ({ IsCluster: true }, _) => "measured on one server only",
        ({ IsTls: true }, _) => "measured without TLS only",
        (_, { ValueBytes: > 4 << 10 }) => "large values are not measured",
        (_, { Operation: Operation.Mixed } or { Operation: Operation.GetMany } or { Operation: Operation.GetManyOneSlot } or { Operation: Operation.FanOut }) => "has no such operation",
        (_, { Rate: not null } or { Disturbance: not Disturbance.None }) => "has no such load",
        _ => null,
    };

    public async Task<Sample> MeasureAsync(
        Target target, Workload workload, DataSet data, Timing timing, CancellationToken cancellationToken)
    {
        // It runs for a number of commands, not for a time: a short run tells how many fill the window.
        Result calibration = await RunAsync(target, workload, data, CalibrationCommands, cancellationToken);
        double wanted = calibration.CommandsPerSecond * timing.Window.TotalSeconds;
        Result result = await RunAsync(target, workload, data, (long)Math.Max(wanted, CalibrationCommands), cancellationToken);
        return new Sample { CommandsPerSecond = result.CommandsPerSecond, P50Microseconds = result.P50, P99Microseconds = result.P99 };
    }

    private static string? FindOnPath()
    {
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return folders.Select(folder => Path.Combine(folder, ContenderName)).FirstOrDefault(File.Exists);
    }

    private async Task<Result> RunAsync(
        Target target, Workload workload, DataSet data, long commands, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(path) { RedirectStandardOutput = true, RedirectStandardError = true };
        Node node = target.Masters[0];
        AddAll(start, "-h", node.Host, "-p", Text(node.Port), "-c", "1", "-P", Text(workload.InFlight), "-n", Text(commands), "--csv");
        switch (workload.Operation)
        {
            case Operation.Set:
                AddAll(start, "-d", Text(workload.ValueBytes), "-t", "set");
                break;
            case Operation.Increment:
                AddAll(start, "-t", "incr");
                break;
            default:
                AddAll(start, "GET", data.Keys[0]);
                break;
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{path} did not start.");
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
            string output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0) throw new InvalidOperationException($"{path} ended with {process.ExitCode}: {await errors}");
            return Parse(output);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    // "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
    private static Result Parse(string output)
    {
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] header = Cells(lines, "\"test\"");
        string[] row = Cells(lines, "\"", last: true);
        return new Result(Cell("rps"), Cell("p50_latency_ms") * 1000, Cell("p99_latency_ms") * 1000);

        double Cell(string name) => double.Parse(row[Array.IndexOf(header, name)], CultureInfo.InvariantCulture);
    }

    private static string[] Cells(string[] lines, string prefix, bool last = false)
    {
        IEnumerable<string> fitting = lines.Where(line => line.StartsWith(prefix, StringComparison.Ordinal));
        string line = (last ? fitting.LastOrDefault() : fitting.FirstOrDefault())
            ?? throw new InvalidDataException($"redis-benchmark printed no table: {string.Join(" / ", lines)}");
        // Names of tests may hold commas, so the split is at the quotes.
        return line.Trim().Trim('"').Split("\",\"");
    }

    private static void AddAll(ProcessStartInfo start, params ReadOnlySpan<string> arguments)
    {
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private readonly record struct Result(double CommandsPerSecond, double P50, double P99);
}
