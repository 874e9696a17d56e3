// README: reads that replicas answer, as fresh as one asks for.
using ClusterClient;

namespace Snippets;

internal static class Replicas
{
    internal static async Task RunAsync(string connectionString)
    {
        await using var redis = await RedisClient.ConnectAsync(connectionString);

        IRedisView near = redis.WithReadFrom(ReadFrom.Nearest);                     // any age; also readFrom=nearest for the whole client
        RedisValue perhapsOld = await near.StringGetAsync("news");
        IRedisView recent = redis.WithReadFrom(ReadFrom.ReplicaPreferred.WithMaxStaleness(TimeSpan.FromMilliseconds(100)));
        RedisValue atMost100MsOld = await recent.StringGetAsync("news");

        RedisSession session = redis.CreateSession();                               // reads its own writes, and never backwards
        await session.StringSetAsync("profile:1", "new");
        RedisValue surelyNew = await session.StringGetAsync("profile:1");
        string token = await session.GetTokenAsync();                               // for a cookie: the next request, on another machine…
        RedisSession next = redis.CreateSession(token: token);                      // …goes on from there

        await redis.WaitAsync(1, TimeSpan.FromSeconds(1), static write => write.StringSetAsync("order:1", "paid"));  // one replica has it too
        Console.WriteLine($"{perhapsOld} {atMost100MsOld} {surelyNew} {await next.StringGetAsync("profile:1")} {session.MayHaveLostWrites}");
    }
}
