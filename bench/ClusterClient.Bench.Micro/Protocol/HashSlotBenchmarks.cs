// CRC16 and the slot of a key, which every command in a cluster pays once.
using BenchmarkDotNet.Attributes;
using ClusterClient.Protocol;

namespace ClusterClient.Bench.Micro;

public class HashSlotBenchmarks
{
    private byte[] _bytes = [];
    private string _text = "";
    private string _tagged = "";

    [Params(8, 16, 64, 512)]
    public int KeyLength { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _text = new string('k', KeyLength);
        _bytes = System.Text.Encoding.UTF8.GetBytes(_text);
        _tagged = "{tag}" + new string('k', Math.Max(1, KeyLength - 5));
    }

    [Benchmark(Description = "CRC16", Baseline = true)]
    public ushort Checksum() => Crc16.Compute(_bytes);

    [Benchmark(Description = "slot of bytes")]
    public int OfBytes() => HashSlot.Of(_bytes.AsSpan());

    [Benchmark(Description = "slot of a string key")]
    public int OfString() => HashSlot.Of((RedisKey)_text);

    [Benchmark(Description = "slot of a string key with a hash tag")]
    public int OfTagged() => HashSlot.Of((RedisKey)_tagged);
}
