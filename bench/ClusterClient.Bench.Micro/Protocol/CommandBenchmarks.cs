// Encoding commands as the connection does, under its lock.
using BenchmarkDotNet.Attributes;
using ClusterClient.Protocol;

namespace ClusterClient.Bench.Micro;

public class CommandBenchmarks
{
    private static readonly CommandInfo _get = new("GET", KeySpec.Single, CommandFlags.ReadOnly);
    private static readonly CommandInfo _set = new("SET", KeySpec.Single, CommandFlags.Idempotent);
    private static readonly CommandInfo _mget = new("MGET", KeySpec.All, CommandFlags.ReadOnly);

    private readonly byte[] _destination = new byte[64 << 10];
    private readonly byte[] _small = new byte[32];
    private readonly byte[] _page = new byte[4 << 10];
    private readonly byte[] _binaryKey = "user:12345:profile"u8.ToArray();
    private readonly RedisValue[] _keys = [.. Enumerable.Range(0, 100).Select(i => (RedisValue)$"user:{i}:profile")];

    [Benchmark(Description = "GET, string key", Baseline = true)]
    public int Get() => Encode(new Command(_get, "user:12345:profile"));

    [Benchmark(Description = "GET, binary key")]
    public int GetBinary() => Encode(new Command(_get, _binaryKey));

    [Benchmark(Description = "SET number")]
    public int SetNumber() => Encode(new Command(_set, "user:12345:profile", 1234567));

    [Benchmark(Description = "SET 32 B")]
    public int SetSmall() => Encode(new Command(_set, "user:12345:profile", _small));

    [Benchmark(Description = "SET 4 KiB")]
    public int SetPage() => Encode(new Command(_set, "user:12345:profile", _page));

    [Benchmark(Description = "MGET of 100")]
    public int Mget() => Encode(new Command(_mget, _keys));

    // The bound is part of the cost: the connection reserves it before it writes.
    private int Encode(in Command command) =>
        CommandEncoder.MaxLength(command) <= _destination.Length ? CommandEncoder.Write(command, _destination) : 0;
}
