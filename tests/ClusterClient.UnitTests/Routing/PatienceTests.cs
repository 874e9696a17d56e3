// Rejections that pass are waited out inside the deadline, and never count as redirects; a hook that throws fails its call and no other.
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public class PatienceTests
{
    [Theory]
    [InlineData("TRYAGAIN Multiple keys request during rehashing of slot")]
    [InlineData("LOADING Redis is loading the dataset in memory")]
    [InlineData("CLUSTERDOWN The cluster is down")]
    public async Task A_redirect_after_a_long_wait_is_followed(string rejection)
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync(static o => o.MaxRedirects = 3);
        string key = cluster.KeyOf(cluster[0]);
        FakeAnswer later = FakeAnswer.Error(rejection);
        cluster[0].Server.Once("SET", later, later, later, later, later, FakeNode.Moved(HashSlot.Of((RedisKey)key), cluster[1]));
        cluster[1].Server.Once("SET", FakeAnswer.Ok);
        Assert.True(await Until.EndsAsync(redis.StringSetAsync(key, "v")));
    }

    [Fact]
    public async Task Keys_that_are_nowhere_yet_are_asked_for_until_their_slot_has_moved()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync(static o => o.MaxRedirects = 3);
        int slot = HashSlot.Of("{x}");
        FakeNode from = cluster.OwnerOf("{x}"), to = cluster.Nodes.Single(node => node != from);

        // Several absent keys of a migrating slot: the source says ASK, the target TRYAGAIN, again and again.
        from.Migrating[slot] = to;
        to.Importing[slot] = from;
        Task<RedisValue[]> read = redis.StringGetAsync(["{x}1", "{x}2"]).AsTask();
        await Until.HoldsAsync(() => read.IsCompleted || to.Server.CountOf("MGET") >= 8);
        from.Migrating.Clear();
        cluster.Move(slot, to);
        Assert.Equal([RedisValue.Null, RedisValue.Null], await Until.EndsAsync(read));
    }

    [Fact]
    public async Task An_endpoint_map_that_throws_fails_the_call_and_keeps_the_connection()
    {
        await using FakeCluster cluster = FakeCluster.Start(1);
        int broken = 0;
        await using RedisClient redis = await cluster.ConnectAsync(o => o.EndpointMap = endpoint => endpoint.Port == 1 && Interlocked.Increment(ref broken) > 0 ? throw new FormatException("the map is torn") : endpoint);
        cluster[0].Server.Once("SET", FakeAnswer.Error("MOVED 1 10.1.2.3:1"));
        Exception failure = await Assert.ThrowsAnyAsync<RedisException>(async () => await Until.EndsAsync(redis.StringSetAsync("k", "v")));
        Assert.Contains("the map is torn", failure.ToString(), StringComparison.Ordinal);
        int accepted = cluster[0].Server.Accepted;
        Assert.True(await Until.EndsAsync(redis.StringSetAsync("k", "v")));
        Assert.Equal(accepted, cluster[0].Server.Accepted);
    }

    [Fact]
    public async Task When_a_silent_master_has_an_heir_its_reads_go_there_and_its_writes_end_as_unknown()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync(static o => (o.HeartbeatInterval, o.HangTimeout) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(60)));
        FakeNode old = cluster[0], heir = cluster[1];
        string key = cluster.KeyOf(old);
        Assert.True(await Until.EndsAsync(redis.StringSetAsync(key, "v")));
        FakeCommandCount count = new(old);
        old.Server.On(static command => command.Name is "GET" or "SET" or "PING" or "CLUSTER" ? FakeAnswer.Hang : null);
        Task<RedisValue> read = redis.StringGetAsync(key).AsTask();
        Task<bool> write = redis.StringSetAsync(key, "w").AsTask();
        await Until.HoldsAsync(() => count.Of("GET") > 0);
        heir.Server.Store[key] = "v"u8.ToArray();
        foreach ((SlotRange slots, FakeNode owner) in cluster.Truth.Ranges())
        {
            if (owner != old) continue;
            for (int slot = slots.First; slot <= slots.Last; slot++) cluster.Move(slot, heir);
        }

        old.MasterId = heir.Id;
        Assert.Equal("v", (string?)await Until.EndsAsync(read));
        Assert.Equal(Outcome.Unknown, (await Until.FailsAsync<RedisConnectionException>(write)).Outcome);
    }

    private sealed class FakeCommandCount(FakeNode node)
    {
        private readonly int _gets = node.Server.CountOf("GET");

        public int Of(string name) => node.Server.CountOf(name) - _gets;
    }
}
