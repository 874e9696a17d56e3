// Many callers that read the same keys through one view, and what they got.
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Reading;

internal static class ReadLoad
{
    /// <summary>How many of so many reads a node serves.</summary>
    /// <param name="view">The client, or a view of it.</param>
    /// <param name="node">The node.</param>
    /// <param name="key">What is read; it holds its own name.</param>
    /// <param name="reads">How many.</param>
    /// <param name="isSpread">Whether they begin within 10 ms, each by itself; else each begins when the one before has ended.</param>
    public static async Task<long> ShareAsync(ICommandExecutor view, LocalNode node, string key, int reads, bool isSpread = false)
    {
        ServedCounts served = await ServedCounts.StartAsync([node]);
        if (!isSpread) await RunAsync(view, 1, reads, key);
        else await Task.WhenAll(Enumerable.Range(0, reads).Select(async i =>
        {
            await Task.Delay(i % 10); // single reads, not one batch that goes to one node
            Assert.Equal(key, (string?)await view.StringGetAsync(key));
        }));
        return await served.OfAsync(node, "get");
    }

    /// <summary>Returns when so many nodes are fit for reads: before that the load cannot be even.</summary>
    /// <param name="redis">The client.</param>
    /// <param name="key">What they hold.</param>
    /// <param name="nodes">How many there are.</param>
    /// <param name="areMeasured">Whether how far away each is must be known as well.</param>
    public static async Task UntilAllAreFitAsync(RedisClient redis, string key, int nodes, bool areMeasured = false)
    {
        bool areFit = false;
        IRedisView everybody = redis.WithTimeout(TimeSpan.FromSeconds(20)).WithReadFrom(ReadFrom.Custom(candidates =>
        {
            bool are = candidates.Length == nodes;
            foreach (ReadCandidate candidate in candidates) are &= !areMeasured || candidate.Latency > TimeSpan.Zero;
            areFit = are;
            return 0;
        }));
        await Eventually.TrueAsync(
            async () =>
            {
                await everybody.StringGetAsync(key);
                return areFit;
            },
            areMeasured ? "all nodes are fit for reads, and measured" : "all nodes are fit for reads");
    }

    /// <summary>Runs callers in parallel, each so many reads of the keys in turn; fails with the first wrong value or error.</summary>
    public static Task RunAsync(ICommandExecutor view, int callers, int readsEach, params string[] keys)
        => Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            for (int i = 0; i < readsEach; i++)
            {
                string key = keys[(caller + i) % keys.Length];
                Assert.Equal(key, (string?)await view.StringGetAsync(key));
            }
        })));
}
