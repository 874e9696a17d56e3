// Views with a way of their own with reads: what they must refuse like any other, and what of a replica's answer they must not believe.
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public sealed class ReadViewTests
{
    private static readonly ReadFrom _bounded = ReadFrom.Replica.WithMaxStaleness(TimeSpan.FromSeconds(10));
    private static readonly CommandInfo _xread = CommandTable.Get("XREAD");
    private static readonly ReadFrom _hedged = ReadFrom.Replica.WithHedging(TimeSpan.FromMinutes(1));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_would_hold_the_shared_connection_is_refused_by_every_view(bool isBounded)
    {
        await using FakeCluster cluster = Start(masters: 1);
        RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        IRedisView view = redis.WithReadFrom(isBounded ? _bounded : _hedged);
        await ReadUntilReplicaAnswersAsync(cluster[1], view, key);
        NotSupportedException refused = await Assert.ThrowsAsync<NotSupportedException>(() => view.ExecuteAsync(new Command(_xread, ["BLOCK", 0, "STREAMS", key, 0]), TreeParser.Instance).AsTask());
        Assert.Contains("XREAD was not sent", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, cluster.CountOf("XREAD"));

        // The same without BLOCK is a read.
        cluster[1].Server.On("XREAD", FakeAnswer.Bulks("not looked into"));
        await Until.EndsAsync(view.ExecuteAsync(new Command(_xread, "STREAMS", key, 0), TreeParser.Instance));
        Assert.Equal(1, cluster[1].Server.CountOf("XREAD"));

        await redis.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => view.StringGetAsync(key).AsTask());
    }

    [Fact]
    public async Task Where_a_bounded_replica_finds_nothing_the_master_is_asked_who_knows_what_has_moved()
    {
        await using FakeCluster cluster = Start(masters: 2);
        await using RedisClient redis = await cluster.ConnectAsync(static options => options.TopologyRefreshInterval = TimeSpan.FromHours(1));
        (FakeNode master, FakeNode replica) = (cluster[0], cluster.Nodes.Single(node => node.MasterId == cluster[0].Id));
        string key = cluster.KeyOf(master);
        IRedisView bounded = redis.WithReadFrom(_bounded);
        master.Server.Store[key] = replica.Server.Store[key] = "v"u8.ToArray();
        await ReadUntilReplicaAnswersAsync(replica, bounded, key);

        // Redis 7: the slot moves, the key has left, and the replica knows nothing of the move.
        int slot = HashSlot.Of((RedisKey)key);
        lock (cluster.OneAtATime)
        {
            master.Migrating[slot] = cluster[1];
            cluster[1].Importing[slot] = master;
            master.Server.Store.MoveTo(cluster[1].Server.Store, key);
            replica.Server.Store[key] = null;
        }

        int before = replica.Server.CountOf("GET");
        for (int i = 0; i < 20; i++) Assert.Equal("v", (string?)await Until.EndsAsync(bounded.StringGetAsync(key)));
        Assert.True(replica.Server.CountOf("GET") > before, "No replica was asked: nothing was shown.");
        Assert.Equal(["v"], (await Until.EndsAsync(bounded.StringGetAsync([key]))).Select(static value => (string?)value));
        Assert.Equal(1, (await Until.EndsAsync(bounded.ExecuteAsync("EXISTS", key))).AsInt64());
    }

    [Fact]
    public async Task Of_several_keys_and_of_scripts_the_master_alone_knows_whether_all_are_there()
    {
        await using FakeCluster cluster = Start(masters: 1);
        await using RedisClient redis = await cluster.ConnectAsync();
        (FakeServer master, FakeServer replica) = (cluster[0].Server, cluster[1].Server);
        foreach (string name in (string[])["SUNION", "SMEMBERS", "EVAL_RO"])
        {
            master.On(name, FakeAnswer.Bulks("of the master"));
            replica.On(name, FakeAnswer.Bulks("of the replica"));
        }

        IRedisView bounded = redis.WithReadFrom(_bounded);
        await ReadUntilReplicaAnswersAsync(cluster[1], bounded, "{k}");
        Assert.Equal("of the master", (string?)(await Until.EndsAsync(bounded.ExecuteAsync("SUNION", "{k}1", "{k}2")))[0]);
        Assert.Equal("of the master", (string?)(await Until.EndsAsync(bounded.ExecuteAsync("EVAL_RO", "return 1", 1, "{k}1")))[0]);
        Assert.Equal("of the replica", (string?)(await Until.EndsAsync(bounded.ExecuteAsync("SUNION", "{k}1")))[0]);
        Assert.Equal("of the replica", (string?)(await Until.EndsAsync(bounded.ExecuteAsync("SMEMBERS", "{k}1")))[0]);
    }

    [Fact]
    public async Task A_short_bound_that_nobody_asks_for_any_more_does_not_set_the_pace_of_comparisons()
    {
        await using FakeCluster cluster = Start(masters: 1);
        await using RedisClient redis = await cluster.ConnectAsync(static options => (options.HeartbeatInterval, options.HangTimeout) = (TimeSpan.FromSeconds(10), Until.Limit));
        string key = cluster.KeyOf(cluster[0]);
        IRedisView seldom = redis.WithReadFrom(ReadFrom.Replica.WithMaxStaleness(TimeSpan.FromMilliseconds(10))), often = redis.WithReadFrom(_bounded);
        await ReadUntilReplicaAnswersAsync(cluster[1], often, key);
        await Until.EndsAsync(seldom.StringGetAsync(key));
        long started = Environment.TickCount64;
        while (Environment.TickCount64 - started < 200) await Until.EndsAsync(often.StringGetAsync(key));
        int before = cluster[0].Server.CountOf("INFO"), reads = cluster[1].Server.CountOf("GET");
        while (Environment.TickCount64 - started < 1200) await Until.EndsAsync(often.StringGetAsync(key));

        // Every 100 ms for the long bound; for the short one it would be every 5 ms.
        int comparisons = cluster[0].Server.CountOf("INFO") - before;
        Console.WriteLine($"FIGURE {comparisons} comparisons in a second");
        Assert.InRange(comparisons, 1, 30);
        Assert.True(cluster[1].Server.CountOf("GET") > reads, "No replica was asked.");
    }

    private static FakeCluster Start(int masters)
    {
        FakeCluster cluster = FakeCluster.Start(masters, replicasPerMaster: 1);
        foreach (FakeNode node in cluster.Nodes)
        {
            string shard = node.MasterId ?? node.Id;
            node.Server.On("INFO", command => command.Subcommand is not "REPLICATION" ? null : FakeAnswer.Bulk(
                $"# Replication\r\nrole:{(node.MasterId is null ? "master" : "slave")}\r\nmaster_link_status:up\r\nmaster_replid:{shard}\r\nmaster_repl_offset:100\r\nslave_repl_offset:100\r\n"));
        }

        return cluster;
    }

    private static async Task ReadUntilReplicaAnswersAsync(FakeNode replica, IRedisView view, string key)
    {
        replica.Server.Store[key] ??= "v"u8.ToArray();
        int before = replica.Server.CountOf("GET");
        for (int i = 0; replica.Server.CountOf("GET") == before; i++)
        {
            Assert.True(i < 10_000, "The replica never answered.");
            await Until.EndsAsync(view.StringGetAsync(key));
            await Task.Delay(1);
        }
    }
}
