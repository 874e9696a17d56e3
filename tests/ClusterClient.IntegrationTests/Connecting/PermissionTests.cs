// The least a client must be permitted, as the README states it, and what happens with less: a warning, and reads from the master.
using ClusterClient.IntegrationTests.Reading;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Connecting;

public sealed class PermissionTests
{
    private const string Always = "+hello +ping +client|setname";
    private const string Replicated = $"{Always} +info";
    private const string Cluster = $"{Replicated} +cluster|slots +cluster|nodes +asking +readonly +readwrite";
    private const string Application = "~app:* +get +set";

    [Fact]
    public void The_README_states_what_is_tested_here()
    {
        string readme = File.ReadAllText(Path.Combine(FindRoot(), "README.md"));
        Assert.Contains($"`{Replicated}`", readme, StringComparison.Ordinal);
        Assert.Contains($"`{Cluster}`", readme, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_least_permissions_replicas_of_a_cluster_are_read_from_and_nothing_is_warned_of()
    {
        if (await ServerLacks.CommandCountsAsync()) return;
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(1, 1, With($"-@all {Cluster} {Application}"));
        await AssertReadsFromReplicasAsync(cluster, (await cluster.GetReplicasAsync())[0]);
    }

    [Fact]
    public async Task With_the_least_permissions_replicas_outside_a_cluster_are_found_and_read_from_and_nothing_is_warned_of()
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(1, options: With($"-@all {Replicated} {Application}"));
        await AssertReadsFromReplicasAsync(servers, servers.Nodes[1]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("+role")]
    public async Task Without_INFO_the_master_answers_and_each_lack_is_warned_of_once(string role)
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(1, options: With($"-@all {Always} {role} {Application}"));
        WarningLog log = new();
        await using RedisClient redis = await ConnectAsync(servers, log);
        Assert.True(await redis.StringSetAsync("app:k", "v"));
        ServedCounts served = await ServedCounts.StartAsync(servers.Nodes);
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal("v", (string?)await redis.StringGetAsync("app:k"));
            await Task.Delay(10);
            if (i == 25) await redis.RefreshTopologyAsync();
        }

        Assert.Equal(50, await served.OfAsync(servers.Nodes[0], "get"));
        Assert.Single(log.Warnings, static warning => warning.Contains("refuses INFO", StringComparison.Ordinal));
        Assert.Equal(1, log.Warnings.Count(static warning => warning.Contains("is not read from as a replica", StringComparison.Ordinal)));
        Assert.Equal(2, log.Warnings.Count);
    }

    private static async Task AssertReadsFromReplicasAsync(LocalTopology servers, LocalNode replica)
    {
        WarningLog log = new();
        await using RedisClient redis = await ConnectAsync(servers, log);
        Assert.True(await redis.StringSetAsync("app:k", "v"));
        await ShardFixture.HasAsync(replica, "app:k");
        await Eventually.TrueAsync(
            async () =>
            {
                ServedCounts served = await ServedCounts.StartAsync([replica]);
                for (int i = 0; i < 20; i++) Assert.Equal("v", (string?)await redis.StringGetAsync("app:k"));
                return await served.OfAsync(replica, "get") == 20;
            },
            "the replica answers the reads");
        await redis.RefreshTopologyAsync();
        Assert.Empty(log.Warnings);
    }

    private static ValueTask<RedisClient> ConnectAsync(LocalTopology servers, WarningLog log)
    {
        RedisClientOptions options = RedisClientOptions.Parse($"{servers.ConnectionStringFor("app")}?readFrom=replicaPreferred&clientName=app&heartbeatInterval=50ms&hangTimeout=10s");
        options.LoggerFactory = log;
        return RedisClient.ConnectAsync(options);
    }

    private static LocalTopologyOptions With(string rules)
    {
        LocalTopologyOptions options = new() { Password = "admin" };
        options.AclUsers.Add(new LocalAclUser("app", "secret", rules));
        return options;
    }

    internal static string FindRoot()
    {
        string at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "ClusterClient.sln"))) at = Path.GetDirectoryName(at) ?? throw new InvalidOperationException("The tests run outside the repository.");
        return at;
    }
}
