// README: the topology, one node of it, a client that connects in the background.
using ClusterClient;

namespace Snippets;

internal static class Deployment
{
    internal static async Task RunAsync(string connectionString)
    {
        await using var redis = await RedisClient.ConnectAsync(connectionString);

        TopologySnapshot map = redis.Topology;                          // immutable: nodes, roles, slots, version
        redis.TopologyChanged += (_, change) => Console.WriteLine(change);

        int slot = HashSlot.Of("user:1");
        TopologyNode owner = map.MasterOf("user:1")!;
        long keys = await redis.OnNode(owner).DatabaseSizeAsync();      // this node, no redirects
        Console.WriteLine($"slot {slot} is on {owner.Endpoint}, which holds {keys} keys");

        RedisClientOptions options = RedisClientOptions.Parse(connectionString);
        options.CredentialsProvider = null;                             // or a callback for tokens that rotate
        await using RedisClient background = RedisClient.Create(options);   // connects in the background; commands wait within their deadline
        await background.PingAsync();
    }
}
