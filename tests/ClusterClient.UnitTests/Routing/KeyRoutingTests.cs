// Where commands go by their keys: refused across slots before anything is sent, asked for once where only the server can tell.
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public class KeyRoutingTests
{
    [Fact]
    public async Task Keys_of_several_slots_are_refused_before_anything_is_sent()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        KeyValuePair<RedisKey, RedisValue>[] pairs = [new("a", 1), new("b", 2)];
        CrossSlotException failure = await Until.FailsAsync<CrossSlotException, bool>(redis.StringSetAsync(pairs, When.NotExists));
        Assert.Equal((Outcome.NotExecuted, "MSETNX"), (failure.Outcome, failure.CommandName));
        Assert.Contains("{user:1}:name", failure.Message, StringComparison.Ordinal);
        await Until.FailsAsync<CrossSlotException, RespValue>(redis.ExecuteAsync("RENAME", "a", "b"));
        Assert.Equal([RedisValue.Null, RedisValue.Null], await Until.EndsAsync(redis.StringGetAsync(["{t}a", "{t}b"])));
        Assert.Equal((1, 0, 0), (cluster.CountOf("MGET"), cluster.CountOf("RENAME"), cluster.CountOf("MSETNX")));
    }

    [Theory]
    [InlineData(TopologyMode.Standalone)]
    [InlineData(TopologyMode.Auto)]
    public async Task One_server_takes_any_keys_even_before_it_is_known(TopologyMode mode)
    {
        await using FakeServer server = new();
        server.StopListening();
        await using RedisClient redis = TestClient.Create(server, o => o.Topology = mode);
        ValueTask<RedisValue[]> early = redis.StringGetAsync(["a", "b"]);
        server.ListenAgain();
        Assert.Equal([RedisValue.Null, RedisValue.Null], await Until.EndsAsync(early));
    }

    [Fact]
    public async Task A_cluster_refuses_them_once_it_is_known()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        cluster[0].Server.StopListening();
        await using RedisClient redis = TestClient.Create(cluster[0].Server, static o => o.Topology = TopologyMode.Auto);
        Task<RedisValue[]> early = redis.StringGetAsync(["a", "b"]).AsTask();
        Task<RedisValue[]> hasty = redis.WithTimeout(TimeSpan.FromMilliseconds(100)).StringGetAsync(["a", "b"]).AsTask();
        using CancellationTokenSource source = new();
        Task<RedisValue[]> cancelled = redis.StringGetAsync(["a", "b"], source.Token).AsTask();
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException>(hasty);
        Assert.Equal((CommandStage.WaitingForTopology, Outcome.NotExecuted), (late.Stage, late.Outcome));
        await source.CancelAsync();
        Assert.Equal((Outcome.NotExecuted, source.Token), await CancellationOfAsync(cancelled));
        cluster[0].Server.ListenAgain();
        Assert.Equal([RedisValue.Null, RedisValue.Null], await Until.EndsAsync(early));
        Assert.Equal(2, cluster.CountOf("MGET"));
    }

    [Fact]
    public async Task Keys_only_the_server_can_tell_are_asked_for_once_a_shape()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        foreach (FakeNode node in cluster.Nodes)
        {
            node.Server.On("COMMAND", static command => FakeAnswer.Bulks(command.Words[4]));
            node.Server.On("MOD.GET", command => FakeAnswer.Bulk(node.Id));
        }

        for (int i = 0; i < 50; i++) Assert.Equal(cluster.OwnerOf($"k{i}").Id, (await Until.EndsAsync(redis.ExecuteAsync("MOD.GET", "option", $"k{i}"))).AsString());
        FakeCommand asked = Assert.Single(cluster.Nodes.SelectMany(static node => node.Server.Of("COMMAND")));
        Assert.Equal(["COMMAND", "GETKEYS", "MOD.GET", "option", "k0"], Enumerable.Range(0, asked.Count).Select(i => asked[i]));
        await Until.EndsAsync(redis.ExecuteAsync("MOD.GET", "option", "k1", "third"));
        Assert.Equal(2, cluster.CountOf("COMMAND"));
        Assert.Equal(51, cluster.CountOf("MOD.GET"));
    }

    [Fact]
    public async Task A_command_without_keys_is_asked_about_once_too()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        foreach (FakeNode node in cluster.Nodes)
        {
            node.Server.On("COMMAND", FakeAnswer.Error("ERR The command has no key arguments"));
            node.Server.On("MOD.LIST", FakeAnswer.Bulks());
        }

        for (int i = 0; i < 10; i++) await Until.EndsAsync(redis.ExecuteAsync("MOD.LIST"));
        Assert.Equal((1, 10), (cluster.CountOf("COMMAND"), cluster.CountOf("MOD.LIST")));
    }

    [Theory]
    [InlineData("ERR Invalid command specified")]
    [InlineData("NOPERM User ada has no permissions to run the 'command|getkeys' command")]
    public async Task Where_the_server_does_not_tell_the_redirect_does(string refusal)
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        foreach (FakeNode node in cluster.Nodes)
        {
            node.Server.On("COMMAND", FakeAnswer.Error(refusal));
            node.Server.On("MOD.GET", command =>
            {
                int slot = HashSlot.Of((RedisKey)command[1]);
                FakeNode owner = node.View.OwnerOf(slot)!;
                return owner == node ? FakeAnswer.Bulk(node.Id) : FakeNode.Moved(slot, owner);
            });
        }

        for (int i = 0; i < 20; i++) Assert.Equal(cluster.OwnerOf($"k{i}").Id, (await Until.EndsAsync(redis.ExecuteAsync("MOD.GET", $"k{i}"))).AsString());
    }

    [Fact]
    public async Task Commands_without_keys_go_to_masters_in_turn()
    {
        await using FakeCluster cluster = FakeCluster.Start(3, replicasPerMaster: 1);
        await using RedisClient redis = await cluster.ConnectAsync();
        foreach (FakeNode node in cluster.Masters) await redis.StringIncrementAsync(cluster.KeyOf(node));
        for (int i = 0; i < 30; i++) await Until.EndsAsync(redis.EchoAsync(i));
        Assert.All(cluster.Masters, static node => Assert.True(node.Server.CountOf("ECHO") > 0));
        Assert.Equal(30, cluster.Masters.Sum(static node => node.Server.CountOf("ECHO")));
    }

    private static async Task<(Outcome, CancellationToken)> CancellationOfAsync(Task call)
    {
        RedisCanceledException failure = await Until.FailsAsync<RedisCanceledException>(call);
        return (failure.Outcome, failure.CancellationToken);
    }
}
