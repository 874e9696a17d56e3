// Reads by policy where replicas refuse, fail or do not know: each is skipped for the call, and the answer comes from elsewhere.
using System.Runtime.CompilerServices;
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public sealed class ReplicaReadTests
{
    private static readonly TimeSpan _pulse = TimeSpan.FromMilliseconds(100);

    [Theory]
    [InlineData("LOADING Redis is loading the dataset in memory")]
    [InlineData("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.")]
    [InlineData("BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.")]
    [InlineData("CLUSTERDOWN The cluster is down")]
    [InlineData("MOVED 1 127.0.0.1:1")]
    public async Task A_replica_that_refuses_is_skipped_at_once_and_the_next_one_asked(string refusal)
    {
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 2);
        await using RedisClient redis = await ConnectAsync(cluster, ReadFrom.Replica);
        string key = Fill(cluster, "on a replica");
        for (int i = 1; i <= 2; i++)
        {
            cluster.Nodes[1].Server.Once("GET", FakeAnswer.Error(refusal));
            cluster.Nodes[2].Server.Once("GET");
            for (int reads = 0; reads < 20; reads++) Assert.Equal("on a replica", (string?)await Until.EndsAsync(redis.StringGetAsync(key)));
        }

        Assert.Equal(0, cluster[0].Server.CountOf("GET"));
        Assert.Equal(cluster[0].Server.Endpoint, redis.Topology.MasterOf(key)!.Endpoint);
    }

    [Fact]
    public async Task A_replica_that_answers_CLUSTERDOWN_has_the_topology_looked_at()
    {
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 2);
        await using RedisClient redis = await ConnectAsync(cluster, ReadFrom.Replica, allFit: true);
        string key = Fill(cluster, "value");
        cluster[0].Server.Store[key] = "value"u8.ToArray();

        // A look for another reason may come first, once; it is the refusal that must have led to one of them.
        for (int i = 0; i < 5 && !IsTold(); i++)
        {
            FakeNode old = cluster.Nodes.Single(static node => node.MasterId is null), heir = cluster.Nodes.First(static node => node.MasterId is not null);
            foreach (FakeNode replica in cluster.Nodes.Where(static node => node.MasterId is not null)) replica.Server.Once("GET", FakeAnswer.Error("CLUSTERDOWN The cluster is down"));
            cluster.FailOver(old, heir);
            old.IsFailed = false;
            foreach (FakeNode other in cluster.Nodes.Where(node => node != heir)) other.MasterId = heir.Id;
            Task<RedisValue> read = redis.StringGetAsync(key).AsTask();
            await Until.HoldsAsync(() => redis.Topology.MasterOf(key)!.Endpoint == heir.Server.Endpoint);
            Assert.Equal("value", (string?)await Until.EndsAsync(read));
        }

        Assert.True(IsTold(), string.Join('\n', redis.RecentTopologyEvents));

        bool IsTold() => redis.RecentTopologyEvents.Any(static one => one.Reason == TopologyChangeReason.ClusterDown);
    }

    [Fact]
    public async Task A_node_that_loads_is_left_until_it_says_that_it_has_loaded_whatever_its_INFO_says()
    {
        const string Loading = "LOADING Redis is loading the dataset in memory";
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 1);
        (FakeServer master, FakeServer replica) = (cluster[0].Server, cluster[1].Server);
        await using RedisClient redis = await cluster.ConnectAsync(static options =>
            (options.ReadFrom, options.HeartbeatInterval, options.HangTimeout, options.AllowStaleReplicas) = (ReadFrom.MasterPreferred, _pulse, Until.Limit, true));
        string key = Fill(cluster, "on a replica");
        master.Store[key] = "on the master"u8.ToArray();
        IRedisView fromReplica = redis.WithReadFrom(ReadFrom.ReplicaPreferred);
        await ReadUntilAsync(fromReplica, "on a replica");

        // The master: no read is refused more than once, though every INFO goes well.
        StrongBox<bool> masterLoads = Load(master), replicaLoads = Load(replica);
        master.ForgetCommands(); // it answered while the replica had not said yet how it is
        masterLoads.Value = true;
        await ReadThroughPulsesAsync(redis, "on a replica", master);
        Assert.InRange(master.CountOf("GET"), 0, 1);
        masterLoads.Value = false;
        await ReadUntilAsync(redis, "on the master");

        // A replica whose link is down, which the user allows.
        cluster[1].IsLinkUp = false;
        int told = replica.CountOf("INFO");
        await Until.HoldsAsync(() => replica.CountOf("INFO") > told + 1);
        replica.ForgetCommands();
        replicaLoads.Value = true;
        await ReadThroughPulsesAsync(fromReplica, "on the master", replica);
        Assert.Equal(1, replica.CountOf("GET"));
        replicaLoads.Value = false;
        await ReadUntilAsync(fromReplica, "on a replica");

        async Task ReadUntilAsync(IRedisView view, string value)
        {
            for (int i = 0; (string?)await Until.EndsAsync(view.StringGetAsync(key)) != value; i++)
            {
                Assert.True(i < 1000, $"never read {value}");
                await Task.Delay(5);
            }
        }

        static StrongBox<bool> Load(FakeServer server)
        {
            StrongBox<bool> loads = new();
            foreach (string command in (string[])["GET", "PING"]) server.On(command, _ => loads.Value ? FakeAnswer.Error(Loading) : null);
            return loads;
        }

        async Task ReadThroughPulsesAsync(IRedisView view, string value, FakeServer asked)
        {
            int before = asked.CountOf("INFO");
            do Assert.Equal(value, (string?)await Until.EndsAsync(view.StringGetAsync(key)));
            while (asked.CountOf("INFO") < before + 5);
        }
    }

    [Fact]
    public async Task When_all_replicas_refuse_the_master_answers_if_the_policy_lets_it()
    {
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 2);
        await using RedisClient redis = await ConnectAsync(cluster, ReadFrom.ReplicaPreferred);
        string key = Fill(cluster, "on a replica");
        cluster[0].Server.Store[key] = "on the master"u8.ToArray();
        cluster[1].Server.On("GET", FakeAnswer.Error("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."));
        cluster[2].Server.On("GET", FakeAnswer.Error("CLUSTERDOWN The cluster is down"));
        Assert.Equal("on the master", (string?)await Until.EndsAsync(redis.StringGetAsync(key)));

        IRedisView replicasOnly = redis.WithReadFrom(ReadFrom.Replica).WithTimeout(TimeSpan.FromMilliseconds(300));
        RedisTimeoutException late = await Until.IsLateAsync(CommandStage.WaitingToRetry, () => replicasOnly.StringGetAsync(key));
        Assert.Equal(Outcome.NotExecuted, late.Outcome);
        Assert.Contains("MASTERDOWN", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_replica_is_fit_the_error_says_why()
    {
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 1);
        await using RedisClient redis = await ConnectAsync(cluster, ReadFrom.Replica, allFit: true);
        string key = Fill(cluster, "value");
        cluster[1].IsLinkUp = false;
        int asked = cluster[1].Server.CountOf("INFO");
        await Until.HoldsAsync(() => cluster[1].Server.CountOf("INFO") > asked + 1);
        RedisTimeoutException late = await Until.IsLateAsync(CommandStage.WaitingToRetry, () => redis.WithTimeout(TimeSpan.FromMilliseconds(300)).StringGetAsync(key));
        Assert.Contains($"no node is fit for readFrom=replica ({cluster[1].Server.Name} is cut off from its master)", late.Message, StringComparison.Ordinal);

        // News of a fit one wakes who waits.
        Task<RedisValue> waiting = redis.StringGetAsync(key).AsTask();
        cluster[1].IsLinkUp = true;
        Assert.Equal("value", (string?)await Until.EndsAsync(waiting));
    }

    [Fact]
    public async Task A_selector_that_chooses_nobody_is_what_the_error_names()
    {
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 1);
        await using RedisClient redis = await cluster.ConnectAsync();
        IRedisView choosy = redis.WithReadFrom(ReadFrom.Custom(static _ => -1)).WithTimeout(TimeSpan.FromMilliseconds(300));
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException, RedisValue>(choosy.StringGetAsync("k"));
        Assert.Equal(Outcome.NotExecuted, late.Outcome);
        Assert.Contains("the selector of readFrom chose no node", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_connection_to_a_replica_costs_its_reads_nothing_but_another_way()
    {
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 2);
        await using RedisClient redis = await ConnectAsync(cluster, ReadFrom.Replica, allFit: true);
        string key = Fill(cluster, "value");
        cluster[1].Server.On("GET", FakeAnswer.Close);
        for (int i = 0; i < 50; i++) Assert.Equal("value", (string?)await Until.EndsAsync(redis.StringGetAsync(key)));
        Assert.Equal(0, cluster[0].Server.CountOf("GET"));
    }

    [Fact]
    public async Task A_moving_slot_is_read_from_its_masters()
    {
        await using FakeCluster cluster = FakeCluster.Start(2, replicasPerMaster: 1);
        await using RedisClient redis = await ConnectAsync(cluster, ReadFrom.Replica, allFit: true);
        string key = cluster.KeyOf(cluster[0]);
        int slot = HashSlot.Of((RedisKey)key);
        cluster[2].Server.Store[key] = "old"u8.ToArray();
        cluster[1].Server.Store[key] = "moved"u8.ToArray();
        Assert.Equal("old", (string?)await Until.EndsAsync(redis.StringGetAsync(key)));

        cluster[0].Migrating[slot] = cluster[1];
        cluster[1].Importing[slot] = cluster[0];
        await TestClient.RefreshUntilAsync(redis, topology => topology.MovingSlots.Contains(slot));
        Assert.Equal("moved", (string?)await Until.EndsAsync(redis.StringGetAsync(key)));
        cluster[0].Migrating.Clear();
        cluster[1].Importing.Clear();
        await TestClient.RefreshUntilAsync(redis, topology => topology.MovingSlots.IsEmpty);
        Assert.Equal("old", (string?)await Until.EndsAsync(redis.StringGetAsync(key)));
    }

    [Fact]
    public async Task An_ASK_to_anybody_tells_that_a_slot_moves()
    {
        await using FakeCluster cluster = FakeCluster.Start(2, replicasPerMaster: 1);
        await using RedisClient redis = await ConnectAsync(cluster, ReadFrom.Replica, allFit: true);
        string key = cluster.KeyOf(cluster[0]);
        int slot = HashSlot.Of((RedisKey)key);
        cluster[0].Migrating[slot] = cluster[1];
        cluster[1].Importing[slot] = cluster[0];
        Assert.True(await Until.EndsAsync(redis.StringSetAsync(key, 1)));
        await Until.HoldsAsync(() => redis.Topology.MovingSlots.Contains(slot));
        Assert.Equal(1, await Until.EndsAsync(redis.StringGetAsync<int>(key)));
    }

    [Fact]
    public async Task Without_permission_for_READONLY_the_master_answers_and_one_warning_says_so()
    {
        TestLog log = new();
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 1);
        foreach (FakeNode node in cluster.Nodes) node.Server.On("READONLY", FakeAnswer.Error("NOPERM User app has no permissions to run the 'readonly' command"));
        await using RedisClient redis = await cluster.ConnectAsync(options => (options.ReadFrom, options.HeartbeatInterval, options.HangTimeout, options.LoggerFactory) = (ReadFrom.ReplicaPreferred, _pulse, Until.Limit, log));
        string key = cluster.KeyOf(cluster[0]);
        cluster[0].Server.Store[key] = "master"u8.ToArray();
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal("master", (string?)await Until.EndsAsync(redis.StringGetAsync(key)));
            await Task.Delay(_pulse);
        }

        Assert.Single(log.ToString().Split('\n'), static line => line.Contains("is not read from as a replica", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_master_that_became_a_replica_is_told_READONLY_and_a_promoted_one_READWRITE()
    {
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 1);
        await using RedisClient redis = await ConnectAsync(cluster, ReadFrom.Replica, allFit: true);
        string key = cluster.KeyOf(cluster[0]);
        (FakeNode old, FakeNode heir) = (cluster[0], cluster[1]);
        cluster.MoveAll(old, heir);
        (heir.MasterId, old.MasterId) = (null, heir.Id);
        old.Server.Store[key] = "old master"u8.ToArray();
        await TestClient.RefreshUntilAsync(redis, topology => topology.MasterOf(key)!.Endpoint == heir.Server.Endpoint && topology.ReplicasOf(HashSlot.Of((RedisKey)key)).Length == 1);
        Assert.Equal("old master", (string?)await Until.EndsAsync(redis.StringGetAsync(key)));
        Assert.Equal(1, old.Server.CountOf("READONLY"));
        await Until.HoldsAsync(() => heir.Server.CountOf("READWRITE") == 1);
    }

    [Fact]
    public async Task A_bound_of_the_client_holds_for_its_views_and_sessions()
    {
        // These replicas tell no offset, so nothing proves how old what they have is.
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 1);
        await using (RedisClient unbounded = await ConnectAsync(cluster, ReadFrom.Replica, allFit: true))
        {
            Fill(cluster, "of any age");
            Assert.Equal("of any age", (string?)await Until.EndsAsync(unbounded.StringGetAsync(cluster.KeyOf(cluster[0]))));
        }

        string key = cluster.KeyOf(cluster[0]);
        cluster[0].Server.Store[key] = "fresh"u8.ToArray();
        await using RedisClient redis = await cluster.ConnectAsync(options => (options.ReadFrom, options.MaxStaleness, options.HeartbeatInterval, options.HangTimeout) = (ReadFrom.ReplicaPreferred, TimeSpan.FromMinutes(1), _pulse, Until.Limit));
        long told = cluster[1].Server.CountOf("INFO");
        await Until.HoldsAsync(() => cluster[1].Server.CountOf("INFO") > told + 1); // it is fit to be read from, but for its age
        foreach (ReadFrom policy in new[] { ReadFrom.Any, ReadFrom.Replica, ReadFrom.Nearest })
        {
            for (int i = 0; i < 70; i++) Assert.Equal("fresh", (string?)await Until.EndsAsync(redis.WithReadFrom(policy).StringGetAsync(key)));
        }

        Assert.Contains("maxStaleness", Assert.Throws<ArgumentException>(() => redis.WithReadFrom(ReadFrom.Any.WithHedging())).Message, StringComparison.Ordinal);
        Assert.Equal("fresh", (string?)await Until.EndsAsync(redis.CreateSession(ReadFrom.Any.WithHedging()).StringGetAsync(key)));
        Assert.Equal(TimeSpan.FromSeconds(1), ReadFrom.Any.WithMaxStaleness(TimeSpan.FromSeconds(1)).Inherit(TimeSpan.FromMinutes(1)).MaxStaleness);
    }

    private static async Task<RedisClient> ConnectAsync(FakeCluster cluster, ReadFrom readFrom, bool allFit = false)
    {
        RedisClient redis = await cluster.ConnectAsync(options => (options.ReadFrom, options.HeartbeatInterval, options.HangTimeout) = (readFrom, _pulse, Until.Limit));
        if (allFit) await cluster.AllFitAsync(redis);
        return redis;
    }

    /// <summary>Gives all replicas a value for a key of the first master.</summary>
    private static string Fill(FakeCluster cluster, string value)
    {
        string key = cluster.KeyOf(cluster[0]);
        foreach (FakeNode node in cluster.Nodes.Where(static node => node.MasterId is not null)) node.Server.Store[key] = System.Text.Encoding.UTF8.GetBytes(value);
        return key;
    }
}
