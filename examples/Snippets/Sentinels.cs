// README: a master that Sentinels watch.
using ClusterClient;

namespace Snippets;

internal static class Sentinels
{
    internal static async Task RunAsync(string sentinels)
    {
        // Addresses are those of Sentinels; one is enough, it names the others. User and password are the data nodes'.
        await using var redis = await RedisClient.ConnectAsync(sentinels);          // redis://host:26379,host:26379?serviceName=mymaster
        await redis.StringSetAsync("k", "v");

        RedisClientOptions careful = RedisClientOptions.Parse(sentinels);
        careful.Failover = FailoverPolicy.Confirmed;                                // write only where a Sentinel has confirmed the master
        careful.SentinelPassword = "";                                              // where it is another than the data nodes'
        await using RedisClient sure = await RedisClient.ConnectAsync(careful);
        Console.WriteLine(sure.Topology.Masters[0]);
    }
}
