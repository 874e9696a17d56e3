// README: a real cluster in one line, for anybody's tests.
using ClusterClient;
using ClusterClient.Testing;

namespace Snippets;

internal static class OwnTests
{
    internal static async Task A_master_dies_and_the_client_goes_on()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 1);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=20s");
        LocalNode master = await cluster.GetSlotOwnerAsync(HashSlot.Of("order:1"));

        if (cluster.Capabilities.HasFlag(ServerCapabilities.AutomaticFailover)) await master.KillAsync();   // kill -9
        else await cluster.FailoverAsync(master);                                                           // Garnet has no automatic failover

        RedisValue read = await redis.StringGetAsync("order:1");        // waits for the new master, then answers
        Console.WriteLine(read.IsNull);
    }
}
