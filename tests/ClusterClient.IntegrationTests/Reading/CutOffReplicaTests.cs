// Replicas that are cut off: not read from while their master lives, however often the client loses its connections; read from when it is gone.
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
public sealed class CutOffReplicaTests(ITestOutputHelper output)
{
    private const string Key = "key";

    [Theory]
    [InlineData("replicaPreferred")]
    [InlineData("masterPreferred")]
    [InlineData("any")]
    [InlineData("nearest")]
    public async Task A_lost_connection_to_a_living_master_lets_nobody_read_what_is_old(string policy)
    {
        await using FreshnessServers? servers = await FreshnessServers.StartAsync(TopologyKind.Replicated, replicas: 1);
        if (servers is null) return;
        await using RedisClient redis = await servers.ConnectAsync($"&readFrom={policy}&heartbeatInterval=50ms");
        (int right, int old) = (0, 0);
        await ShardFixture.WriteAsync(redis, Key, servers.Replicas, "old");
        await servers.Replicas[0].CutReplicaLinkAsync();
        await redis.StringSetAsync(Key, "new");
        IRedisView fromReplica = redis.WithReadFrom(ReadFrom.ReplicaPreferred);
        await Eventually.TrueAsync(async () => "new" == (string?)await fromReplica.StringGetAsync(Key), "the replica has said that it is cut off");
        for (int round = 0; round < 5; round++)
        {
            await servers.Master.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal");
            await ReadAsync(redis);
        }

        // And those who have only just come, whose connections are made one after the other.
        for (int round = 0; round < 5; round++)
        {
            await using RedisClient newcomer = await servers.ConnectAsync($"&readFrom={policy}");
            await ReadAsync(newcomer);
        }

        Figure.Print(output, servers.Topology, $"a replica cut off, the client's connections killed, readFrom={policy}: {right} right and {old} stale reads");
        Assert.Equal(0, old);

        async Task ReadAsync(RedisClient client)
        {
            foreach (RedisValue value in await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
            {
                await Task.Delay(i / 4);
                return await client.StringGetAsync(Key);
            })))
            {
                if ((string?)value == "new") right++;
                else old++;
            }
        }
    }

    [Theory]
    [InlineData("replicaPreferred")]
    [InlineData("masterPreferred")]
    public async Task A_living_master_that_admits_no_more_clients_lets_nobody_read_what_is_old(string policy)
    {
        await using FreshnessServers? servers = await FreshnessServers.StartAsync(TopologyKind.Replicated, replicas: 1);
        if (servers is null) return;
        await using RedisClient redis = await servers.ConnectAsync($"&readFrom={policy}&heartbeatInterval=50ms");
        await using RedisClient admitted = await RedisClient.ConnectAsync($"redis://{servers.Master}?topology=standalone&commandTimeout=20s");
        await ShardFixture.WriteAsync(redis, Key, servers.Replicas, "old");
        await servers.Replicas[0].CutReplicaLinkAsync();
        await redis.StringSetAsync(Key, "new");
        IRedisView fromReplica = redis.WithReadFrom(ReadFrom.ReplicaPreferred);
        await Eventually.TrueAsync(async () => "new" == (string?)await fromReplica.StringGetAsync(Key), "the replica has said that it is cut off");

        // It goes on serving who is there; all others' connections end, and are not admitted again.
        await admitted.ExecuteAsync("CONFIG", "SET", "maxclients", 1);
        await admitted.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal");
        await admitted.StringSetAsync(Key, "newer");
        int refused = 0;
        List<string?> seen = [];
        for (int i = 0; i < 10; i++)
        {
            try
            {
                seen.Add(await redis.WithTimeout(TimeSpan.FromMilliseconds(200)).StringGetAsync(Key));
            }
            catch (RedisException)
            {
                refused++;
            }
        }

        Figure.Print(output, servers.Topology, $"a replica cut off, its master at maxclients, readFrom={policy}: {refused} reads refused, {seen.Count} answered");
        Assert.Equal((10, ""), (refused, string.Join(' ', seen)));
        await admitted.ExecuteAsync("CONFIG", "SET", "maxclients", 1000);
        Assert.Equal("newer", (string?)await redis.StringGetAsync(Key));
    }

    [Fact]
    public async Task A_selector_is_not_offered_a_replica_that_is_cut_off_beside_one_in_step()
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(2);
        RedisClientOptions options = RedisClientOptions.Parse($"{servers.ConnectionString}?heartbeatInterval=50ms&commandTimeout=20s");
        int cut = servers.Nodes[1].Port, others = 0, offered = 0;
        options.ReadFrom = ReadFrom.Custom(candidates =>
        {
            foreach (ReadCandidate candidate in candidates) Interlocked.Increment(ref candidate.Endpoint.Port == cut ? ref offered : ref others);
            return candidates.Length - 1;
        });
        await using RedisClient redis = await RedisClient.ConnectAsync(options);
        await ShardFixture.WriteAsync(redis, Key, servers.Nodes.Skip(1));
        await servers.Nodes[1].CutReplicaLinkAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                offered = 0;
                await redis.StringGetAsync(Key);
                return offered == 0;
            },
            "the replica has said that it is cut off");
        others = 0;
        for (int round = 0; round < 5; round++)
        {
            await servers.Nodes[0].ExecuteAsync("CLIENT", "KILL", "TYPE", "normal");
            await ReadLoad.RunAsync(redis, 4, 25, Key);
        }

        Assert.Equal(0, offered);
        Assert.True(others >= 500, $"{others} offers of nodes in step");

        // With the master gone nobody is in step, and those that are cut off are all there is.
        await servers.Nodes[0].KillAsync();
        await Eventually.TrueAsync(async () => Key == (string?)await redis.StringGetAsync(Key) && offered > 0, "all are offered");
    }

    [Theory]
    [InlineData("replica")]
    [InlineData("replicaPreferred")]
    [InlineData("any&allowStaleReplicas=true")]
    public async Task With_the_master_gone_a_replica_that_has_never_been_in_step_is_not_read_from(string policy)
    {
        await using FreshnessServers? servers = await FreshnessServers.StartAsync(TopologyKind.Replicated);
        if (servers is null) return;
        LocalNode empty = servers.Replicas[1];
        await using RedisClient redis = await servers.ConnectAsync($"&readFrom={policy}&heartbeatInterval=50ms");
        await ShardFixture.WriteAsync(redis, Key, servers.Replicas);
        await servers.Master.KillAsync();
        await ReadLoad.RunAsync(redis, 4, 100, Key);
        await empty.RestartAsync();
        await ReadLoad.RunAsync(redis, 4, 100, Key);
        await Eventually.TrueAsync(
            () => redis.Topology.Nodes.Any(node => node.Endpoint.Port == empty.Port && node is { IsAvailable: true, Replication.IsLinkUp: false }), "the replica is back, and empty");
        for (int round = 0; round < 10; round++)
        {
            await ReadLoad.RunAsync(redis, 4, 20, Key);
            await Task.Delay(30); // heartbeats in between, with which it says how it is
        }
    }
}
