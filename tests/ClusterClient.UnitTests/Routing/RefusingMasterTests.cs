// A master that lives and refuses this client is not gone: nobody takes its place, neither for reads nor for writes.
using System.Globalization;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public sealed class RefusingMasterTests
{
    [Theory]
    [InlineData("maxclients")]
    [InlineData("another password")]
    [InlineData("protected mode")]
    [InlineData("no credentials")]
    public async Task Replicas_that_are_cut_off_are_not_read_from_in_its_place(string refusal)
    {
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 1);
        (FakeServer master, FakeServer replica) = (cluster[0].Server, cluster[1].Server);
        bool isSealed = false;
        (string, string)? credentials = refusal == "no credentials" ? ("default", "x") : null;
        (master.Handshake.Credentials, replica.Handshake.Credentials) = (credentials, credentials);
        await using RedisClient redis = await cluster.ConnectAsync(options =>
        {
            (options.ReadFrom, options.HeartbeatInterval, options.HangTimeout) = (ReadFrom.ReplicaPreferred, TimeSpan.FromMilliseconds(100), Until.Limit);
            if (credentials is not null)
                options.CredentialsProvider = _ => Volatile.Read(ref isSealed) ? throw new InvalidOperationException("the vault is sealed") : ValueTask.FromResult(new RedisCredentials("default", "x"));
        });
        string key = cluster.KeyOf(cluster[0]);
        (master.Store[key], replica.Store[key]) = ("new"u8.ToArray(), "old"u8.ToArray());
        cluster[1].IsLinkUp = false;
        int told = replica.CountOf("INFO");
        await Until.HoldsAsync(() => replica.CountOf("INFO") > told + 1);
        replica.ForgetCommands();
        Assert.Equal("new", (string?)await Until.EndsAsync(redis.StringGetAsync(key)));

        Volatile.Write(ref isSealed, true);
        if (refusal == "maxclients") master.Greeting = static _ => FakeAnswer.Error("ERR max number of clients reached").Then(FakeAnswer.Close);
        if (refusal == "protected mode") master.Greeting = static _ => FakeAnswer.Error("DENIED Redis is running in protected mode because protected mode is enabled.").Then(FakeAnswer.Close);
        if (refusal == "another password") master.Handshake.Credentials = ("default", "another");
        master.CloseAll();
        IRedisView impatient = redis.WithTimeout(TimeSpan.FromMilliseconds(250));
        for (int i = 0; i < 6; i++) await Assert.ThrowsAnyAsync<RedisException>(async () => await Until.EndsAsync(impatient.StringGetAsync(key)));
        Assert.Equal(0, replica.CountOf("GET"));

        // It admits us again; and when it goes for good, its replica is all there is.
        (master.Greeting, master.Handshake.Credentials) = (null, credentials);
        Volatile.Write(ref isSealed, false);
        Assert.Equal("new", (string?)await Until.EndsAsync(ReadAsync(redis, key)));
        Assert.Equal(0, replica.CountOf("GET"));
        master.GoDown();
        Assert.Equal("old", (string?)await Until.EndsAsync(ReadAsync(redis, key)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_rival_is_not_written_to_in_its_place(bool isPromotedMeanwhile)
    {
        await using FakeServer master = new(), rival = new();
        bool isPromoted = false;
        master.On("INFO", _ => Info(master, $"role:master\r\nmaster_replid:a\r\nmaster_replid2:0\r\nmaster_repl_offset:100\r\n"));
        rival.On("INFO", _ => Info(rival, Volatile.Read(ref isPromoted)
            ? "role:master\r\nmaster_replid:b\r\nmaster_replid2:a\r\nsecond_repl_offset:101\r\nmaster_repl_offset:100\r\n"
            : string.Create(CultureInfo.InvariantCulture, $"role:slave\r\nmaster_host:127.0.0.1\r\nmaster_port:{master.Port}\r\nmaster_link_status:up\r\nslave_repl_offset:100\r\nmaster_replid:a\r\n")));
        await using RedisClient redis = await TestClient.ConnectAsync(master, options =>
        {
            options.Topology = TopologyMode.Replicated;
            options.Endpoints.Add(rival.Endpoint);
        });
        await TestClient.RefreshUntilAsync(redis, topology => topology.NodeAt(rival.Endpoint) is not null);
        Volatile.Write(ref isPromoted, !isPromotedMeanwhile);
        if (!isPromotedMeanwhile) await TestClient.RefreshUntilAsync(redis, topology => topology.NodeAt(rival.Endpoint) is { Replication.ClaimsToBeMaster: true });

        int accepted = master.Accepted;
        master.Greeting = static _ => FakeAnswer.Error("ERR max number of clients reached").Then(FakeAnswer.Close);
        master.CloseAll();
        await Until.HoldsAsync(() => master.Accepted > accepted + 1);
        Volatile.Write(ref isPromoted, true);
        IRedisView impatient = redis.WithTimeout(TimeSpan.FromMilliseconds(250));
        for (int i = 0; i < 5; i++)
        {
            await Until.EndsAsync(redis.RefreshTopologyAsync().AsTask());
            Assert.Equal(master.Endpoint, redis.Topology.MasterOf(0)!.Endpoint);
            await Assert.ThrowsAnyAsync<RedisException>(async () => await Until.EndsAsync(impatient.StringSetAsync("k", i)));
        }

        Assert.Equal(0, rival.CountOf("SET"));
        master.Greeting = null;
        Assert.True(await Until.EndsAsync(redis.StringSetAsync("k", "v")));
        Assert.Equal((1, 0), (master.CountOf("SET"), rival.CountOf("SET")));

        // Gone for good, it is succeeded.
        master.GoDown();
        await Until.HoldsAsync(() => redis.Topology.MasterOf(0)!.Endpoint == rival.Endpoint);
        Assert.True(await Until.EndsAsync(redis.StringSetAsync("k", "w")));
        Assert.Equal(1, rival.CountOf("SET"));
    }

    private static FakeAnswer Info(FakeServer server, string replication)
        => FakeAnswer.Bulk(string.Create(CultureInfo.InvariantCulture, $"# Server\r\nredis_mode:standalone\r\nrun_id:{server.Port}\r\n# Replication\r\n{replication}"));

    /// <summary>What was refused while the connection was made anew is asked again.</summary>
    private static async Task<RedisValue> ReadAsync(IRedisView redis, string key)
    {
        while (true)
        {
            try
            {
                return await redis.StringGetAsync(key);
            }
            catch (RedisConnectionException refused) when (refused.Outcome == Outcome.NotExecuted)
            {
                await Task.Delay(5); // those in line hear of a wrong password
            }
        }
    }
}
