// The least a client must be permitted, as the README states it, and what happens with less: a warning, and reads from the master.
using ClusterClient.IntegrationTests.Reading;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Connecting;

[Trait("Suite", "Connecting")]
public sealed class PermissionTests
{
    private const string Single = "+hello +ping +client|setname";
    private const string Replicated = $"{Single} +info";
    private const string Cluster = $"{Replicated} +cluster|slots +cluster|nodes +asking +readonly +readwrite";
    private const string Application = "~app:* +get +set";

    [Fact]
    public void The_README_states_what_is_tested_here()
    {
        string readme = File.ReadAllText(Path.Combine(FindRoot(), "README.md"));
        Assert.Contains($"- one server, with `topology=standalone`: `{Single}`", readme, StringComparison.Ordinal);
        Assert.Contains($"- a master with replicas: `{Replicated}`", readme, StringComparison.Ordinal);
        Assert.Contains($"- a cluster: `{Cluster}`", readme, StringComparison.Ordinal);
        Assert.Contains("`WaitAsync` and `WaitAofAsync` need `+wait` and `+waitaof`", readme, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_least_permissions_one_server_serves_and_nothing_is_refused()
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync(With($"-@all {Single} {Application}"));
        WarningLog log = new();
        await using RedisClient redis = await ConnectAsync(server, log, "&topology=standalone", readFrom: "master");
        await AssertServesAsync(redis);
        Assert.Empty(log.Warnings);
        await AclLog.AssertNothingIsMissedAsync(server.Nodes);

        // A session works too: how far a lone server has come, it asks in vain, and nobody needs to know.
        RedisSession session = redis.CreateSession();
        Assert.True(await session.StringSetAsync("app:k", "w"));
        Assert.Equal("w", (string?)await session.StringGetAsync("app:k"));
        Assert.Empty(log.Warnings);
    }

    [Fact]
    public async Task One_server_that_is_not_said_to_be_alone_serves_too_and_that_it_may_have_replicas_is_warned_of_once()
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync(With($"-@all {Single} {Application}"));
        WarningLog log = new();
        await using RedisClient redis = await ConnectAsync(server, log, readFrom: "master");
        await AssertServesAsync(redis);
        Assert.Contains("refuses INFO", Assert.Single(log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_least_permissions_replicas_of_a_cluster_are_read_from_and_nothing_is_refused()
    {
        if (await ServerLacks.CommandCountsAsync()) return;
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(1, 1, With($"-@all {Cluster} {Application}"));
        await AssertReadsFromReplicasAsync(cluster, (await cluster.GetReplicasAsync())[0]);
    }

    [Fact]
    public async Task With_the_least_permissions_replicas_outside_a_cluster_are_found_and_read_from_and_nothing_is_refused()
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(1, options: With($"-@all {Replicated} {Application}"));
        await AssertReadsFromReplicasAsync(servers, servers.Nodes[1]);
    }

    [Fact]
    public async Task Waits_for_replicas_need_WAIT_and_say_so_without_it()
    {
        if (await ServerLacks.ReplicationAsync()) return;
        LocalTopologyOptions options = With($"-@all {Replicated} {Application}");
        options.AclUsers.Add(new LocalAclUser("waiting", "secret", $"-@all {Replicated} {Application} +wait"));
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(1, options: options);
        WarningLog log = new();
        await using (RedisClient redis = await ConnectAsync(servers, log, user: "waiting"))
        {
            Assert.True(await redis.WaitAsync(1, TimeSpan.FromSeconds(10), static write => write.StringSetAsync("app:k", "v")));
            await AclLog.AssertNothingIsMissedAsync(servers.Nodes);
        }

        await using RedisClient denied = await ConnectAsync(servers, log);
        RedisException refused = await Assert.ThrowsAnyAsync<RedisException>(async () => await denied.WaitAsync(1, TimeSpan.FromSeconds(10), static write => write.StringSetAsync("app:k", "w")));
        Assert.Contains("NOPERM", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'wait'", refused.Message, StringComparison.Ordinal);

        // It ran: of its replicas nothing is known.
        Assert.Equal(Outcome.Unknown, refused.Outcome);
        Assert.Equal("w", (string?)await denied.StringGetAsync("app:k"));
        Assert.Empty(log.Warnings);
    }

    [Fact]
    public async Task Waits_for_disks_need_WAITAOF_where_the_server_knows_it()
    {
        if (await ServerLacks.ReplicationAsync()) return;
        LocalServer server = await LocalTopology.FindServerAsync();
        if (server.Kind == ServerKind.Redis && server.Version < new Version(7, 2))
        {
            LocalTopologyException unknown = await Assert.ThrowsAnyAsync<LocalTopologyException>(() => LocalTopology.StartStandaloneAsync(With($"-@all {Replicated} {Application} +waitaof")));
            Assert.Contains("waitaof", unknown.Message, StringComparison.OrdinalIgnoreCase);
            return;
        }

        LocalTopologyOptions options = With($"-@all {Replicated} {Application} +waitaof");
        options.Persistent = true;
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(1, options: options);
        foreach (LocalNode node in servers.Nodes) await node.ExecuteAsync("CONFIG", "SET", "appendonly", "yes");
        WarningLog log = new();
        await using RedisClient redis = await ConnectAsync(servers, log);
        Assert.True(await redis.WaitAofAsync(local: true, replicas: 1, TimeSpan.FromSeconds(10), static write => write.StringSetAsync("app:k", "v")));
        Assert.Empty(log.Warnings);
        await AclLog.AssertNothingIsMissedAsync(servers.Nodes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("+role")]
    public async Task Without_INFO_the_master_answers_and_each_lack_is_warned_of_once(string role)
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(1, options: With($"-@all {Single} {role} {Application}"));
        WarningLog log = new();
        await using RedisClient redis = await ConnectAsync(servers, log);
        await AssertMasterAnswersAsync(redis, servers.Nodes[0], servers.Nodes[1]);
        Assert.Single(log.Warnings, static warning => warning.Contains("refuses INFO", StringComparison.Ordinal));
        Assert.Equal(1, log.Warnings.Count(static warning => warning.Contains("is not read from as a replica", StringComparison.Ordinal)));
        Assert.Equal(2, log.Warnings.Count);
    }

    [Fact]
    public async Task Without_INFO_the_master_of_a_cluster_answers_and_the_lack_is_warned_of_once()
    {
        if (await ServerLacks.CommandCountsAsync()) return;
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(1, 1, With($"-@all {Cluster.Replace(" +info", "", StringComparison.Ordinal)} {Application}"));
        WarningLog log = new();
        await using RedisClient redis = await ConnectAsync(cluster, log);
        await AssertMasterAnswersAsync(redis, (await cluster.GetMastersAsync())[0], (await cluster.GetReplicasAsync())[0]);
        Assert.Contains("is not read from as a replica", Assert.Single(log.Warnings), StringComparison.Ordinal);
    }

    private static async Task AssertServesAsync(RedisClient redis)
    {
        Assert.True(await redis.StringSetAsync("app:k", "v"));
        await redis.RefreshTopologyAsync();
        await Task.Delay(1200); // two heartbeats
        Assert.Equal("v", (string?)await redis.StringGetAsync("app:k"));
    }

    /// <summary>Whatever asks for replicas, or for fresh reads, gets the master's answer; what cannot be had without replicas says why.</summary>
    private static async Task AssertMasterAnswersAsync(RedisClient redis, LocalNode master, LocalNode replica)
    {
        Assert.True(await redis.StringSetAsync("app:k", "v"));
        RedisSession session = redis.CreateSession();
        IRedisView bounded = redis.WithReadFrom(ReadFrom.ReplicaPreferred.WithMaxStaleness(TimeSpan.FromMinutes(1)));
        ServedCounts served = await ServedCounts.StartAsync([master, replica]);
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal("v", (string?)await redis.StringGetAsync("app:k"));
            Assert.Equal("v", (string?)await session.StringGetAsync("app:k"));
            Assert.Equal("v", (string?)await bounded.StringGetAsync("app:k"));
            await Task.Delay(10);
            if (i == 25) await redis.RefreshTopologyAsync();
        }

        Assert.Equal(150, await served.OfAsync(master, "get"));
        RedisException none = await Assert.ThrowsAnyAsync<RedisException>(async () => await session.GetTokenAsync());
        Assert.Contains("NOPERM", none.Message, StringComparison.Ordinal);
        Assert.Contains("'info'", none.Message, StringComparison.Ordinal);

        IRedisView replicas = redis.WithReadFrom(ReadFrom.Replica).WithTimeout(TimeSpan.FromMilliseconds(300));
        RedisTimeoutException late = await Assert.ThrowsAsync<RedisTimeoutException>(async () => await replicas.StringGetAsync("app:k"));
        Assert.Equal(Outcome.NotExecuted, late.Outcome);
        Assert.Contains("no node is fit for readFrom=replica", late.Message, StringComparison.Ordinal);
        Assert.Matches("refuses INFO: .*NOPERM|no replica is known to be up", late.Message);
        Assert.Equal(0, await served.OfAsync(replica, "get"));
    }

    private static async Task AssertReadsFromReplicasAsync(LocalTopology servers, LocalNode replica)
    {
        WarningLog log = new();
        await using RedisClient redis = await ConnectAsync(servers, log);
        await ShardFixture.WriteAsync(redis, "app:k", [replica], "v");
        RedisSession session = redis.CreateSession();
        Assert.True(await session.StringSetAsync("app:k", "v"));
        await IsReadFromAsync(redis, "the reads");
        await IsReadFromAsync(redis.WithReadFrom(ReadFrom.ReplicaPreferred.WithMaxStaleness(TimeSpan.FromMinutes(1))), "reads with a bound on their age");
        await IsReadFromAsync(session, "a session's reads");
        await IsReadFromAsync(redis.CreateSession(token: await session.GetTokenAsync()), "the reads of a session that goes on elsewhere");
        await redis.RefreshTopologyAsync();
        Assert.Empty(log.Warnings);
        await AclLog.AssertNothingIsMissedAsync(servers.Nodes);

        Task IsReadFromAsync(ICommandExecutor reads, string what) => Eventually.TrueAsync(
            async () =>
            {
                ServedCounts served = await ServedCounts.StartAsync([replica]);
                for (int i = 0; i < 20; i++) Assert.Equal("v", (string?)await reads.StringGetAsync("app:k"));
                return await served.OfAsync(replica, "get") == 20;
            },
            $"the replica answers {what}");
    }

    private static ValueTask<RedisClient> ConnectAsync(LocalTopology servers, WarningLog log, string more = "", string user = "app", string readFrom = "replicaPreferred")
    {
        RedisClientOptions options = RedisClientOptions.Parse($"{servers.ConnectionStringFor(user)}?readFrom={readFrom}&clientName=app&heartbeatInterval=500ms&hangTimeout=10s{more}");
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
