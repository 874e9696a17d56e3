// README: commands that concern every node, a result for each node, batches.
using ClusterClient;

namespace Snippets;

internal static class ManyNodes
{
    internal static async Task RunAsync(string connectionString)
    {
        await using var redis = await RedisClient.ConnectAsync(connectionString);

        long keys = await redis.DatabaseSizeAsync();                    // the sum over all masters
        await redis.ExecuteAsync("FLUSHDB");                            // every master, also one that comes to keys meanwhile

        foreach (NodeResult<ServerInfo> node in await redis.OnEachNodeAsync(static node => node.InfoAsync("memory")))
            Console.WriteLine(node.IsSuccess ? $"{node.Node.Endpoint} uses {node.Value.UsedMemory} bytes" : $"{node.Node.Endpoint}: {node.Error!.Message}");

        RedisBatch batch = redis.CreateBatch();                         // collects commands for any nodes; nothing is sent yet
        ValueTask<long> visits = batch.StringIncrementAsync("visits");
        ValueTask<RedisValue> title = batch.StringGetAsync("title");
        await batch.SendAsync();                                        // all in one go; ends when all have, and throws for none of them
        Console.WriteLine($"{keys} keys, visit {await visits} of {await title}");
    }
}
