// One call on each node, with a result or a failure for each.
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public class EachNodeTests
{
    [Fact]
    public async Task Each_node_answers_for_itself_and_failures_are_told_beside_the_answers()
    {
        await using FakeCluster cluster = FakeCluster.Start(3, replicasPerMaster: 1);
        await using RedisClient redis = await cluster.ConnectAsync();
        for (int i = 0; i < 30; i++) await Until.EndsAsync(redis.StringSetAsync($"key:{i}", i));
        IReadOnlyList<NodeResult<long>> sizes = await Until.EndsAsync(redis.OnEachMasterAsync(static master => master.DatabaseSizeAsync()));
        Assert.Equal(
            cluster.Masters.Select(static node => (node.Server.Port, (long)node.Server.Store.Keys.Count)).Order(),
            sizes.Select(static size => (size.Node.Endpoint.Port, size.Value)).Order());

        cluster[4].Server.On("PING", FakeAnswer.Error("NOPERM User default has no permissions to run the 'ping' command"));
        IReadOnlyList<NodeResult<TimeSpan>> pings = await Until.EndsAsync(redis.WithTimeout(Until.Limit).OnEachNodeAsync(static node => node.PingAsync()));
        Assert.Equal(redis.Topology.Nodes.Select(static node => node.Endpoint), pings.Select(static ping => ping.Node.Endpoint));
        Assert.Equal(6, pings.Count);
        NodeResult<TimeSpan> refused = Assert.Single(pings, static ping => !ping.IsSuccess);
        Assert.Equal(cluster[4].Server.Endpoint, refused.Node.Endpoint);
        Assert.Equal("NOPERM", Assert.Throws<RedisServerException>(() => refused.Value).Code);
        Assert.Contains("NOPERM", refused.ToString(), StringComparison.Ordinal);
        Assert.All(pings.Where(static ping => ping.IsSuccess), static ping => Assert.Null(ping.Error));
    }

    [Fact]
    public async Task A_call_that_is_refused_before_it_is_sent_is_each_nodes_failure()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        IReadOnlyList<NodeResult<RespValue>> results = await Until.EndsAsync(redis.OnEachMasterAsync(static master => master.ExecuteAsync("MULTI")));
        Assert.All(results, static result => Assert.IsType<NotSupportedException>(result.Error));
        Assert.Equal(2, results.Count);
    }

    [Fact]
    public async Task Dead_masters_whose_slots_others_serve_are_left_out()
    {
        await using FakeCluster cluster = FakeCluster.Start(2, replicasPerMaster: 1);
        await using RedisClient redis = await cluster.ConnectAsync();
        cluster.FailOver(cluster[0], cluster[2]);
        cluster[0].Server.GoDown();
        await TestClient.RefreshUntilAsync(redis, topology => topology.MasterOf(0)?.Endpoint == cluster[2].Server.Endpoint);
        IReadOnlyList<NodeResult<TimeSpan>> pings = await Until.EndsAsync(redis.OnEachNodeAsync(static node => node.PingAsync()));
        Assert.Equal(cluster.Nodes.Skip(1).Select(static node => node.Server.Port).Order(), pings.Select(static ping => ping.Node.Endpoint.Port).Order());
        Assert.All(pings, static ping => Assert.True(ping.IsSuccess));
    }

    [Fact]
    public async Task A_client_that_finds_no_deployment_says_so_at_its_deadline()
    {
        FakeServer nobody = new();
        await nobody.DisposeAsync();
        await using RedisClient redis = TestClient.Create(nobody, static options => options.CommandTimeout = TimeSpan.FromMilliseconds(100));
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException, IReadOnlyList<NodeResult<TimeSpan>>>(redis.OnEachNodeAsync(static node => node.PingAsync()));
        Assert.Equal((CommandStage.WaitingForTopology, Outcome.NotExecuted), (late.Stage, late.Outcome));
    }
}
