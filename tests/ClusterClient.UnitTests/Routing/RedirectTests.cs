// Each row of the redirect table that points to another node: MOVED, ASK, REDIRECT, with every way of naming the target.
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public class RedirectTests
{
    [Fact]
    public async Task Keys_go_to_their_owners_without_redirects()
    {
        await using FakeCluster cluster = FakeCluster.Start(5, replicasPerMaster: 1);
        await using RedisClient redis = await cluster.ConnectAsync(seed: 3);
        Assert.Equal(TopologyKind.Cluster, redis.Topology.Kind);
        for (int i = 0; i < 500; i++) await Until.EndsAsync(redis.StringSetAsync($"k{i}", i));
        for (int i = 0; i < 500; i++) Assert.Equal(i, await Until.EndsAsync(redis.StringGetAsync<int>($"k{i}")));
        Assert.Equal((500, 500), (cluster.CountOf("SET"), cluster.CountOf("GET")));
        Assert.All(cluster.Masters, static node => Assert.True(node.Server.CountOf("SET") > 0));
        Assert.All(cluster.Nodes.Except(cluster.Masters), static node => Assert.Equal(0, node.Server.CountOf("SET")));
    }

    [Fact]
    public async Task Moved_is_followed_at_once_and_paid_once()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        await redis.StringSetAsync(key, "v");
        cluster.Move(HashSlot.Of((RedisKey)key), cluster[2]);
        for (int i = 0; i < 20; i++) Assert.Equal("v", (string?)await Until.EndsAsync(redis.StringGetAsync(key)));
        Assert.Equal((1, 20), (cluster[0].Server.CountOf("GET"), cluster[2].Server.CountOf("GET")));
        Assert.Equal(cluster[2].Server.Endpoint, redis.Topology.MasterOf(key)!.Endpoint);
    }

    [Fact]
    public async Task Moved_to_a_node_nobody_has_heard_of()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        await redis.StringSetAsync(key, "v");
        FakeNode stranger = cluster.Add(null);
        cluster.Move(HashSlot.Of((RedisKey)key), stranger);
        Assert.Equal("v", (string?)await Until.EndsAsync(redis.StringGetAsync(key)));
        Assert.Equal(1, stranger.Server.CountOf("GET"));
        await Until.HoldsAsync(() => redis.Topology.NodeAt(stranger.Server.Endpoint)?.Id == stranger.Id);
    }

    [Fact]
    public async Task A_moved_write_runs_once()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[1]);
        for (int i = 1; i <= 50; i++)
        {
            if (i % 5 == 0) cluster.Move(HashSlot.Of((RedisKey)key), cluster[i / 5 % 3]);
            Assert.Equal(i, await Until.EndsAsync(redis.StringIncrementAsync(key)));
        }
    }

    [Fact]
    public async Task Ask_is_followed_with_asking_and_the_map_stays()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        await Until.EndsAsync(redis.StringGetAsync(cluster.KeyOf(cluster[1]))); // it is connected: who must dial first asks the owner once more
        Migrate(cluster, key, cluster[0], cluster[1]);
        for (int i = 0; i < 5; i++) Assert.True(await Until.EndsAsync(redis.StringSetAsync(key, i)));
        Assert.Equal((5, 5), (cluster[0].Server.CountOf("SET"), cluster[1].Server.CountOf("SET")));
        Assert.Equal(5, cluster[1].Server.CountOf("ASKING"));
        Assert.Equal(cluster[0].Server.Endpoint, redis.Topology.MasterOf(key)!.Endpoint);
    }

    [Fact]
    public async Task Asking_and_its_command_are_adjacent_whatever_else_is_sent()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        FakeNode source = cluster[0], target = cluster[1];
        string tag = cluster.KeyOf(source, "tag"), other = cluster.KeyOf(target, "own");
        Migrate(cluster, tag, source, target);
        await Until.EndsAsync(Task.WhenAll(Enumerable.Range(0, 24).Select(caller => Task.Run(async () =>
        {
            // Short commands and some that get a page of their own, among others that need no ASKING.
            Random random = new(caller);
            for (int i = 0; i < 60; i++)
            {
                string key = $"{{{tag}}}{caller}/{i}";
                byte[] value = new byte[random.Next(20) == 0 ? 40_000 : random.Next(100)];
                ValueTask<RedisValue> bystander = redis.StringGetAsync(other);
                Assert.True(await redis.StringSetAsync(key, value));
                Assert.Equal(value.Length, (await redis.StringGetAsync(key)).Length());
                await bystander;
            }
        }))));
        int slot = HashSlot.Of((RedisKey)tag);
        int asked = 0;
        foreach (IGrouping<int, FakeCommand> wire in target.Server.AllCommands.GroupBy(static command => command.Connection.Number))
        {
            FakeCommand[] commands = [.. wire.OrderBy(static command => command.Order)];
            for (int i = 0; i < commands.Length; i++)
            {
                if (commands[i].Name is not ("GET" or "SET") || HashSlot.Of((RedisKey)commands[i][1]) != slot) continue;
                asked++;
                Assert.Equal("ASKING", commands[i - 1].Name);
            }

            Assert.Equal(commands.Count(static command => command.Is("ASKING")), asked);
        }

        Assert.Equal(24 * 60 * 2, asked);
    }

    [Fact]
    public async Task Ask_to_a_node_nobody_has_heard_of()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        FakeNode stranger = cluster.Add(null);
        Migrate(cluster, key, cluster[0], stranger);
        Assert.True(await Until.EndsAsync(redis.StringSetAsync(key, "v")));
        Assert.NotNull(stranger.Server.Store[key]);
        await Until.HoldsAsync(() => redis.Topology.NodeAt(stranger.Server.Endpoint) is not null);
    }

    [Fact]
    public async Task Try_again_and_again_then_ask_gets_through()
    {
        // A command with several keys of a migrating slot: refused while they are apart, asked on once they are together.
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string tag = cluster.KeyOf(cluster[0]);
        string[] keys = [$"{{{tag}}}a", $"{{{tag}}}b"];
        await redis.StringSetAsync(keys[0], 1);
        await redis.StringSetAsync(keys[1], 2);
        Migrate(cluster, tag, cluster[0], cluster[1]);
        cluster[0].Server.Store.MoveTo(cluster[1].Server.Store, keys[0]);
        ValueTask<RedisValue[]> both = redis.StringGetAsync([keys[0], keys[1]]);
        await Until.HoldsAsync(() => cluster[0].Server.CountOf("MGET") >= 6);
        cluster[0].Server.Store.MoveTo(cluster[1].Server.Store, keys[1]);
        Assert.Equal([1, 2], await Until.EndsAsync(both));
        Assert.Equal(1, cluster[1].Server.CountOf("MGET"));
    }

    [Fact]
    public async Task A_live_migration_key_by_key_under_callers_that_read_their_own_writes()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);
        await using RedisClient redis = await cluster.ConnectAsync();
        string tag = cluster.KeyOf(cluster[0]);
        int slot = HashSlot.Of((RedisKey)tag);
        using CancellationTokenSource stop = new();
        int[] turns = new int[8];
        Task callers = Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            string key = $"{{{tag}}}{caller}";
            for (int i = 1; !stop.IsCancellationRequested; i++)
            {
                Assert.Equal(i, await redis.StringIncrementAsync(key));
                Assert.Equal(i, await redis.StringGetAsync<int>(key));
                Volatile.Write(ref turns[caller], i);
            }
        })));
        for (int round = 0; round < 12; round++)
        {
            FakeNode source = cluster[round % 3], target = cluster[(round + 1) % 3];
            await Until.HoldsAsync(() => source.Server.Store.Keys.Count >= 8);
            target.Importing[slot] = source;
            source.Migrating[slot] = target;
            foreach (string key in source.Server.Store.Keys)
            {
                lock (cluster.OneAtATime) source.Server.Store.MoveTo(target.Server.Store, key);
            }

            cluster.Move(slot, target);
            source.Migrating.Clear();
            target.Importing.Clear();

            // An ASK that is under way must not arrive when its target imports the slot once more: there it would make the key anew, as with real servers.
            int[] before = [.. turns];
            await Until.HoldsAsync(() => callers.IsCompleted || turns.Zip(before).All(static pair => pair.First >= pair.Second + 2));
        }

        await stop.CancelAsync();
        await Until.EndsAsync(callers);
    }

    [Fact]
    public async Task Redirect_is_followed()
    {
        // Valkey, to a client that says it can: a replica names its master.
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        cluster[0].Server.Once("INCR", FakeAnswer.Error($"REDIRECT {cluster[1].Server.Name}"));
        cluster[1].Server.Once("INCR", FakeAnswer.Integer(5));
        Assert.Equal(5, await Until.EndsAsync(redis.StringIncrementAsync(key)));
    }

    [Fact]
    public async Task Two_nodes_that_send_each_to_the_other_are_given_up_with_the_hops()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync(static o => o.MaxRedirects = 7);
        string key = cluster.KeyOf(cluster[0]);
        int slot = HashSlot.Of((RedisKey)key);
        cluster[0].Server.On("INCR", FakeNode.Moved(slot, cluster[1]));
        cluster[1].Server.On("INCR", FakeNode.Moved(slot, cluster[0]));
        RedisServerException failure = await Until.FailsAsync<RedisServerException, long>(redis.StringIncrementAsync(key));
        Assert.Equal(("MOVED", Outcome.NotExecuted, "INCR"), (failure.Code, failure.Outcome, failure.CommandName));
        foreach (string part in new[]
        {
            $"{cluster[0].Server.Name} answered MOVED {slot} {cluster[1].Server.Name}; {cluster[1].Server.Name} answered MOVED {slot} {cluster[0].Server.Name}",
            "gave up after 7 redirects (maxRedirects)", $"do not agree on who serves slot {slot}",
        })
        {
            Assert.Contains(part, failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(8, cluster.CountOf("INCR"));
    }

    [Fact]
    public async Task No_redirects_may_be_asked_for()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync(static o => o.MaxRedirects = 0);
        string key = cluster.KeyOf(cluster[0]);
        cluster[0].Server.Once("INCR", FakeNode.Moved(HashSlot.Of((RedisKey)key), cluster[1]));
        RedisServerException failure = await Until.FailsAsync<RedisServerException, long>(redis.StringIncrementAsync(key));
        Assert.Equal(("MOVED", Outcome.NotExecuted), (failure.Code, failure.Outcome));
        Assert.Equal(1, await Until.EndsAsync(redis.StringIncrementAsync(key)));
    }

    [Fact]
    public async Task Asks_in_a_ring_are_given_up_too()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync(static o => o.MaxRedirects = 9);
        string key = cluster.KeyOf(cluster[0]);
        int slot = HashSlot.Of((RedisKey)key);
        await Until.EndsAsync(redis.StringGetAsync(cluster.KeyOf(cluster[1]))); // both are connected: who must dial first asks the owner once more
        cluster[0].Server.On("INCR", FakeAnswer.Error($"ASK {slot} {cluster[1].Server.Name}"));
        cluster[1].Server.On("INCR", FakeAnswer.Error($"ASK {slot} {cluster[0].Server.Name}"));
        RedisServerException failure = await Until.FailsAsync<RedisServerException, long>(redis.StringIncrementAsync(key));
        Assert.Equal(("ASK", Outcome.NotExecuted), (failure.Code, failure.Outcome));
        Assert.Equal(10, cluster.CountOf("INCR"));
    }

    [Fact]
    public async Task Moved_to_the_node_that_says_it_needs_another_connection()
    {
        // One address before two servers: the first connection reached the wrong one, the second reaches the right one.
        await using FakeCluster cluster = FakeCluster.Start(1);
        await using RedisClient redis = await cluster.ConnectAsync();
        FakeServer server = cluster[0].Server;
        int first = server.Connections[^1].Number;
        Gate gate = new();
        server.Once("ECHO", FakeAnswer.Bulk("slow").After(gate));
        server.On("INCR", command => command.Connection.Number <= first ? FakeNode.Moved(1, cluster[0]) : null);
        Assert.Equal(1, await Until.EndsAsync(redis.StringIncrementAsync("k")));
        Assert.InRange(server.CountOf("INCR"), 2, 16);
        Assert.Equal(first + 1, server.Accepted);
        ValueTask<RedisValue> slow = redis.EchoAsync("slow");
        gate.Open();
        Assert.Equal("slow", (string?)await Until.EndsAsync(slow));
    }

    [Fact]
    public async Task Moved_to_itself_for_ever_ends()
    {
        await using FakeCluster cluster = FakeCluster.Start(1);
        await using RedisClient redis = await cluster.ConnectAsync(static o => o.MaxRedirects = 6);
        cluster[0].Server.On("INCR", FakeNode.Moved(1, cluster[0]));
        RedisServerException failure = await Until.FailsAsync<RedisServerException, long>(redis.StringIncrementAsync("k"));
        Assert.Equal(("MOVED", Outcome.NotExecuted), (failure.Code, failure.Outcome));
        Assert.Equal(7, cluster.CountOf("INCR"));
        Assert.InRange(cluster[0].Server.Accepted, 1, 8);
        Assert.True((await Until.EndsAsync(redis.StringGetAsync("k"))).IsNull);
    }

    [Fact]
    public async Task An_empty_host_means_the_host_that_answered()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        foreach (FakeNode node in cluster.Nodes) node.AnnouncedHost = "";
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        cluster.Move(HashSlot.Of((RedisKey)key), cluster[1]);
        Assert.Equal(1, await Until.EndsAsync(redis.StringIncrementAsync(key)));
        Assert.Equal(1, cluster[1].Server.CountOf("INCR"));
    }

    [Fact]
    public async Task An_unknown_endpoint_is_found_by_its_port_or_by_another_look()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        int slot = HashSlot.Of((RedisKey)key);
        cluster[0].Server.Once("INCR", FakeAnswer.Error($"MOVED {slot} ?:{cluster[1].Server.Port}"));
        cluster[1].Server.Once("INCR", FakeAnswer.Integer(3));
        Assert.Equal(3, await Until.EndsAsync(redis.StringIncrementAsync(key)));

        // A port that nobody has: only the map can tell, which is asked for.
        key = cluster.KeyOf(cluster[0], "other");
        slot = HashSlot.Of((RedisKey)key);
        cluster.Move(slot, cluster[1]);
        cluster[0].Server.On("INCR", FakeAnswer.Error($"MOVED {slot} ?:1"));
        Assert.Equal(1, await Until.EndsAsync(redis.StringIncrementAsync(key)));
    }

    [Fact]
    public async Task A_port_of_zero_is_no_address()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]);
        cluster[0].Server.Once("INCR", FakeAnswer.Error($"MOVED {HashSlot.Of((RedisKey)key)} 127.0.0.1:0"));
        Assert.Equal(1, await Until.EndsAsync(redis.StringIncrementAsync(key)));
        Assert.Equal(cluster[0].Server.Endpoint, redis.Topology.MasterOf(key)!.Endpoint);
    }

    [Theory]
    [InlineData("host with spaces")]
    [InlineData("no-such-host.invalid")]
    public async Task A_target_that_cannot_be_reached_is_named_at_the_deadline_and_other_slots_go_on(string host)
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string key = cluster.KeyOf(cluster[0]), other = cluster.KeyOf(cluster[0], "other");
        int slot = HashSlot.Of((RedisKey)key);
        cluster[0].Server.On("INCR", command => command[1] == key ? FakeAnswer.Error($"MOVED {slot} {host}:6379") : null);
        RedisTimeoutException late = await Until.IsLateAsync(CommandStage.WaitingForConnection, () => redis.WithTimeout(TimeSpan.FromMilliseconds(500)).StringIncrementAsync(key));
        Assert.Equal(Outcome.NotExecuted, late.Outcome);
        Assert.Contains($"{host}:6379", late.Message, StringComparison.Ordinal);
        Assert.Equal(1, await Until.EndsAsync(redis.StringIncrementAsync(other)));
    }

    [Fact]
    public async Task An_endpoint_map_translates_redirects()
    {
        // Announced under a name that only the map can make sense of.
        await using FakeCluster cluster = FakeCluster.Start(3);
        foreach (FakeNode node in cluster.Nodes) node.AnnouncedHost = "inside";
        await using RedisClient redis = await cluster.ConnectAsync(static o => o.EndpointMap = static announced => announced with { Host = "127.0.0.1" });
        string key = cluster.KeyOf(cluster[0]);
        FakeNode stranger = cluster.Add(null);
        stranger.AnnouncedHost = "inside";
        cluster.Move(HashSlot.Of((RedisKey)key), stranger);
        Assert.Equal(1, await Until.EndsAsync(redis.StringIncrementAsync(key)));
        Assert.Equal(1, stranger.Server.CountOf("INCR"));
    }

    [Fact]
    public async Task An_endpoint_map_that_throws_fails_the_call_and_nothing_else()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync(static o => o.EndpointMap = static announced =>
            announced.Port == 1 ? throw new InvalidOperationException("no way there") : announced);
        string key = cluster.KeyOf(cluster[0]);
        cluster[0].Server.Once("INCR", FakeAnswer.Error($"MOVED {HashSlot.Of((RedisKey)key)} 10.0.0.1:1"));
        int accepted = cluster[0].Server.Accepted;
        RedisException failure = await Until.FailsAsync<RedisException, long>(redis.StringIncrementAsync(key));
        Assert.Equal(Outcome.NotExecuted, failure.Outcome);
        Assert.Contains("endpointMap", failure.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("no way there", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, await Until.EndsAsync(redis.StringIncrementAsync(key)));
        Assert.Equal(accepted, cluster[0].Server.Accepted);
    }

    private static void Migrate(FakeCluster cluster, string key, FakeNode source, FakeNode target)
    {
        int slot = HashSlot.Of((RedisKey)key);
        target.Importing[slot] = source;
        source.Migrating[slot] = target;
        Assert.Equal(source, cluster.Truth.OwnerOf(slot));
    }
}
