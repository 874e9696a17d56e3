// A master that was replaced is not written to on the word of a node that has not heard of it; an address that changed hands is dialled anew.
using ClusterClient.UnitTests.Diagnostics;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

[Collection(Listening.Name)]
public class SupersededMasterTests
{
    [Fact]
    public async Task A_lone_MOVED_does_not_lead_back_to_the_master_that_was_replaced()
    {
        await using FakeCluster cluster = FakeCluster.Start(2, replicasPerMaster: 1);
        await using RedisClient redis = await cluster.ConnectAsync();
        (FakeNode old, FakeNode heir) = (cluster[0], cluster.Nodes.First(node => node.MasterId == cluster[0].Id));
        string key = cluster.KeyOf(old);
        cluster.FailOver(old, heir);
        await TestClient.RefreshUntilAsync(redis, map => map.MasterOf(key)!.Endpoint == heir.Server.Endpoint);
        old.View = new FakeView([.. Enumerable.Repeat(old, HashSlot.Count)]);
        old.Server.ForgetCommands();

        heir.Server.Once("SET", FakeNode.Moved(HashSlot.Of((RedisKey)key), old), FakeNode.Moved(HashSlot.Of((RedisKey)key), old));
        Assert.True(await Until.EndsAsync(redis.StringSetAsync(key, "v")));
        Assert.Equal(0, old.Server.CountOf("SET"));
        Assert.Equal(3, heir.Server.CountOf("SET"));
    }

    [Fact]
    public async Task Once_a_higher_epoch_names_it_again_it_is_gone_to()
    {
        await using FakeCluster cluster = FakeCluster.Start(2, replicasPerMaster: 1);
        await using RedisClient redis = await cluster.ConnectAsync();
        (FakeNode old, FakeNode heir) = (cluster[0], cluster.Nodes.First(node => node.MasterId == cluster[0].Id));
        string key = cluster.KeyOf(old);
        cluster.FailOver(old, heir);
        (old.MasterId, old.IsFailed) = (heir.Id, false);
        await TestClient.RefreshUntilAsync(redis, map => map.MasterOf(key)!.Endpoint == heir.Server.Endpoint);
        cluster.FailOver(heir, old);
        (heir.MasterId, heir.IsFailed) = (old.Id, false);
        Assert.True(await Until.EndsAsync(redis.StringSetAsync(key, "v")));
        Assert.Equal(1, old.Server.CountOf("SET"));
        Assert.Equal(old.Server.Endpoint, redis.Topology.MasterOf(key)!.Endpoint);
    }

    [Fact]
    public async Task An_address_that_changed_hands_is_dialled_anew()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[1]);
        Assert.True(await Until.EndsAsync(redis.StringSetAsync(key, "v")));
        int accepted = cluster[1].Server.Accepted;
        cluster[1].Id = new string('f', 40);
        await TestClient.RefreshUntilAsync(redis, map => map.MasterOf(key)!.Id == cluster[1].Id);
        await Until.HoldsAsync(() => cluster[1].Server.Accepted > accepted);
        Assert.Equal("v", (string?)await Until.EndsAsync(redis.StringGetAsync(key)));
    }

    [Fact]
    public async Task So_is_its_connection_for_large_values_while_the_other_is_being_made()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[1]);
        FakeServer server = cluster[1].Server;
        Assert.True(await Until.EndsAsync(redis.StringSetAsync(key, "v")));
        Assert.Equal("v", (string?)await Until.EndsAsync(redis.WithBulkConnection().StringGetAsync(key)));
        FakeConnection bulk = server.Of("GET").Single().Connection;
        server.Once("HELLO", FakeAnswer.Hang);
        server.Of("SET").Single().Connection.Close();
        await Until.HoldsAsync(() => server.CountOf("HELLO") == 3);
        cluster[1].Id = new string('f', 40);
        await TestClient.RefreshUntilAsync(redis, map => map.MasterOf(key)!.Id == cluster[1].Id);
        await Until.EndsAsync(bulk.Ended);
        Assert.Equal("v", (string?)await Until.EndsAsync(redis.WithBulkConnection().StringGetAsync(key)));
    }
}
