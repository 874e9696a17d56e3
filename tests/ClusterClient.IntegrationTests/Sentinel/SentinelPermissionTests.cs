// The least that Sentinels must permit, as the README states it; and data nodes that tell nothing of themselves.
using ClusterClient.IntegrationTests.Connecting;
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.IntegrationTests.Reading;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Sentinel;

[Trait("Suite", "Sentinel")]
public sealed class SentinelPermissionTests
{
    private const string Introduction = "+hello +ping +client|setname";
    private const string Questions = $"{Introduction} +sentinel|master +sentinel|get-master-addr-by-name +sentinel|replicas +sentinel|sentinels";
    private const string Least = $"{Questions} +sentinel|masters +sentinel|myid +subscribe allchannels";

    [Fact]
    public void The_README_states_what_is_tested_here()
        => Assert.Contains($"`{Least}`", File.ReadAllText(Path.Combine(PermissionTests.FindRoot(), "README.md")), StringComparison.Ordinal);

    [Fact]
    public async Task With_the_least_permissions_at_sentinels_a_failover_is_followed_and_nothing_is_refused()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using LocalSentinel topology = await StartAsync(sentinelRules: $"-@all {Least}");
        WarningLog log = new();
        await using (RedisClient redis = await ConnectAsync(topology, log))
        {
            Assert.True(await redis.StringSetAsync("app:k", "v"));
            foreach (LocalNode sentinel in topology.Sentinels)
            {
                await SentinelClients.AreAsync(sentinel, "app", 2);
                await Eventually.TrueAsync(async () => (await SentinelClients.OfAsync(sentinel, "app")).Any(static line => line.Contains(" sub=18 ", StringComparison.Ordinal)), $"the events of {sentinel} are listened to");
            }

            Assert.Empty(log.Warnings);
            await FollowsAsync(topology, redis);
        }

        await AclLog.AssertNothingIsMissedAsync(topology.Nodes);
        RedisException wrong = await Assert.ThrowsAnyAsync<RedisException>(async () => await ConnectAsync(topology, log, service: "order"));
        Assert.Contains("watches: mymaster", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_events_and_ids_failovers_are_followed_all_the_same_and_the_lack_is_warned_of_once_a_sentinel()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using LocalSentinel topology = await StartAsync(sentinelRules: $"-@all {Questions}");
        WarningLog log = new();
        await using RedisClient redis = await ConnectAsync(topology, log);
        await Eventually.TrueAsync(() => log.Warnings.Count >= topology.Sentinels.Count, "each Sentinel's refusal is told");
        await redis.RefreshTopologyAsync();
        Assert.All(log.Warnings, static warning => Assert.Contains("refuses to tell its events", warning, StringComparison.Ordinal));
        Assert.Equal(topology.Sentinels.Count, log.Warnings.Count);
        await FollowsAsync(topology, redis);
    }

    [Theory]
    [InlineData(FailoverPolicy.Eager, "")]
    [InlineData(FailoverPolicy.Confirmed, "")]
    [InlineData(FailoverPolicy.Eager, "+role")]
    public async Task Where_data_nodes_refuse_INFO_the_sentinels_word_is_followed_and_the_lack_is_warned_of_once(FailoverPolicy policy, string role)
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using LocalSentinel topology = await StartAsync(dataRules: $"-@all {Introduction} {role} +get +set ~app:*");
        LocalNode replica = (await topology.GetReplicasAsync())[0];
        WarningLog log = new();
        await using RedisClient redis = await ConnectAsync(topology, log, $"&failover={policy}");
        Assert.True(await redis.StringSetAsync("app:k", "v"));
        ServedCounts served = await ServedCounts.StartAsync([replica]);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal("v", (string?)await redis.StringGetAsync("app:k"));
            if (i == 10) await redis.RefreshTopologyAsync();
        }

        Assert.Equal(0, await served.OfAsync(replica, "get"));
        Assert.Contains("refuses INFO", Assert.Single(log.Warnings), StringComparison.Ordinal);

        // Who asks for fresh reads gets them, from the master.
        RedisSession session = redis.CreateSession();
        for (int i = 0; i < 20; i++)
        {
            Assert.True(await session.StringSetAsync("app:own", i));
            Assert.Equal(i, await session.StringGetAsync<int>("app:own"));
        }

        Assert.Equal(0, await served.OfAsync(replica, "get"));
        await FollowsAsync(topology, redis);
        Assert.Single(log.Warnings, static warning => warning.Contains("refuses INFO", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_data_nodes_refuse_INFO_replicas_are_not_read_from_though_they_are_preferred()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using LocalSentinel topology = await StartAsync(dataRules: $"-@all {Introduction} +get +set ~app:*");
        LocalNode replica = (await topology.GetReplicasAsync())[0];
        WarningLog log = new();
        await using RedisClient redis = await ConnectAsync(topology, log, "&readFrom=replicaPreferred");
        Assert.True(await redis.StringSetAsync("app:k", "v"));
        ServedCounts served = await ServedCounts.StartAsync([replica]);
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal("v", (string?)await redis.StringGetAsync("app:k"));
            await Task.Delay(10);
        }

        Assert.Equal(0, await served.OfAsync(replica, "get"));
        Assert.Single(log.Warnings, static warning => warning.Contains("refuses INFO", StringComparison.Ordinal));
        Assert.Single(log.Warnings, static warning => warning.Contains("is not read from as a replica", StringComparison.Ordinal));
        Assert.Equal(2, log.Warnings.Count);
    }

    private static async Task FollowsAsync(LocalSentinel topology, RedisClient redis)
    {
        LocalNode old = await topology.GetMasterAsync(), heir = await topology.FailoverAsync();
        await AfterFailover.IsFollowedAsync(redis, heir);
        await AfterFailover.GetsNoWriteAsync(old, async () =>
        {
            for (int i = 0; i < 20; i++) Assert.True(await redis.StringSetAsync("app:k", "w"));
            Assert.Equal("w", (string?)await redis.StringGetAsync("app:k"));
        });
    }

    private static Task<LocalSentinel> StartAsync(string sentinelRules = $"-@all {Least}", string dataRules = "~app:* +@all")
    {
        LocalTopologyOptions options = new() { Password = "admin", SentinelPassword = "" };
        options.AclUsers.Add(new LocalAclUser("app", "secret", dataRules));
        options.SentinelAclUsers.Add(new LocalAclUser("watcher", "watch", sentinelRules));
        return LocalTopology.StartSentinelAsync(1, 3, options);
    }

    private static ValueTask<RedisClient> ConnectAsync(LocalSentinel topology, WarningLog log, string more = "", string? service = null)
    {
        RedisClientOptions options = RedisClientOptions.Parse($"{topology.ConnectionStringFor("app")}&clientName=app&heartbeatInterval=100ms&hangTimeout=10s&topologyRefreshInterval=1s{more}");
        if (service is not null) options.ServiceName = service;
        (options.SentinelUser, options.SentinelPassword) = ("watcher", "watch");
        options.LoggerFactory = log;
        return RedisClient.ConnectAsync(options);
    }
}
