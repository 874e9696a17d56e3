// From a reply's bytes to what a call returns, pooled or new.
using BenchmarkDotNet.Attributes;
using ClusterClient.Protocol;

namespace ClusterClient.Bench.Micro;

public class ParserBenchmarks
{
    private readonly byte[] _ok = BytesOf("OK");
    private readonly byte[] _integer = BytesOf("integer");
    private readonly byte[] _small = BytesOf("bulk 32 B");
    private readonly byte[] _page = BytesOf("bulk 4 KiB");
    private readonly byte[] _large = BytesOf("bulk 1 MiB");
    private readonly byte[] _array = BytesOf("array of 100");
    private readonly byte[] _decimal = "$7\r\n1234567\r\n"u8.ToArray();

    [Benchmark(Description = "OK → bool")]
    public bool Ok() => Parse(_ok, Replies.Ok);

    [Benchmark(Description = "integer → long")]
    public long Integer() => Parse(_integer, Replies.Int64);

    [Benchmark(Description = "bulk number → int?")]
    public int? ParsedNumber() => Parse(_decimal, Replies.Parsed<int>());

    [Benchmark(Description = "bulk 32 B → RedisValue")]
    public RedisValue Value() => Parse(_small, Replies.Value);

    [Benchmark(Description = "bulk 32 B → string")]
    public string? Text() => Parse(_small, Replies.Text);

    [Benchmark(Description = "bulk 32 B → lease and back")]
    public int SmallLease() => Lease(_small);

    [Benchmark(Description = "bulk 4 KiB → lease and back")]
    public int PageLease() => Lease(_page);

    [Benchmark(Description = "bulk 1 MiB → lease and back")]
    public int LargeLease() => Lease(_large);

    [Benchmark(Description = "array of 100 → RedisValue[]")]
    public RedisValue[] Values() => Parse(_array, Replies.Values);

    private static int Lease(byte[] reply)
    {
        using Lease lease = Parse(reply, Replies.Lease);
        return lease.Length;
    }

    private static T Parse<T>(byte[] reply, ReplyParser<T> parser)
    {
        var reader = new RespReader(reply);
        reader.Read();
        return parser.Parse(ref reader);
    }

    private static byte[] BytesOf(string shape) => ReplyShape.All.Single(reply => reply.ToString() == shape).Bytes;
}
