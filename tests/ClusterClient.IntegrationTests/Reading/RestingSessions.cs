// Sessions that have not called for a while when something happens to their master.
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Reading;

/// <summary>All that they have seen is on the replicas. Half of them ended with a write, half with a read that a replica answered.</summary>
internal sealed class RestingSessions(RedisSession[] sessions)
{
    public const int Count = 16;

    public static async Task<RestingSessions> StartAsync(RedisClient redis, IReadOnlyList<LocalNode> replicas)
    {
        RedisSession[] sessions = [.. Enumerable.Range(0, Count).Select(_ => redis.CreateSession())];
        ServedCounts served = await ServedCounts.StartAsync(replicas);
        for (int i = 0; i < Count; i++)
        {
            await sessions[i].StringSetAsync(KeyOf(i), i);
            if (i % 2 == 0) continue;
            long before = (await served.OfAllAsync("get")).Sum();
            await Eventually.TrueAsync(
                async () =>
                {
                    Assert.Equal(i, await sessions[i].StringGetAsync<int>(KeyOf(i)));
                    return (await served.OfAllAsync("get")).Sum() > before;
                },
                "a replica answers a session");
        }

        await Task.Delay(TimeSpan.FromSeconds(1)); // of rest, in which replication, too, has caught up
        return new(sessions);
    }

    /// <summary>Each reads what it has written.</summary>
    /// <returns>How many said that writes may be lost.</returns>
    public async Task<int> ReadAsync()
    {
        for (int i = 0; i < Count; i++) Assert.Equal(i, await sessions[i].StringGetAsync<int>(KeyOf(i)));
        return sessions.Count(static session => session.MayHaveLostWrites);
    }

    private static string KeyOf(int i) => $"resting:{i}";
}
