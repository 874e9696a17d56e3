// Many keys in a real deployment, and scans of them that take their time.

namespace ClusterClient.IntegrationTests.Scanning;

internal static class ScanServers
{
    /// <summary>Writes keys that nobody touches any more.</summary>
    public static async Task<HashSet<string>> FillAsync(RedisClient redis, int count, string prefix = "still")
    {
        string[] keys = [.. Enumerable.Range(0, count).Select(i => $"{prefix}:{i}")];
        foreach (string[] some in keys.Chunk(500)) await Task.WhenAll(some.Select(key => redis.StringSetAsync(key, key).AsTask()));
        return [.. keys];
    }

    /// <summary>Until every running replica has all that its master has.</summary>
    public static async Task WaitForReplicasAsync(RedisClient redis)
    {
        foreach (TopologyNode master in redis.Topology.Masters)
        {
            foreach (TopologyNode replica in redis.Topology.ReplicasOf(master))
            {
                long keys = await redis.OnNode(master).DatabaseSizeAsync();
                await Testing.Eventually.TrueAsync(async () => await redis.OnNode(replica).DatabaseSizeAsync() >= keys, $"{replica.Endpoint} has the keys of {master.Endpoint}");
            }
        }
    }

    /// <summary>Scans to the end; something happens once so many keys have come, and the scan goes on slowly until that is done.</summary>
    public static async Task<List<string>> RunAsync(KeyScan scan, int after = -1, Func<Task>? during = null)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(90));
        List<string> seen = [];
        Task? running = null;
        await foreach (RedisKey key in scan.WithCancellation(limit.Token))
        {
            seen.Add(key.ToString());
            if (seen.Count == after) running = during!();
            if (running is { IsCompleted: false } && seen.Count % 100 == 0) await Task.WhenAny(running, Task.Delay(10));
        }

        Assert.True(scan.Cursor.IsFinished);
        if (after >= 0) await running!;
        return seen;
    }

    public static void AssertAll(HashSet<string> expected, IReadOnlyCollection<string> seen)
    {
        string[] missing = [.. expected.Except(seen)];
        Assert.True(missing.Length == 0, $"{missing.Length} of {expected.Count} keys are missing, {string.Join(' ', missing.Take(5))} among them; {seen.Count} were given.");
    }
}
