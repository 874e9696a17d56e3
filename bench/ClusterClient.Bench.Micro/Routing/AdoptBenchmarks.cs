// What it costs to route by a new snapshot that differs in one slot: once for each slot that MOVED teaches.
using BenchmarkDotNet.Attributes;
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
using ClusterClient.Routing;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterClient.Bench.Micro;

public class AdoptBenchmarks
{
    private Router _router = null!;
    private TopologySnapshot _snapshot = null!;
    private int _slot;

    /// <summary>More than are dialled ahead: nobody is dialled here.</summary>
    [Params(100, 1000)]
    public int Masters { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        ClientSettings settings = RedisClientOptions.Parse("redis://127.0.0.1").Snapshot();
        _router = new Router(settings, new Telemetry(settings), NullLogger.Instance);
        _router.Adopt(_snapshot = ClusterOf.Masters(Masters));
    }

    [GlobalCleanup]
    public async Task CleanupAsync() => await _router.DisposeAsync();

    [Benchmark(Description = "patch a slot and route by it")]
    public void Adopt()
    {
        _slot = (_slot + 1) % HashSlot.Count;
        int owner = _snapshot.OwnerIndexOf(_slot);
        _snapshot = _snapshot.WithSlotOwner(_slot, _snapshot.Nodes[(owner + 1) % Masters].Endpoint);
        _router.Adopt(_snapshot);
    }
}
