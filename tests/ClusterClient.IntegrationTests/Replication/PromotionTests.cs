// A master with replicas and no Sentinel: what a person changes by hand is followed without a restart.
using System.Diagnostics;
using System.Globalization;
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.IntegrationTests.Reading;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Replication;

[Trait("Suite", "Replication")]
public sealed class PromotionTests(ITestOutputHelper output)
{
    private const int Writers = 8;

    [Fact]
    public async Task From_any_node_all_of_a_chain_is_found_with_its_offsets()
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(2, chained: true);
        foreach (LocalNode seed in servers.Nodes)
        {
            await using RedisClient redis = await RedisClient.ConnectAsync($"redis://{seed}");
            Assert.True(await redis.StringSetAsync($"from:{seed.Port}", 1));
            Assert.Equal((TopologyKind.Replicated, 3), (redis.Topology.Kind, redis.Topology.Nodes.Length));
            Assert.Equal(servers.Nodes[0].Port, redis.Topology.MasterOf("any")!.Endpoint.Port);
            Assert.Equal(servers.Nodes[1].Port, NodeOf(redis, servers.Nodes[2]).Replication!.Follows!.Value.Port);
            await Eventually.TrueAsync(
                async () =>
                {
                    await redis.RefreshTopologyAsync();
                    return redis.Topology.Nodes.All(static node => node.Replication is { IsLinkUp: true, Offset: > 0 }) && NodeOf(redis, servers.Nodes[2]).Replication!.Lag is not null;
                },
                "all tell their offsets");
        }
    }

    [Fact]
    public async Task The_master_dies_and_reads_go_on_and_writes_say_why_they_wait()
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(2);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{servers.ConnectionString}?readFrom=replicaPreferred&commandTimeout=20s");
        await ShardFixture.WriteAsync(redis, "key", await servers.GetReplicasAsync(), "value");
        await servers.Nodes[0].KillAsync();

        for (int i = 0; i < 200; i++) Assert.Equal("value", (string?)await redis.StringGetAsync("key"));
        RedisTimeoutException late = await Assert.ThrowsAsync<RedisTimeoutException>(async () => await redis.WithTimeout(TimeSpan.FromMilliseconds(500)).StringSetAsync("key", "never"));
        Assert.Equal(Outcome.NotExecuted, late.Outcome);
        Assert.Contains(servers.Nodes[0].ToString(), late.Message, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => redis.Topology.MasterOf("key")!.Flags == ClusterNodeFlags.PossiblyFailed, "the loss of the master shows in the topology");

        // It comes back as what it was, and whoever waited for it goes on.
        Task<bool> waiting = redis.StringSetAsync("key", "after").AsTask();
        await servers.Nodes[0].RestartAsync();
        Assert.True(await waiting);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1500)]
    public async Task A_replica_promoted_in_place_of_a_dead_master_takes_the_writes(int afterMilliseconds)
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(2);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{servers.ConnectionString}?commandTimeout=20s&readFrom=replicaPreferred");
        ShardLoad load = await StartWritersAsync(redis);
        await servers.Nodes[0].KillAsync();
        await Task.Delay(afterMilliseconds); // an operator takes his time
        long promoted = Stopwatch.GetTimestamp();
        Hiccups machine = Hiccups.Start();
        await servers.Nodes[1].ExecuteAsync("REPLICAOF", "NO", "ONE");
        await load.WaitForMoreAsync(500);
        TimeSpan hiccup = await machine.StopAsync();

        // The other replica is made to follow the new master, and is read from again.
        await servers.FollowAsync(servers.Nodes[2], servers.Nodes[1]);
        await Eventually.TrueAsync(
            async () =>
            {
                await redis.RefreshTopologyAsync();
                return NodeOf(redis, servers.Nodes[2]).Replication is { IsLinkUp: true } link && link.Follows!.Value.Port == servers.Nodes[1].Port;
            },
            "the re-parenting is followed");
        await load.StopAsync();
        TimeSpan gap = load.FirstWriteAfter(promoted);
        Figure.Print(output, servers, $"REPLICAOF NO ONE {afterMilliseconds} ms after the master was killed: first write {gap.TotalMilliseconds:F0} ms later (target 300); the machine held us up for {hiccup.TotalMilliseconds:F0} ms");
        Assert.True(gap < TimeSpan.FromMilliseconds(300) + hiccup, $"{gap}");
        load.AssertHonest(mostUnknown: Writers); // only what was on the wire when the master died
        await ShardFixture.WriteAsync(redis, "key", servers.Nodes.Skip(2));
        await Eventually.TrueAsync(async () => await ReadLoad.ShareAsync(redis, servers.Nodes[2], "key", reads: 20) == 20, "the re-parented replica answers reads");

        // The old master returns and calls itself one: nobody writes to it.
        await servers.Nodes[0].RestartAsync();
        await Eventually.TrueAsync(() => NodeOf(redis, servers.Nodes[0]).Replication is { ClaimsToBeMaster: true }, "the old master is known for what it claims");
        for (int i = 0; i < 100; i++) await redis.StringIncrementAsync("counter");
        Assert.Equal(0, (await servers.Nodes[0].ExecuteAsync("DBSIZE")).Number);
    }

    [Fact]
    public async Task A_replica_promoted_beside_its_master_takes_the_writes_when_that_follows_it()
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(2);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{servers.ConnectionString}?commandTimeout=20s");
        List<TopologyChange> changes = [];
        redis.TopologyChanged += (_, change) =>
        {
            lock (changes) changes.Add(change);
        };
        ShardLoad load = await StartWritersAsync(redis);
        (LocalNode old, LocalNode heir) = (servers.Nodes[0], servers.Nodes[1]);

        // Two live masters: the present one stays, and it is said.
        await heir.ExecuteAsync("REPLICAOF", "NO", "ONE");
        await redis.RefreshTopologyAsync();
        await load.WaitForMoreAsync(500);
        Assert.Equal(old.Port, redis.Topology.MasterOf("any")!.Endpoint.Port);
        await Eventually.TrueAsync(
            () =>
            {
                lock (changes) return changes.Exists(change => change.Reason == TopologyChangeReason.Disputed && change.Detail.Contains($"{heir} also says to be master", StringComparison.Ordinal));
            },
            "the dispute is told");

        // The old master is given the heir's data anew: for as long as that keeps both from answering, nobody can write.
        PlannedPause planned = await PlannedPause.WatchAsync(old, heir);
        long demoted = Stopwatch.GetTimestamp();
        await old.ExecuteAsync("REPLICAOF", heir.Host, heir.Port.ToString(CultureInfo.InvariantCulture));
        await load.WaitForMoreAsync(500);
        await load.StopAsync();
        TimeSpan gap = load.LongestPause(demoted);
        (TimeSpan serversPause, TimeSpan hiccup) = await planned.StopAsync();
        Figure.Print(output, servers, $"REPLICAOF heir on the old master: {gap.TotalMilliseconds:F0} ms without a write (target 300), the servers' own pause {serversPause.TotalMilliseconds:F0} ms; the machine held us up for {hiccup.TotalMilliseconds:F0} ms");
        load.AssertHonest(mostUnknown: 0);
        Assert.True(gap - serversPause < TimeSpan.FromMilliseconds(300) + hiccup, $"{gap}, the servers' own {serversPause}");
        Assert.Equal(heir.Port, redis.Topology.MasterOf("any")!.Endpoint.Port);
        await redis.StringSetAsync("last", 1);
        Assert.Equal(1, (await heir.ExecuteAsync("EXISTS", "last")).Number);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3000)]
    public async Task A_replica_promoted_beside_its_master_takes_the_writes_when_that_dies(int afterMilliseconds)
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(2);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{servers.ConnectionString}?commandTimeout=20s");
        ShardLoad load = await StartWritersAsync(redis);
        (LocalNode old, LocalNode heir) = (servers.Nodes[0], servers.Nodes[1]);
        await heir.ExecuteAsync("REPLICAOF", "NO", "ONE");
        await redis.RefreshTopologyAsync();
        Assert.True(NodeOf(redis, heir).Replication is { ClaimsToBeMaster: true });

        // Connections that are lost are no death of the master.
        for (int i = 0; i < 5; i++)
        {
            await old.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal");
            await load.WaitForMoreAsync(100);
        }

        await redis.RefreshTopologyAsync();
        Assert.Equal(old.Port, redis.Topology.MasterOf("any")!.Endpoint.Port);
        int unknown = load.Unknown.Count;
        await Task.Delay(afterMilliseconds); // an operator takes his time
        long killed = Stopwatch.GetTimestamp();
        Hiccups machine = Hiccups.Start();
        await old.KillAsync();
        await load.WaitForMoreAsync(500);
        await load.StopAsync();
        TimeSpan gap = load.LongestPause(killed), hiccup = await machine.StopAsync();
        Figure.Print(output, servers, $"master killed {afterMilliseconds} ms after a replica was promoted beside it: {gap.TotalMilliseconds:F0} ms without a write (target 300); the machine held us up for {hiccup.TotalMilliseconds:F0} ms");
        Assert.True(gap < TimeSpan.FromMilliseconds(300) + hiccup, $"{gap}");
        Assert.Equal(heir.Port, redis.Topology.MasterOf("any")!.Endpoint.Port);
        load.AssertHonest(mostUnknown: unknown + Writers);
    }

    [Fact]
    public async Task Who_comes_when_there_are_two_masters_writes_to_the_promoted_one_and_is_told()
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(2);
        (LocalNode old, LocalNode heir) = (servers.Nodes[0], servers.Nodes[1]);
        await heir.ExecuteAsync("REPLICAOF", "NO", "ONE"); // the other replica goes on with the old master
        await using RedisClient redis = RedisClient.Create(RedisClientOptions.Parse($"redis://{old},{heir},{servers.Nodes[2]}?commandTimeout=20s&readFrom=replicaPreferred"));
        TaskCompletionSource<string> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        redis.TopologyChanged += (_, change) =>
        {
            if (change.Reason == TopologyChangeReason.Disputed) told.TrySetResult(change.Detail);
        };
        await redis.StringSetAsync("written", 1);
        Assert.Equal(1, (await heir.ExecuteAsync("EXISTS", "written")).Number);
        Assert.Equal(0, (await old.ExecuteAsync("EXISTS", "written")).Number);
        Assert.Equal($"{old} also says to be master; taking {heir}, which was promoted from a replica of {old}", await told.Task.WaitAsync(TimeSpan.FromSeconds(20)));

        // What the other replica has is the old master's.
        for (int i = 0; i < 50; i++) Assert.Equal(1, await redis.StringGetAsync<int>("written"));
    }

    [Fact]
    public async Task A_frozen_replica_does_not_hold_up_the_way_to_the_promoted_one()
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(2);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{servers.ConnectionString}?commandTimeout=20s&heartbeatInterval=10s&hangTimeout=60s");
        (LocalNode old, LocalNode heir, LocalNode frozen) = (servers.Nodes[0], servers.Nodes[1], servers.Nodes[2]);
        ShardLoad load = await StartWritersAsync(redis);
        frozen.Freeze();
        await redis.RefreshTopologyAsync(); // silent, and not suspected before two heartbeats
        List<(long From, long To)> rounds = [];
        for (int i = 0; i < 3; i++)
        {
            await heir.ExecuteAsync("REPLICAOF", "NO", "ONE");
            long demoted = Stopwatch.GetTimestamp();
            await old.ExecuteAsync("REPLICAOF", heir.Host, heir.Port.ToString(CultureInfo.InvariantCulture));
            await load.WaitForMoreAsync(500);
            rounds.Add((demoted, Stopwatch.GetTimestamp()));
            Assert.Equal(heir.Port, redis.Topology.MasterOf("any")!.Endpoint.Port);
            (old, heir) = (heir, old);

            // Who is promoted next has given up what it had for its master's data, or would bring it back: the counters would show it as writes that ran twice.
            await InStep.WaitAsync(old, replicas: 1);
        }

        await load.StopAsync();
        frozen.Thaw();
        TimeSpan[] gaps = [.. rounds.Select(round => load.LongestPause(round.From, round.To))];

        // Whatever the machine does, once in three it lets a look be as short as it can be: a grace of 250 ms for the frozen one would be in each.
        Figure.Print(output, servers, $"promoted while another replica is frozen: {string.Join(", ", gaps.Select(static gap => $"{gap.TotalMilliseconds:F0}"))} ms without a write (target 200 for the best)");
        load.AssertHonest(mostUnknown: 0);
        Assert.True(gaps.Min() < TimeSpan.FromMilliseconds(200), $"{gaps.Min()}");
    }

    [Fact]
    public async Task A_planned_FAILOVER_costs_no_error_and_little_time()
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(1);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{servers.ConnectionString}?commandTimeout=20s");
        (LocalNode old, LocalNode heir) = (servers.Nodes[0], servers.Nodes[1]);
        ShardLoad load = await StartWritersAsync(redis);
        Task<long> promotion = ServerWatch.PromotionOf(heir);
        Hiccups machine = Hiccups.Start();
        await old.ExecuteAsync("FAILOVER", "TO", heir.Host, heir.Port.ToString(CultureInfo.InvariantCulture), "TIMEOUT", "5000");
        long promoted = await promotion;
        await load.WaitForMoreAsync(500);
        TimeSpan hiccup = await machine.StopAsync();
        long refused = await AfterFailover.IsRefusedNoMoreAsync(old, redis, heir, () => load.WaitForMoreAsync(500));
        await load.StopAsync();
        TimeSpan gap = load.FirstWriteAfter(promoted);
        Figure.Print(output, servers, $"FAILOVER TO: first write {gap.TotalMilliseconds:F0} ms after the heir says it is master (target 100); the demoted master refused {refused} until the heir was known, and got no more; the machine held us up for {hiccup.TotalMilliseconds:F0} ms");
        load.AssertHonest(mostUnknown: 0);
        Assert.True(gap < TimeSpan.FromMilliseconds(100) + hiccup, $"{gap}");
        await redis.StringSetAsync("last", 1);
        Assert.Equal(heir.Port, redis.Topology.MasterOf("last")!.Endpoint.Port);
    }

    [Fact]
    public async Task A_lone_server_that_gets_a_replica_becomes_a_master_with_one()
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalStandalone lone = await LocalTopology.StartStandaloneAsync();
        await using LocalStandalone other = await LocalTopology.StartStandaloneAsync();
        await using RedisClient redis = await RedisClient.ConnectAsync($"{lone.ConnectionString}?readFrom=replica");
        await redis.StringSetAsync("key", "value");
        Assert.Equal(TopologyKind.Standalone, redis.Topology.Kind);
        Assert.Equal("value", (string?)await redis.StringGetAsync("key"));
        await other.Node.ExecuteAsync("REPLICAOF", lone.Node.Host, lone.Node.Port.ToString(CultureInfo.InvariantCulture));
        await Eventually.TrueAsync(
            async () =>
            {
                await redis.RefreshTopologyAsync();
                return redis.Topology is { Kind: TopologyKind.Replicated, Replicas: [{ Replication.IsLinkUp: true }] };
            },
            "the replica is found");
        ServedCounts served = await ServedCounts.StartAsync([lone.Node, other.Node]);
        for (int i = 0; i < 20; i++) Assert.Equal("value", (string?)await redis.StringGetAsync("key"));
        Assert.Equal(20, await served.OfAsync(other.Node, "get"));
    }

    private static TopologyNode NodeOf(RedisClient redis, LocalNode node) => redis.Topology.Nodes.Single(known => known.Endpoint.Port == node.Port);

    /// <summary>Writers that rest for no moment, of which 500 writes went well.</summary>
    private static async Task<ShardLoad> StartWritersAsync(RedisClient redis)
    {
        ShardLoad load = await ShardLoad.StartAsync(redis, "victim", Writers, readers: 0, pause: TimeSpan.Zero);
        await load.WaitForMoreAsync(500);
        return load;
    }
}
