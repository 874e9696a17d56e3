// Read policies, the same in every kind of deployment: which node served which command.
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
public sealed class ClusterReadFromTests(ClusterShardFixture fixture, ITestOutputHelper output) : ReadFromTests(fixture, output), IClassFixture<ClusterShardFixture>;

[Trait("Suite", "Reading")]
public sealed class ReplicatedReadFromTests(ReplicatedShardFixture fixture, ITestOutputHelper output) : ReadFromTests(fixture, output), IClassFixture<ReplicatedShardFixture>;

[Trait("Suite", "Reading")]
public sealed class SentinelReadFromTests(SentinelShardFixture fixture, ITestOutputHelper output) : ReadFromTests(fixture, output), IClassFixture<SentinelShardFixture>;

public abstract class ReadFromTests(ShardFixture fixture, ITestOutputHelper output)
{
    private const string Key = ShardFixture.Key;
    private const int Callers = 16;
    private const int ReadsEach = 500;
    private const long All = Callers * ReadsEach;

    [Theory]
    [InlineData("master")]
    [InlineData("masterPreferred")]
    public async Task The_master_answers_all_reads(string policy)
    {
        if (fixture.LacksCounts) return;
        await using RedisClient redis = await RedisClient.ConnectAsync(fixture.ConnectionWith($"readFrom={policy}"));
        ServedCounts served = await ServedCounts.StartAsync(fixture.Nodes);
        await ReadLoad.RunAsync(redis, Callers, ReadsEach, Key);
        Assert.Equal(All, await served.OfAsync(fixture.Master, "get"));
    }

    [Theory]
    [InlineData("replica")]
    [InlineData("replicaPreferred")]
    public async Task Replicas_answer_all_reads_and_share_them(string policy)
    {
        if (fixture.LacksCounts) return;
        await using RedisClient redis = await ConnectedToReplicasAsync(fixture.ConnectionWith($"readFrom={policy}"));
        ServedCounts served = await ServedCounts.StartAsync(fixture.Nodes);
        await ReadLoad.RunAsync(redis, Callers, ReadsEach, Key);
        Assert.Equal(0, await served.OfAsync(fixture.Master, "get"));
        await AssertSharedAsync(served, fixture.Replicas, policy);
    }

    [Fact]
    public async Task All_nodes_share_the_reads()
    {
        if (fixture.LacksCounts) return;
        await using RedisClient redis = await ConnectedToReplicasAsync(fixture.ConnectionWith("readFrom=any"));
        ServedCounts served = await ServedCounts.StartAsync(fixture.Nodes);
        await ReadLoad.RunAsync(redis, Callers, ReadsEach, Key);
        await AssertSharedAsync(served, fixture.Nodes, "any");
    }

