// The moment at which a replica first says that it is master: the servers' side of the story, seen without the client.
using System.Diagnostics;
using ClusterClient.Testing;

namespace SentinelFailover;

internal static class Promotion
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    /// <summary>Asks each replica every few milliseconds.</summary>
    /// <returns>The timestamp of the first that says it.</returns>
    public static async Task<long> OfAnyAsync(IReadOnlyList<LocalNode> replicas)
    {
        for (long started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < _limit; await Task.Delay(2))
        {
            foreach (LocalNode replica in replicas)
            {
                if (await replica.GetRoleAsync() == LocalNodeRole.Master) return Stopwatch.GetTimestamp();
            }
        }

        throw new TimeoutException($"Nobody was promoted within {_limit}.");
    }
}
