// README: reads that replicas answer, and a policy of one's own.
using ClusterClient;

namespace Snippets;

internal static class Reading
{
    internal static async Task RunAsync(string connectionString)
    {
        await using var redis = await RedisClient.ConnectAsync(connectionString);   // for all reads: ?readFrom=replicaPreferred

        IRedisView fromReplicas = redis.WithReadFrom(ReadFrom.ReplicaPreferred);    // for these; views cost nothing
        string? title = await fromReplicas.StringGetAsync("title");
        await fromReplicas.StringSetAsync("title", "new");                          // writes go to the master under every policy

        IRedisView idlest = redis.WithReadFrom(ReadFrom.Custom(static candidates =>
        {
            int best = 0;
            for (int i = 1; i < candidates.Length; i++)
            {
                if (candidates[i].InFlight < candidates[best].InFlight) best = i;
            }

            return best;                                                            // −1 lets the read wait for another moment
        }));
        Console.WriteLine($"{title} {await idlest.KeyExistsAsync("title")}");
    }
}
