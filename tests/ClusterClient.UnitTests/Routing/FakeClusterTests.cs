// The fake cluster itself: what it tells in three ways is one thing, and nodes may be made to disagree.
using System.Collections.Immutable;
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public class FakeClusterTests
{
    [Theory]
    [InlineData(RedisProtocol.Resp3)]
    [InlineData(RedisProtocol.Resp2)]
    public async Task Slots_nodes_and_shards_agree(RedisProtocol protocol)
    {
        await using FakeCluster cluster = FakeCluster.Start(3, replicasPerMaster: 2);
        cluster.Move(7, cluster[2]);
        await using RedisClient redis = await cluster.ConnectAsync(o => o.Protocol = protocol);
        ImmutableArray<ClusterSlotsEntry> slots = await Until.EndsAsync(redis.ClusterSlotsAsync());
        ImmutableArray<ClusterNodesEntry> nodes = await Until.EndsAsync(redis.ClusterNodesAsync());
        ImmutableArray<ClusterShard> shards = await Until.EndsAsync(redis.ClusterShardsAsync());
        Assert.Equal(HashSlot.Count, slots.Sum(static entry => entry.Slots.Count));
        Assert.Equal(9, nodes.Length);
        foreach (ClusterShard shard in shards)
        {
            string master = shard.Nodes.Single(static node => node.Role == NodeRole.Master).Id;
            Assert.Equal([.. shard.Slots], slots.Where(entry => entry.Master.Id == master).Select(static entry => entry.Slots));
            Assert.Equal([.. shard.Slots], nodes.Single(node => node.Id == master).Slots.ToArray());
            Assert.Equal(shard.Nodes.Select(static node => node.Id).Order(), nodes.Where(node => node.Id == master || node.MasterId == master).Select(static node => node.Id).Order());
        }
    }

    [Fact]
    public async Task The_highest_epoch_wins_over_the_many_that_lag()
    {
        await using FakeCluster cluster = FakeCluster.Start(5, replicasPerMaster: 1);
        FakeNode master = cluster[1], heir = cluster.Nodes.Single(node => node.MasterId == master.Id);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(master);
        await redis.StringSetAsync(key, 1);
        FakeView before = cluster.Truth;
        cluster.FailOver(master, heir);
        heir.Server.Store[key] = master.Server.Store[key];

        // Only the heir knows yet; its epoch is the highest.
        foreach (FakeNode node in cluster.Nodes.Where(node => node != heir)) node.View = before;
        heir.View = cluster.Truth;
        master.Server.GoDown();
        Assert.Equal(1, await Until.EndsAsync(redis.StringGetAsync<int>(key)));
        Assert.Equal(2, await Until.EndsAsync(redis.StringIncrementAsync(key)));
        Assert.Equal(1, heir.Server.CountOf("INCR"));
        Assert.Equal(heir.Server.Endpoint, redis.Topology.MasterOf(key)!.Endpoint);
    }
}
