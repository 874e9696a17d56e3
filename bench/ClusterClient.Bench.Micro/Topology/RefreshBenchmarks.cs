// What one refresh of a cluster's topology costs the client: reading each node's two answers, and merging them.
using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using ClusterClient.Protocol;
using ClusterClient.Topology;
using ClusterClient.Topology.Cluster;
using ClusterClient.Topology.Replies;

namespace ClusterClient.Bench.Micro;

/// <summary>Each master has one replica and its slots in one run. A refresh of more than six nodes reads three views.</summary>
public class RefreshBenchmarks
{
    private const int ViewsOfARefresh = 3;
    private byte[] _slots = [];
    private byte[] _nodes = [];
    private ClusterView[] _views = [];
    private TopologySnapshot _current = null!;
    private ClusterMemory _memory = ClusterMemory.Empty;

    [Params(3, 100, 1000)]
    public int Masters { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        (_slots, _nodes) = (WriteSlots(), WriteNodes());
        _views = [.. Enumerable.Range(0, ViewsOfARefresh).Select(i => new ClusterView(Endpoint(i), i, Slots(), Nodes()))];
        ClusterMergeResult first = ClusterMerge.Merge(_views, TopologySnapshot.Unknown, ClusterMemory.Empty, LearnedMoves.None, null, 0);
        (_current, _memory) = (first.Snapshot, first.Memory);
        Console.WriteLine($"// {Masters} masters: CLUSTER SLOTS {_slots.Length} bytes, CLUSTER NODES {_nodes.Length} bytes");
    }

    [Benchmark(Description = "read CLUSTER SLOTS")]
    public ImmutableArray<ClusterSlotsEntry> Slots() => Read(_slots, ClusterSlotsParser.Instance);

    [Benchmark(Description = "read CLUSTER NODES")]
    public ImmutableArray<ClusterNodesEntry> Nodes() => Read(_nodes, ClusterNodesParser.Instance);

    [Benchmark(Description = "merge three views that bring nothing new")]
    public object Merge() => ClusterMerge.Merge(_views, _current, _memory, LearnedMoves.None, null, 1000);

    [Benchmark(Description = "patch one slot after MOVED")]
    public object Patch() => _current.WithSlotOwner(0, Endpoint(1));

    private static NodeEndpoint Endpoint(int node) => new($"10.{node / 65536}.{node / 256 % 256}.{node % 256}", 6379);

    private static string Id(int node) => node.ToString("x40", CultureInfo.InvariantCulture);

    private static T Read<T>(byte[] bytes, ReplyParser<T> parser)
    {
        RespReader reader = new(bytes);
        reader.Read();
        return parser.Parse(ref reader);
    }

    private byte[] WriteSlots()
    {
        ArrayBufferWriter<byte> writer = new();
        RespWriter.WriteArrayHeader(writer, Masters);
        for (int i = 0; i < Masters; i++)
        {
            RespWriter.WriteArrayHeader(writer, 4);
            RespWriter.WriteInteger(writer, First(i));
            RespWriter.WriteInteger(writer, First(i + 1) - 1);
            foreach (int node in (int[])[i, i + Masters])
            {
                RespWriter.WriteArrayHeader(writer, 4);
                RespWriter.WriteBulkString(writer, Endpoint(node).Host);
                RespWriter.WriteInteger(writer, Endpoint(node).Port);
                RespWriter.WriteBulkString(writer, Id(node));
                RespWriter.WriteArrayHeader(writer, 0);
            }
        }

        return writer.WrittenSpan.ToArray();
    }

    private byte[] WriteNodes()
    {
        StringBuilder text = new();
        for (int i = 0; i < 2 * Masters; i++)
        {
            string role = i < Masters ? "master -" : $"slave {Id(i - Masters)}";
            text.Append(CultureInfo.InvariantCulture, $"{Id(i)} {Endpoint(i)}@16379 {(i == 0 ? "myself," : "")}{role} 0 1763784000{i % 1000:D3} {1 + (i % Masters)} connected");
            if (i < Masters) text.Append(CultureInfo.InvariantCulture, $" {First(i)}-{First(i + 1) - 1}");
            text.Append('\n');
        }

        ArrayBufferWriter<byte> writer = new();
        RespWriter.WriteBulkString(writer, text.ToString());
        return writer.WrittenSpan.ToArray();
    }

    private int First(int master) => (int)((long)master * HashSlot.Count / Masters);
}
