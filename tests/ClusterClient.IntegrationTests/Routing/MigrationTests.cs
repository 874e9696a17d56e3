// Slots on the move: ASK, TRYAGAIN and MOVED.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Routing;

[Trait("Suite", "Routing")]
public sealed class MigrationTests
{
    [Fact]
    public async Task A_half_moved_slot_is_read_and_written_through_ASK_and_the_map_stays()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 2, replicasPerMaster: 0);
        if (!cluster.Capabilities.HasFlag(ServerCapabilities.SlotMigrationByKey))
        {
            // Garnet moves slots as a whole only: the harness must say so rather than pretend.
            IReadOnlyList<LocalNode> both = await cluster.GetMastersAsync();
            await Assert.ThrowsAsync<NotSupportedException>(() => cluster.BeginSlotMoveAsync([0], both[0], both[1]));
            return;
        }

        await using RedisClient redis = await RedisClient.ConnectAsync(cluster.ConnectionString);
        int slot = HashSlot.Of("{half}");
        LocalNode from = await cluster.GetSlotOwnerAsync(slot);
        LocalNode to = (await cluster.GetMastersAsync()).First(node => node != from);
        await redis.StringSetAsync("{half}:moved", "m");
        await redis.StringSetAsync("{half}:stayed", "s");
        var migration = await cluster.BeginSlotMoveAsync([slot], from, to);
        await migration.MoveKeyAsync("{half}:moved");

        // The map says that the slot moves, and for the rest of it nothing else.
        await redis.RefreshTopologyAsync();
        long version = redis.Topology.Version;

        for (int i = 0; i < 50; i++)
        {
            Assert.Equal("m", (string?)await redis.StringGetAsync("{half}:moved"));
            Assert.Equal("s", (string?)await redis.StringGetAsync("{half}:stayed"));
            await redis.StringSetAsync($"{{half}}:new:{i}", i);
            Assert.Equal(i, await redis.StringGetAsync<int>($"{{half}}:new:{i}"));
        }

        Assert.Equal(from.Port, redis.Topology.MasterOf(slot)!.Endpoint.Port);
        Assert.Equal(version, redis.Topology.Version);

        // Keys on both sides at once: TRYAGAIN until the move is complete, waited out within the deadline.
        Task<RedisValue[]> split = redis.StringGetAsync(["{half}:moved", "{half}:stayed"]).AsTask();
        await migration.CompleteAsync();
        Assert.Equal(["m", "s"], (await split).Select(value => (string?)value));
        Assert.Equal("s", (string?)await redis.StringGetAsync("{half}:stayed"));
        Assert.Equal(to.Port, redis.Topology.MasterOf(slot)!.Endpoint.Port);
    }

    [Fact]
    public async Task Slots_that_moved_while_nobody_looked_cost_one_redirect_each_at_the_most()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 2, replicasPerMaster: 0);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?topologyRefreshInterval=0s");
        IReadOnlyList<LocalNode> masters = await cluster.GetMastersAsync();
        int[] slots = [.. (await cluster.GetSlotsAsync(masters[0])).Take(300)];
        string[] keys = SlotKeys.For(slots);
        await cluster.MoveSlotsAsync(slots, masters[0], masters[1], SlotMoveMode.Bulk);

        using RedirectCounter redirects = new(cluster.Nodes.Select(node => node.Port));
        foreach (string key in keys) await redis.StringSetAsync(key, 0);
        Assert.InRange(redirects.Count, 0, slots.Length);
        long learned = redirects.Count;
        for (int round = 1; round < 3; round++)
        {
            foreach (string key in keys) await redis.StringSetAsync(key, round);
        }

        Assert.Equal(learned, redirects.Count);
    }
}
