// Finding a reply's end and reading it, for every common shape.
using BenchmarkDotNet.Attributes;
using ClusterClient.Protocol;

namespace ClusterClient.Bench.Micro;

public class ReplyBenchmarks
{
    private RespFrameScanner _scanner = new(RespLimits.Default);

    public static IEnumerable<ReplyShape> Shapes => ReplyShape.All;

    [ParamsSource(nameof(Shapes))]
    public ReplyShape Reply { get; set; } = null!;

    [Benchmark(Description = "scan")]
    public int Scan()
    {
        _scanner.TryScan(Reply.Bytes, out int length);
        return length;
    }

    [Benchmark(Description = "scan in two halves")]
    public int ScanHalves()
    {
        _scanner.TryScan(Reply.Bytes.AsSpan(0, Reply.Bytes.Length / 2), out _);
        _scanner.TryScan(Reply.Bytes, out int length);
        return length;
    }

    [Benchmark(Description = "walk")]
    public int Walk()
    {
        var reader = new RespReader(Reply.Bytes);
        int elements = 0;
        while (reader.Read()) elements++;
        return elements;
    }

    [Benchmark(Description = "tree")]
    public RespValue Tree()
    {
        var reader = new RespReader(Reply.Bytes);
        reader.Read();
        return reader.ReadTree();
    }
}
