// Sessions on real servers: never an older value than the session has written or read, whatever happens to replicas and masters.
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
public sealed class SessionTests(ITestOutputHelper output)
{
    private const int Sessions = 64;

    /// <summary>A million by hand, which CLUSTERCLIENT_LONG asks for; a hundred thousand otherwise.</summary>
    private static readonly long s_pairs = Environment.GetEnvironmentVariable("CLUSTERCLIENT_LONG") is null ? 100_000 : 1_000_000;

    [Fact]
    public async Task No_read_is_stale_while_a_replica_is_frozen_and_its_links_are_cut()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 2);
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=20s&heartbeatInterval=250ms");
        IReadOnlyList<LocalNode> replicas = await cluster.GetReplicasAsync();
        Task<SessionPairs> pairs = SessionPairs.RunAsync(redis, Sessions, static pairs => pairs >= s_pairs, static i => $"pair:{i}");
        while (!pairs.IsCompleted)
        {
            await replicas[0].CutReplicaLinkAsync();
            await Task.WhenAny(pairs, Task.Delay(200));
            await replicas[0].MendReplicaLinkAsync();
            replicas[1].Freeze();
            await Task.WhenAny(pairs, Task.Delay(400));
            replicas[1].Thaw();
            await Task.WhenAny(pairs, Task.Delay(100));
        }

        SessionPairs seen = await pairs;
        output.WriteLine($"{seen}");
        Assert.Equal((0, 0, 0), (seen.Stale, seen.Failures, seen.Told));
    }

    [Fact]
    public async Task Healthy_replicas_answer_four_reads_in_five()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 2);
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=20s");
        await redis.WithReadFrom(ReadFrom.Replica).WithTimeout(TimeSpan.FromSeconds(20)).StringGetAsync("any"); // the connections to the replicas
        ServedCounts served = await ServedCounts.StartAsync(cluster.Nodes);
        long stale = await SessionPairs.RunWithPausesAsync(redis, Sessions, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(5), static i => $"paced:{i}");
        LocalNode master = (await cluster.GetMastersAsync())[0];
        long[] gets = await served.OfAllAsync("get");
        long byMaster = await served.OfAsync(master, "get");
        long samples = (await served.OfAllAsync("info")).Sum();
        double part = 1 - ((double)byMaster / gets.Sum());
        output.WriteLine($"{gets.Sum()} reads, {part:P1} by replicas; {samples} INFO on all nodes");
        Assert.Equal(0, stale);
        Assert.True(part >= 0.8, $"Replicas answered {part:P1} of {gets.Sum()} reads.");
    }

    [Fact]
    public async Task A_failover_loses_no_read_of_a_session_unless_it_says_so()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 1);
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=20s&heartbeatInterval=250ms");
        bool isOver = false;
        long before = 0;
        Task<SessionPairs> pairs = SessionPairs.RunAsync(redis, Sessions, pairs => Volatile.Read(ref isOver) && pairs >= Interlocked.CompareExchange(ref before, pairs, 0) + s_pairs, static i => $"pair:{i}");
        LocalNode killed = (await cluster.GetMastersAsync())[0];
        LocalNode heir = (await cluster.GetReplicasAsync(killed))[0];
        await Task.Delay(TimeSpan.FromSeconds(1)); // of traffic
        await killed.KillAsync();
        await Eventually.TrueAsync(async () => await heir.GetRoleAsync() == LocalNodeRole.Master, "the replica is promoted");
        Volatile.Write(ref isOver, true);
        SessionPairs seen = await pairs;
        output.WriteLine($"{seen}");
        Assert.Equal(0, seen.Stale);
        Assert.InRange(seen.Failures, 0, Sessions); // what was on the wire: at most one call of each session
        Assert.True(seen.Told > 0, "No session said that writes may be lost, though those on the killed master had writes that nobody had sampled.");
    }

    [Fact]
    public async Task A_token_carries_what_was_seen_to_another_client()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 1);
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        LocalNode replica = (await cluster.GetReplicasAsync())[0];
        await using RedisClient one = await RedisClient.ConnectAsync(cluster.ConnectionString);
        await using RedisClient other = await RedisClient.ConnectAsync(cluster.ConnectionString);
        await replica.CutReplicaLinkAsync();
        RedisSession session = one.CreateSession();
        await session.StringSetAsync("profile", "new");
        string token = await session.GetTokenAsync();
        output.WriteLine($"{token.Length} characters");

        // The replica is behind: the master answers. Once it has caught up, it does.
        RedisSession resumed = other.CreateSession(token: token);
        Assert.Equal("new", (string?)await resumed.StringGetAsync("profile"));
        await replica.MendReplicaLinkAsync();
        await ShardFixture.HasAsync(replica, "profile");
        ServedCounts served = await ServedCounts.StartAsync(cluster.Nodes);
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.Equal("new", (string?)await other.CreateSession(token: await session.GetTokenAsync()).StringGetAsync("profile"));
                return await served.OfAsync(replica, "get") > 0;
            },
            "the replica answers a resumed session");
        Assert.False(resumed.MayHaveLostWrites);
    }
}
