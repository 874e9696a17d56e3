// Writes and reads many keys across all masters, with figures.
using System.Diagnostics;
using ClusterClient;

namespace Quickstart;

internal static class ManyKeys
{
    private const int Callers = 64;

    internal static async Task WriteAndReadAsync(RedisClient redis, int count)
    {
        Report.Title($"{count:N0} keys written and read back by {Callers} callers over one connection a master");
        Stopwatch watch = Stopwatch.StartNew();
        await ForAllAsync(count, async i => await redis.StringSetAsync($"key:{i}", Value(i)));
        TimeSpan writing = watch.Elapsed;

        int right = 0;
        watch.Restart();
        await ForAllAsync(count, async i =>
        {
            string? value = await redis.StringGetAsync($"key:{i}");
            if (value == Value(i)) Interlocked.Increment(ref right);
        });
        TimeSpan reading = watch.Elapsed;

        Report.Line($"written in {writing.TotalMilliseconds:F0} ms ({count / writing.TotalSeconds:N0}/s), read in {reading.TotalMilliseconds:F0} ms ({count / reading.TotalSeconds:N0}/s)");
        Report.Check(right == count, $"{right:N0} of {count:N0} values are right");

        long stored = 0;
        foreach (TopologyNode master in redis.Topology.Masters.OrderBy(node => node.Endpoint.Port))
        {
            long keys = await redis.OnNode(master).DatabaseSizeAsync();
            stored += keys;
            Report.Line($"  {master.Endpoint,-16} holds {keys,5} keys");
        }

        Report.Check(stored == count, "the masters together hold each key once");
    }

    internal static string Value(int i) => $"value of key {i}";

    private static Task ForAllAsync(int count, Func<int, ValueTask> action)
        => Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (int i = caller; i < count; i += Callers) await action(i);
        })));
}
