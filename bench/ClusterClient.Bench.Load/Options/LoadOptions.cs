// What the user asked for, checked.
namespace ClusterClient.Bench.Load;

/// <param name="MeasuresCosts">Whether to measure what calls, connections and clients cost, instead of the rows.</param>
/// <param name="MeasuresFreshness">Whether to measure what fresh reads cost, instead of the rows.</param>
/// <param name="Workloads">The rows to measure.</param>
/// <param name="Clients">The contenders; empty means all that are available.</param>
/// <param name="Masters">How many masters a cluster that is started here has.</param>
/// <param name="Connect">Addresses of servers that run already; empty means to start them.</param>
/// <param name="CaPath">With <paramref name="Connect"/> and TLS: the file of the authority to trust.</param>
/// <param name="ServerPath">The server program to start; null means to look for one.</param>
/// <param name="RedisBenchmarkPath">The redis-benchmark program; null means the one on PATH.</param>
/// <param name="Rounds">How often each contender runs each workload.</param>
/// <param name="Timing">How long each measurement takes.</param>
/// <param name="OutputFolder">Where the results are saved.</param>
internal sealed record LoadOptions(
    bool MeasuresCosts,
    bool MeasuresFreshness,
    IReadOnlyList<Workload> Workloads,
    IReadOnlyList<string> Clients,
    int Masters,
    IReadOnlyList<Node> Connect,
    string? CaPath,
    string? ServerPath,
    string? RedisBenchmarkPath,
    int Rounds,
    Timing Timing,
    string OutputFolder);
