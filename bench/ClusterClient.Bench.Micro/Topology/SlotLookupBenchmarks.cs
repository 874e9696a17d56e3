// From a slot or a key to the master that owns it, in clusters of several sizes.
using BenchmarkDotNet.Attributes;

namespace ClusterClient.Bench.Micro;

public class SlotLookupBenchmarks
{
    private TopologySnapshot _snapshot = null!;
    private int _slot;

    [Params(1, 3, 100)]
    public int Masters { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        TopologyNode[] nodes = [.. Enumerable.Range(0, Masters).Select(i => new TopologyNode(new NodeEndpoint("127.0.0.1", 7000 + i), NodeRole.Master))];
        ushort[] owners = [.. Enumerable.Range(0, HashSlot.Count).Select(slot => (ushort)(slot * Masters / HashSlot.Count))];
        _snapshot = TopologySnapshot.Create(1, TopologyKind.Cluster, [.. nodes], owners);
    }

    // Neighbouring slots would stay in one cache line; commands do not.
    [Benchmark(Description = "master of a slot", Baseline = true)]
    public TopologyNode? OfSlot() => _snapshot.MasterOf(_slot = (_slot + 4099) & (HashSlot.Count - 1));

    [Benchmark(Description = "master of a key")]
    public TopologyNode? OfKey() => _snapshot.MasterOf("user:12345:profile");
}
