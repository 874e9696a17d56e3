// From a slot or a key to the master that owns it, in clusters of several sizes.
using BenchmarkDotNet.Attributes;

namespace ClusterClient.Bench.Micro;

public class SlotLookupBenchmarks
{
    private const int Lookups = 1024;

    private TopologySnapshot _snapshot = null!;

    [Params(1, 3, 100, 1000)]
    public int Masters { get; set; }

    [GlobalSetup]
    public void Setup() => _snapshot = ClusterOf.Masters(Masters);

    [Benchmark(Description = "master of a slot", OperationsPerInvoke = Lookups)]
    public int OfSlot()
    {
        int found = 0;
        // Neighbouring slots would stay in one cache line; commands do not.
        for (int i = 0, slot = 0; i < Lookups; i++, slot = (slot + 4099) & (HashSlot.Count - 1))
            if (_snapshot.MasterOf(slot) is not null) found++;

        return found;
    }

    [Benchmark(Description = "master of a key")]
    public TopologyNode? OfKey() => _snapshot.MasterOf("user:12345:profile");
}
