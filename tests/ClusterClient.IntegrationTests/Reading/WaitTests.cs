// Writes that return when replicas or disks have confirmed them.
using System.Diagnostics;
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
public sealed class WaitTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_write_returns_when_replicas_have_it_and_says_so_when_they_have_not()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 2);
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        IReadOnlyList<LocalNode> replicas = await cluster.GetReplicasAsync();
        await using RedisClient redis = await RedisClient.ConnectAsync(cluster.ConnectionString);
        Assert.Equal(1, await redis.WaitAsync(2, TimeSpan.FromSeconds(10), static write => write.StringIncrementAsync("k")));
        foreach (LocalNode replica in replicas) Assert.Equal("1", (await replica.ExecuteAllAsync([["READONLY"], ["GET", "k"]]))[1].Text);

        await replicas[0].CutReplicaLinkAsync();
        NotReplicatedException missing = await Assert.ThrowsAsync<NotReplicatedException>(async () => await redis.WaitAsync(2, TimeSpan.FromMilliseconds(200), static write => write.StringIncrementAsync("k")));
        Assert.Equal((1, Outcome.Unknown, "INCR"), (missing.Replicas, missing.Outcome, missing.CommandName));
        Assert.Equal(3, await redis.WaitAsync(1, TimeSpan.FromSeconds(10), static write => write.StringIncrementAsync("k")));
    }

    [Fact]
    public async Task A_hundred_waits_at_once_hold_up_nobody_else()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 1);
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        LocalNode replica = (await cluster.GetReplicasAsync())[0];
        await using RedisClient redis = await RedisClient.ConnectAsync(cluster.ConnectionString);
        await replica.CutReplicaLinkAsync();
        Task<NotReplicatedException>[] waits = [.. Enumerable.Range(0, 100).Select(i => Assert.ThrowsAsync<NotReplicatedException>(async () => await redis.WaitAsync(1, TimeSpan.FromSeconds(4), write => write.StringSetAsync($"w:{i}", i))))];

        // All of them are blocked in the server before others are looked at: until then they are being sent, and their connections made.
        LocalNode master = (await cluster.GetMastersAsync())[0];
        await Eventually.TrueAsync(async () => await WaitingAsync(master) == waits.Length, "all wait");
        OthersWrites others = await OthersWrites.RunAsync(redis, () => Array.TrueForAll(waits, static wait => !wait.IsCompleted), static _ => Task.CompletedTask);
        await Task.WhenAll(waits);
        Figure.Print(output, cluster, $"100 waits at once for a replica that is cut off: meanwhile {others}");
        others.AssertNotHeldUp();
    }

    [Theory]
    [InlineData(TopologyKind.Cluster)]
    [InlineData(TopologyKind.Sentinel)]
    [InlineData(TopologyKind.Replicated)]
    public async Task A_frozen_replica_is_not_counted_and_nobody_is_held_up_by_the_wait_for_it(TopologyKind kind)
    {
        await using FreshnessServers? servers = await FreshnessServers.StartAsync(kind);
        if (servers is null) return;
        await using RedisClient redis = await servers.ConnectAsync();
        Assert.Equal(1, await redis.WaitAsync(2, TimeSpan.FromSeconds(10), static write => write.StringIncrementAsync("k")));
        servers.Replicas[0].Freeze();
        TimeSpan time = TimeSpan.FromSeconds(2);
        long began = Stopwatch.GetTimestamp();
        Task<NotReplicatedException> waiting = Assert.ThrowsAsync<NotReplicatedException>(async () => await redis.WaitAsync(2, time, static write => write.StringIncrementAsync("k")));

        // It waits on a connection of its own...
        await Eventually.TrueAsync(async () => await WaitingAsync(servers.Master) == 1, "one client is blocked in WAIT");
        Assert.False(waiting.IsCompleted);

        // ...so that others are answered at once, also one who waits for fewer.
        OthersWrites others = await OthersWrites.RunAsync(redis, () => Stopwatch.GetElapsedTime(began) < time - TimeSpan.FromMilliseconds(200), async done =>
        {
            if (done % 100 == 0) await redis.WaitAsync(1, time, static write => write.StringSetAsync("other", "waited"));
        });
        NotReplicatedException missing = await waiting;
        TimeSpan waited = Stopwatch.GetElapsedTime(began);
        Figure.Print(output, servers.Topology, $"{kind}, WAIT 2 with a replica frozen: {missing.Replicas} counted after {waited.TotalMilliseconds:F0} ms; meanwhile {others}");
        Assert.Equal((1, Outcome.Unknown, "INCR"), (missing.Replicas, missing.Outcome, missing.CommandName));
        Assert.InRange(waited, time - TimeSpan.FromMilliseconds(5), TimeSpan.MaxValue);
        others.AssertNotHeldUp();
        Assert.Equal("2", (string?)await redis.StringGetAsync("k")); // it ran, once
        servers.Replicas[0].Thaw();
        Assert.Equal(3, await redis.WaitAsync(2, TimeSpan.FromSeconds(10), static write => write.StringIncrementAsync("k")));
    }

    [Fact]
    public async Task A_thousand_waits_open_no_more_connections_than_may_be()
    {
        const int Most = 64;
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 1);
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        LocalNode replica = (await cluster.GetReplicasAsync())[0];
        RedisClientOptions options = RedisClientOptions.Parse(cluster.ConnectionString);
        (options.MaxLeasedConnections, options.CommandTimeout) = (Most, TimeSpan.FromSeconds(30));
        await using RedisClient redis = await RedisClient.ConnectAsync(options);
        long before = await ConnectedAsync(redis);
        await replica.CutReplicaLinkAsync();
        Task<NotReplicatedException>[] waits = [.. Enumerable.Range(0, 1000).Select(i => Assert.ThrowsAsync<NotReplicatedException>(async () => await redis.WaitAsync(1, TimeSpan.FromMilliseconds(100), write => write.StringSetAsync($"w:{i}", i))))];
        long most = 0;
        while (!Array.TrueForAll(waits, static wait => wait.IsCompleted)) most = Math.Max(most, await ConnectedAsync(redis));
        await Task.WhenAll(waits);
        Figure.Print(output, cluster, $"1000 waits at once on a cut replica: {most} connected clients, {before} before (maxLeasedConnections={Most})");

        // A replica that tries to attach again is a client now and then.
        Assert.InRange(most, before + 2, before + Most + 2);
    }

    [Fact]
    public async Task What_is_on_disk_is_confirmed_by_WAITAOF_where_the_server_knows_it()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 1);
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        await using RedisClient redis = await RedisClient.ConnectAsync(cluster.ConnectionString);
        ValueTask<bool> Write() => redis.WaitAofAsync(local: false, replicas: 1, TimeSpan.FromSeconds(10), static write => write.StringSetAsync("k", "v"));
        bool knows = (await redis.OnNode(redis.Topology.Masters[0]).ExecuteAsync("COMMAND", "INFO", "WAITAOF"))[0].Count > 0;
        if (!knows)
        {
            RedisException unknown = await Assert.ThrowsAsync<RedisException>(async () => await Write());
            Assert.Contains("unknown command", unknown.Message, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(Outcome.Unknown, unknown.Outcome);
            return;
        }

        // The replica keeps no file yet: of the one that was asked for none is counted. Nor does the master, which the server refuses.
        NotReplicatedException missing = await Assert.ThrowsAsync<NotReplicatedException>(async () => await redis.WaitAofAsync(local: false, replicas: 1, TimeSpan.FromMilliseconds(200), static write => write.StringSetAsync("k", "v")));
        Assert.Equal((0, Outcome.Unknown, "SET"), (missing.Replicas, missing.Outcome, missing.CommandName));
        RedisException off = await Assert.ThrowsAnyAsync<RedisException>(async () => await redis.WaitAofAsync(local: true, replicas: 0, TimeSpan.FromSeconds(1), static write => write.StringSetAsync("k", "v")));
        Assert.Contains("appendonly", off.Message, StringComparison.Ordinal);
        Assert.Equal(Outcome.Unknown, off.Outcome);
        foreach (LocalNode node in cluster.Nodes) await node.ExecuteAsync("CONFIG", "SET", "appendonly", "yes");
        Assert.True(await Write());
        Assert.True(await redis.WaitAofAsync(local: true, replicas: 0, TimeSpan.FromSeconds(10), static write => write.StringSetAsync("k", "v")));
    }

    [Fact]
    public async Task Nonsense_is_refused_before_anything_is_sent()
    {
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync();
        await using RedisClient redis = await RedisClient.ConnectAsync(server.ConnectionString);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await redis.WaitAsync(0, TimeSpan.FromSeconds(1), static write => write.StringSetAsync("k", "v")));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await redis.WaitAsync(1, TimeSpan.Zero, static write => write.StringSetAsync("k", "v")));
        Assert.Null((string?)await redis.StringGetAsync("k"));
    }

    /// <summary>How many clients of a server are blocked in WAIT.</summary>
    private static async Task<int> WaitingAsync(LocalNode master)
        => (await master.ExecuteAsync("CLIENT", "LIST")).Text.Split('\n').Count(static client => client.Contains(" cmd=wait ", StringComparison.Ordinal));

    private static async Task<long> ConnectedAsync(RedisClient redis) => (await redis.OnNode(redis.Topology.Masters[0]).InfoAsync("clients")).ConnectedClients!.Value;

    /// <summary>What others wrote over the same client while somebody waited, one write after the other.</summary>
    private sealed record OthersWrites(int Done, TimeSpan Longest, TimeSpan Hiccup)
    {
        /// <param name="redis">The client.</param>
        /// <param name="isWaiting">Whether anybody still waits.</param>
        /// <param name="more">What else belongs to a write; it is given how many were done before.</param>
        public static async Task<OthersWrites> RunAsync(RedisClient redis, Func<bool> isWaiting, Func<int, Task> more)
        {
            Hiccups machine = Hiccups.Start();
            TimeSpan longest = TimeSpan.Zero;
            int done = 0;
            for (; isWaiting(); done++)
            {
                long started = Stopwatch.GetTimestamp();
                await redis.StringSetAsync("other", done);
                await more(done);
                if (Stopwatch.GetElapsedTime(started) is var took && took > longest) longest = took;
            }

            return new(done, longest, await machine.StopAsync());
        }

        /// <summary>None took longer than what the machine explains: the hold-up may have hit the client and the server.</summary>
        public void AssertNotHeldUp()
        {
            Assert.NotEqual(0, Done);
            Assert.InRange(Longest, TimeSpan.Zero, TimeSpan.FromMilliseconds(200) + (2 * Hiccup));
        }

        public override string ToString() => $"{Done} writes of others, the slowest {Longest.TotalMilliseconds:F1} ms (the machine held us up for {Hiccup.TotalMilliseconds:F0} ms)";
    }
}