    [Fact]
    public async Task The_nearest_node_answers_and_another_one_when_it_moves_away()
    {
        if (fixture.LacksCounts) return;
        Dictionary<int, DelayingProxy> proxies = fixture.Nodes.ToDictionary(static node => node.Port, static node => new DelayingProxy(node) { DelayMilliseconds = 30 });
        try
        {
            RedisClientOptions options = RedisClientOptions.Parse(fixture.ConnectionWith("readFrom=nearest&heartbeatInterval=100ms&hangTimeout=10s&commandTimeout=20s", proxies[fixture.Master.Port].Endpoint));
            options.EndpointMap = announced => proxies.TryGetValue(announced.Port, out DelayingProxy? proxy) ? proxy.Endpoint : announced;
            await using RedisClient redis = await ConnectedToReplicasAsync(options);
            LocalNode? before = null;
            foreach (LocalNode near in fixture.Nodes)
            {
                if (before is not null) proxies[before.Port].DelayMilliseconds = 30;
                proxies[near.Port].DelayMilliseconds = 0;
                before = near;
                await Eventually.TrueAsync(async () => await ShareAsync(redis, near, reads: 5) == 5, $"{near} is found to be nearest");

                // On a busy machine a heartbeat that comes late sends a few reads elsewhere.
                Assert.InRange(await ShareAsync(redis, near, reads: 200), 180, 200);
            }
        }
        finally
        {
            foreach (DelayingProxy proxy in proxies.Values) await proxy.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_zone_decides_and_others_follow_when_nobody_is_in_it()
    {
        if (fixture.LacksCounts) return;
        RedisClientOptions options = RedisClientOptions.Parse(fixture.ConnectionWith("readFrom=azAffinity&availabilityZone=here"));
        int near = fixture.Replicas[1].Port;
        options.ZoneOf = endpoint => endpoint.Port == near ? "here" : "there";
        await using RedisClient redis = await ConnectedToReplicasAsync(options);
        ServedCounts served = await ServedCounts.StartAsync(fixture.Nodes);
        await ReadLoad.RunAsync(redis, Callers, ReadsEach, Key);
        Assert.Equal(All, await served.OfAsync(fixture.Replicas[1], "get"));

        options.ZoneOf = endpoint => endpoint.Port == fixture.Master.Port ? "here" : "there";
        await using RedisClient besideMaster = await ConnectedToReplicasAsync(options);
        served = await ServedCounts.StartAsync(fixture.Nodes);
        await ReadLoad.RunAsync(besideMaster, Callers, ReadsEach, Key);
        Assert.Equal(All, await served.OfAsync(fixture.Master, "get"));

        options.ZoneOf = static _ => "there";
        await using RedisClient faraway = await ConnectedToReplicasAsync(options);
        served = await ServedCounts.StartAsync(fixture.Nodes);
        await ReadLoad.RunAsync(faraway, Callers, ReadsEach, Key);
        await AssertSharedAsync(served, fixture.Replicas, "azAffinity without a node in the zone");
    }

    [Fact]
    public async Task The_zone_that_a_server_announces_decides_without_the_users_word()
    {
        if (fixture.LacksCounts) return;
        LocalNode near = fixture.Replicas[1];
        if (fixture.Topology.Server != ServerKind.Valkey)
        {
            await Assert.ThrowsAsync<ServerReplyException>(() => near.ExecuteAsync("CONFIG", "SET", "availability-zone", "here")); // Valkey alone has zones, from 8.1 on.
            return;
        }

        await near.ExecuteAsync("CONFIG", "SET", "availability-zone", "here");
        try
        {
            await using RedisClient redis = await ConnectedToReplicasAsync(fixture.ConnectionWith("readFrom=azAffinity&availabilityZone=here"));
            ServedCounts served = await ServedCounts.StartAsync(fixture.Nodes);
            await ReadLoad.RunAsync(redis, Callers, ReadsEach, Key);
            Assert.Equal(All, await served.OfAsync(near, "get"));
        }
        finally
        {
            await near.ExecuteAsync("CONFIG", "SET", "availability-zone", string.Empty);
        }
    }

    [Fact]
    public async Task A_selector_of_the_users_own_decides()
    {
        if (fixture.LacksCounts) return;
        int chosen = fixture.Replicas[0].Port;
        RedisClientOptions options = RedisClientOptions.Parse(fixture.Topology.ConnectionString);
        options.ReadFrom = ReadFrom.Custom(candidates =>
        {
            for (int i = 0; i < candidates.Length; i++)
            {
                if (candidates[i].Endpoint.Port == chosen) return i;
            }

            return -1;
        });
        await using RedisClient redis = await ConnectedToReplicasAsync(options);
        ServedCounts served = await ServedCounts.StartAsync(fixture.Nodes);
        await ReadLoad.RunAsync(redis, Callers, ReadsEach, Key);
        Assert.Equal(All, await served.OfAsync(fixture.Replicas[0], "get"));

        IRedisView broken = redis.WithReadFrom(ReadFrom.Custom(static _ => throw new InvalidOperationException("no idea")));
        RedisException failed = await Assert.ThrowsAsync<RedisException>(async () => await broken.StringGetAsync(Key));
        Assert.Equal(Outcome.NotExecuted, failed.Outcome);
        Assert.Contains("no idea", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_view_reads_from_replicas_while_its_client_reads_from_the_master()
    {
        if (fixture.LacksCounts) return;
        await using RedisClient redis = await RedisClient.ConnectAsync(fixture.Topology.ConnectionString);
        IRedisView fromReplica = redis.WithReadFrom(ReadFrom.Replica).WithTimeout(TimeSpan.FromSeconds(20));
        await ReadLoad.RunAsync(fromReplica, 1, 1, Key); // waits for the connections, which it has only just asked for
        ServedCounts served = await ServedCounts.StartAsync(fixture.Nodes);
        await ReadLoad.RunAsync(redis, Callers, ReadsEach, Key);
        Assert.Equal(All, await served.OfAsync(fixture.Master, "get"));
        await ReadLoad.RunAsync(fromReplica, Callers, ReadsEach, Key);
        await ReadLoad.RunAsync(fromReplica.WithReadFrom(ReadFrom.Master), Callers, ReadsEach, Key);
        Assert.Equal(2 * All, await served.OfAsync(fixture.Master, "get"));
        Assert.Equal(All, await served.OfAsync(fixture.Replicas[0], "get") + await served.OfAsync(fixture.Replicas[1], "get"));
    }

    [Fact]
    public async Task No_policy_sends_a_replica_what_may_write()
    {
        if (fixture.LacksCounts) return;
        ReadFrom[] policies = [ReadFrom.MasterPreferred, ReadFrom.Replica, ReadFrom.ReplicaPreferred, ReadFrom.Any, ReadFrom.Nearest];
        await using RedisClient redis = await ConnectedToReplicasAsync(fixture.ConnectionWith("readFrom=replica"));
        ServedCounts served = await ServedCounts.StartAsync(fixture.Nodes);
        for (int i = 0; i < 50; i++)
        {
            foreach (ReadFrom policy in policies)
            {
                IRedisView view = redis.WithReadFrom(policy);
                await view.StringSetAsync($"written:{i}", policy.ToString());
                await view.ExecuteAsync("EVAL", "return redis.call('GET', KEYS[1])", 1, Key);
                await view.KeyTouchAsync([Key]);
            }
        }

        // A replica refuses what writes; what a script may do, it does not know, and would run it.
        foreach (LocalNode replica in fixture.Replicas)
        {
            Assert.Equal(0, await served.ErrorsAsync(replica, fixture.RefusalOfReplicas));
            Assert.Equal(0, await served.OfAsync(replica, "eval"));
            Assert.Equal(0, await served.OfAsync(replica, "touch"));
        }

        Assert.Equal(50 * policies.Length, await served.OfAsync(fixture.Master, "eval"));
    }

    [Fact]
    public async Task What_only_reads_is_known_by_the_table_and_what_is_not_known_goes_to_the_master()
    {
        if (fixture.LacksCounts) return;
        await using RedisClient redis = await ConnectedToReplicasAsync(fixture.ConnectionWith("readFrom=replica"));
        ServedCounts served = await ServedCounts.StartAsync(fixture.Nodes);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(Key, (await redis.ExecuteAsync("EVAL_RO", "return redis.call('GET', KEYS[1])", 1, Key)).AsString());
            Assert.Equal([Key], (await redis.StringGetAsync([Key])).Select(value => (string?)value));
            await Assert.ThrowsAsync<RedisServerException>(async () => await redis.ExecuteAsync("NOTATCOMMAND", Key));
            await redis.ExecuteAsync("DBSIZE");
        }

        Assert.Equal(0, await served.OfAsync(fixture.Master, "eval_ro"));
        Assert.Equal(0, await served.OfAsync(fixture.Master, "mget"));
        Assert.Equal(20, await served.OfAsync(fixture.Master, "dbsize"));
        foreach (LocalNode replica in fixture.Replicas) Assert.Equal(0, await served.ErrorsAsync(replica, "ERR"));
    }

    [Fact]
    public async Task A_replica_that_is_cut_off_is_left_and_found_again()
    {
        if (fixture.LacksCounts) return;
        await using RedisClient redis = await ConnectedToReplicasAsync(fixture.ConnectionWith("readFrom=replica&heartbeatInterval=50ms&commandTimeout=20s"));
        LocalNode cut = fixture.Replicas[0];
        await cut.CutReplicaLinkAsync();
        await Eventually.TrueAsync(async () => await ShareAsync(redis, cut) == 0, "the replica that is cut off is left");
        Assert.Equal(100, await ShareAsync(redis, fixture.Replicas[1]));

        await using RedisClient undemanding = await ConnectedToReplicasAsync(fixture.ConnectionWith("readFrom=replica&allowStaleReplicas=true&heartbeatInterval=50ms"));
        Assert.NotEqual(0, await ShareAsync(undemanding, cut));
        await cut.MendReplicaLinkAsync();
        await Eventually.TrueAsync(async () => await ShareAsync(redis, cut) > 20, "the mended replica is read from");
    }

    [Fact]
    public async Task A_connection_that_is_made_anew_serves_reads_as_the_one_before()
    {
        if (fixture.LacksCounts) return;
        await using RedisClient redis = await ConnectedToReplicasAsync(fixture.ConnectionWith("readFrom=replica"));
        ServedCounts served = await ServedCounts.StartAsync(fixture.Nodes);
        for (int i = 0; i < 5; i++)
        {
            foreach (LocalNode replica in fixture.Replicas) await replica.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal");
            await ReadLoad.RunAsync(redis, 4, 50, Key);
        }

        Assert.Equal(0, await served.OfAsync(fixture.Master, "get"));
        foreach (LocalNode replica in fixture.Replicas) Assert.Equal(0, await served.ErrorsAsync(replica, fixture.RefusalOfReplicas));
    }

    private Task<RedisClient> ConnectedToReplicasAsync(string connectionString) => ConnectedToReplicasAsync(RedisClientOptions.Parse(connectionString));

    /// <summary>Connects, and returns when all replicas have said that they are fit: before that the load cannot be even.</summary>
    private async Task<RedisClient> ConnectedToReplicasAsync(RedisClientOptions options)
    {
        RedisClient redis = await RedisClient.ConnectAsync(options);
        await ReadLoad.UntilAllAreFitAsync(redis, Key, fixture.Nodes.Count);
        return redis;
    }

    private static Task<long> ShareAsync(RedisClient redis, LocalNode node, int reads = 100) => ReadLoad.ShareAsync(redis, node, Key, reads);

    private async Task AssertSharedAsync(ServedCounts served, IReadOnlyList<LocalNode> nodes, string policy)
    {
        List<long> counts = [];
        foreach (LocalNode node in nodes) counts.Add(await served.OfAsync(node, "get"));
        Figure.Print(output, fixture.Topology, $"{fixture.Topology.GetType().Name}, readFrom={policy}: {string.Join(" / ", counts)} of {All} reads");
        Assert.Equal(All, counts.Sum());
        ServedCounts.AssertEven(counts, within: 0.10, policy);
    }
}
