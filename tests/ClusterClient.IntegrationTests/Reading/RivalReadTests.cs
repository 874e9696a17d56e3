// Reads beside a second node that calls itself a master: nobody reads from it, whatever else is lost.
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
public sealed class RivalReadTests(ITestOutputHelper output)
{
    private const string Key = "key";
    private const int Reads = 400;

    [Theory]
    [InlineData("replicaPreferred")]
    [InlineData("any&allowStaleReplicas=true")]
    [InlineData("replica&allowStaleReplicas=true")]
    public async Task An_old_master_that_was_restarted_empty_is_not_read_from(string policy)
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(2);
        (LocalNode old, LocalNode master, LocalNode replica) = (servers.Nodes[0], servers.Nodes[1], servers.Nodes[2]);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{servers.ConnectionString}?readFrom={policy}&commandTimeout=20s&heartbeatInterval=100ms");
        await old.KillAsync();
        await master.ExecuteAsync("REPLICAOF", "NO", "ONE");
        await servers.FollowAsync(replica, master);
        await ShardFixture.WriteAsync(redis, Key, [replica], "value");
        await old.RestartAsync();
        await Eventually.TrueAsync(
            () => redis.Topology.Nodes.Any(node => node.Endpoint.Port == old.Port && node.Replication is { ClaimsToBeMaster: true }), "the old master is known for what it claims");
        ServedCounts served = await ServedCounts.StartAsync([old]);
        (int right, int wrong) = await ReadAsync(redis);
        await master.KillAsync();
        (int rightWithout, int wrongWithout) = await ReadAsync(redis);
        Figure.Print(output, servers, $"beside an old master that was restarted empty, readFrom={policy}: {right} right and {wrong} wrong, with the master killed {rightWithout} and {wrongWithout}");
        Assert.Equal((2 * Reads, 0), (right + rightWithout, wrong + wrongWithout));
        Assert.Equal(0, await served.OfAsync(old, "get"));
    }

    private static async Task<(int Right, int Wrong)> ReadAsync(RedisClient redis)
    {
        (int right, int wrong) = (0, 0);
        for (int i = 0; i < Reads; i++)
        {
            if ((string?)await redis.StringGetAsync(Key) == "value") right++;
            else wrong++;
            if (i % 100 == 0) await Task.Delay(150); // heartbeats must have told of what changed
        }

        return (right, wrong);
    }
}
