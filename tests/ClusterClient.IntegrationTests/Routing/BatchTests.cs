// A batch of any mix over a real cluster, also while slots move under it.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Routing;

[Trait("Suite", "Routing")]
public sealed class BatchTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    [Fact]
    public async Task A_mix_over_all_nodes_is_answered_each_for_itself()
    {
        await using RedisClient redis = await RedisClient.ConnectAsync(fixture.Cluster.ConnectionString);
        for (int round = 0; round < 20; round++)
        {
            RedisBatch batch = redis.CreateBatch();
            Task<bool>[] sets = [.. Enumerable.Range(0, 500).Select(i => batch.StringSetAsync($"batch:{i}", i + round).AsTask())];
            Task<int?>[] reads = [.. Enumerable.Range(0, 500).Select(i => batch.StringGetAsync<int>($"batch:{i}").AsTask())];
            Task<RespValue> wrong = batch.ExecuteAsync("LLEN", "batch:1").AsTask();
            Task<RedisValue[]> many = batch.StringGetAsync(["batch:1", "batch:2", "batch:3"]).AsTask();
            await batch.SendAsync();
            Assert.All(sets, static set => Assert.True(set.Result));
            for (int i = 0; i < reads.Length; i++) Assert.Equal(i + round, await reads[i]);
            Assert.Equal([1 + round, 2 + round, 3 + round], (await many).Select(static value => (int)value));
            Assert.Equal("WRONGTYPE", (await Assert.ThrowsAsync<RedisServerException>(() => wrong)).Code);
        }
    }

    [Fact]
    public async Task Slots_that_move_under_batches_cost_no_error_and_no_order()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 0);
        await using RedisClient redis = await RedisClient.ConnectAsync(cluster.ConnectionString);
        IReadOnlyList<LocalNode> masters = await cluster.GetMastersAsync();
        int[] slots = [.. (await cluster.GetSlotsAsync(masters[0])).Take(500)];
        Task move = cluster.MoveSlotsAsync(slots, masters[0], masters[1], SlotMoveMode.Bulk);
        int round = 0;
        do
        {
            round++;
            RedisBatch batch = redis.CreateBatch();
            Task<long>[] counts = [.. Enumerable.Range(0, 300).Select(i => batch.StringIncrementAsync($"count:{i}").AsTask())];
            await batch.SendAsync();
            foreach (Task<long> count in counts) Assert.Equal(round, await count);
        }
        while (!move.IsCompleted);
        await move;
    }
}
