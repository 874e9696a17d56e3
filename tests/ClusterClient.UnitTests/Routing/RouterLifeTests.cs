// Topologies come and go under commands; what the application plugs in may fail: no call is left without an end.
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;
using Microsoft.Extensions.Logging;

namespace ClusterClient.UnitTests.Routing;

public class RouterLifeTests
{
    [Fact]
    public async Task Nodes_that_come_and_go_under_load_are_always_dialled_when_they_own_slots()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string[] keys = [.. Enumerable.Range(0, 64).Select(static i => $"k{i}")];
        using CancellationTokenSource stop = new();
        Task callers = Task.WhenAll(keys.Select(key => Task.Run(async () =>
        {
            for (long i = 1; !stop.IsCancellationRequested; i++) Assert.Equal(i, await redis.StringIncrementAsync(key));
        })));
        Task refresher = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await redis.RefreshTopologyAsync();
        });
        for (int round = 0; round < 6; round++)
        {
            // Each round a newcomer takes all the keys' slots, one MOVED at a time, while looks at the topology go on.
            FakeNode newcomer = cluster.Add(null);
            foreach (string key in keys) cluster.Move(HashSlot.Of((RedisKey)key), newcomer);
            await Until.HoldsAsync(() => keys.All(key => newcomer.Server.Of("INCR").Any(command => command[1] == key)));
            newcomer.Server.ForgetCommands();
        }

        await stop.CancelAsync();
        await Until.EndsAsync(Task.WhenAll(callers, refresher));
        Assert.All(cluster.Nodes, static node => Assert.Empty(node.Server.Violations));
    }

    [Fact]
    public async Task A_log_that_throws_stops_nothing()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        using ThrowingLog log = new();
        await using RedisClient redis = await cluster.ConnectAsync(o => o.LoggerFactory = log);
        string key = cluster.KeyOf(cluster[0]);
        cluster.Move(HashSlot.Of((RedisKey)key), cluster[1]);
        Assert.Equal(1, await Until.EndsAsync(redis.StringIncrementAsync(key)));
        cluster[1].Server.Once("INCR", FakeAnswer.Close);
        Assert.Equal(Outcome.Unknown, (await Until.FailsAsync<RedisConnectionException, long>(redis.StringIncrementAsync(key))).Outcome);
        Assert.Equal(2, await Until.EndsAsync(redis.StringIncrementAsync(key)));
        Assert.True(log.Thrown > 0);
    }

    [Fact]
    public async Task Calls_made_before_the_topology_is_known_keep_their_order()
    {
        await using FakeCluster cluster = FakeCluster.Start(1);
        cluster[0].Server.StopListening();
        await using RedisClient redis = TestClient.Create(cluster[0].Server, static o => o.Topology = TopologyMode.Auto);
        ValueTask<long>[] calls = [.. Enumerable.Range(0, 500).Select(i => redis.StringAppendAsync("k", $"{i},"))];
        cluster[0].Server.ListenAgain();
        foreach (ValueTask<long> call in calls) await Until.EndsAsync(call);
        Assert.Equal(string.Concat(Enumerable.Range(0, 500).Select(static i => $"{i},")), System.Text.Encoding.ASCII.GetString(cluster[0].Server.Store["k"]!));
    }

    [Fact]
    public async Task Disposal_ends_who_waits_for_a_topology_or_for_another_try()
    {
        for (int round = 0; round < 20; round++)
        {
            await using FakeServer server = new();
            server.On("INCR", FakeAnswer.Error("LOADING Redis is loading the dataset in memory"));
            RedisClient redis = await TestClient.ConnectAsync(server);
            Task<long>[] waiting = [.. Enumerable.Range(0, 50).Select(_ => redis.StringIncrementAsync("k").AsTask())];
            await Until.HoldsAsync(() => server.CountOf("INCR") > 50);
            await Until.EndsAsync(redis.DisposeAsync().AsTask());
            foreach (Task<long> call in waiting)
            {
                Exception? failure = await Record.ExceptionAsync(() => Until.EndsAsync(call));
                Assert.True(failure is ObjectDisposedException or RedisConnectionException { Failure: ConnectionFailure.Disposed }, $"{failure}");
            }
        }

        await using FakeServer absent = new();
        absent.StopListening();
        RedisClient never = TestClient.Create(absent, static o => o.Topology = TopologyMode.Auto);
        Task<long> hopeless = never.StringIncrementAsync("k").AsTask();
        await Until.EndsAsync(never.DisposeAsync().AsTask());
        await Until.FailsAsync<ObjectDisposedException>(hopeless);
    }

    [Fact]
    public async Task The_line_of_those_who_wait_for_a_node_is_bounded()
    {
        await using FakeServer server = new();
        server.StopListening();
        await using RedisClient redis = TestClient.Create(server, static o => (o.Topology, o.MaxWaitingCommands) = (TopologyMode.Auto, 5));
        Task<long>[] waiting = [.. Enumerable.Range(0, 5).Select(_ => redis.StringIncrementAsync("k").AsTask())];
        RedisOverloadedException refused = await Until.FailsAsync<RedisOverloadedException, long>(redis.StringIncrementAsync("k"));
        Assert.Equal((Outcome.NotExecuted, "INCR"), (refused.Outcome, refused.CommandName));
        server.ListenAgain();
        Assert.Equal([1, 2, 3, 4, 5], (await Until.EndsAsync(Task.WhenAll(waiting))).Order());
    }

    [Fact]
    public async Task A_node_that_left_is_disconnected_and_what_it_has_is_answered()
    {
        await using FakeCluster cluster = FakeCluster.Start(3);

        // No heartbeat may find the node silent while its reply is held back: a silent node that left is cut off instead.
        await using RedisClient redis = await cluster.ConnectAsync(static options =>
        {
            options.HeartbeatInterval = TimeSpan.FromMinutes(1);
            options.HangTimeout = TimeSpan.FromMinutes(5);
        });
        FakeNode leaving = cluster[2];
        string key = cluster.KeyOf(leaving);
        Gate gate = new();
        leaving.Server.Once("INCR", FakeAnswer.Integer(41).After(gate));
        Task<long> last = redis.StringIncrementAsync(key).AsTask();
        await Until.HoldsAsync(() => leaving.Server.CountOf("INCR") == 1);
        cluster.MoveAll(leaving, cluster[0]);
        cluster.Remove(leaving);
        await TestClient.RefreshUntilAsync(redis, topology => topology.NodeAt(leaving.Server.Endpoint) is null);
        Assert.Equal(1, await Until.EndsAsync(redis.StringIncrementAsync(key)));
        gate.Open();
        Assert.Equal(41, await Until.EndsAsync(last));
        await Until.HoldsAsync(() => leaving.Server.Connections.All(static connection => !connection.IsOpen));
        await leaving.Server.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_frozen_master_is_left_as_soon_as_its_slots_have_another(bool suspectFirst)
    {
        await using FakeCluster cluster = FakeCluster.Start(2, replicasPerMaster: 1);
        FakeNode master = cluster[0], heir = cluster.Nodes.Single(node => node.MasterId == master.Id);
        TestLog log = new();
        await using RedisClient redis = await cluster.ConnectAsync(o =>
        {
            (o.HeartbeatInterval, o.HangTimeout, o.LoggerFactory) = (TimeSpan.FromMilliseconds(suspectFirst ? 30 : 400), TimeSpan.FromHours(1), log);
            o.MaxInFlightCommands = 2;
        }, seed: 1);
        string key = cluster.KeyOf(master);
        await redis.StringSetAsync(key, 5);
        await Until.HoldsAsync(() => log.Entries.Any(entry => entry.Event == ClusterClient.Diagnostics.EventIds.ConnectionEstablished && entry.Text.Contains(master.Server.Name, StringComparison.Ordinal)));
        heir.Server.Store[key] = master.Server.Store[key];

        // Frozen only once the write has come: heartbeats that are never answered could take its room on the connection.
        master.Server.Once("INCR", FakeAnswer.Hang);
        Task<long> written = redis.StringIncrementAsync(key).AsTask();
        await Until.HoldsAsync(() => master.Server.CountOf("INCR") == 1);
        master.Server.On(_ => FakeAnswer.Hang);
        Task<RedisValue> read = redis.StringGetAsync(key).AsTask();
        Task<long> waiting = redis.StringIncrementAsync(key).AsTask();
        if (suspectFirst) await Until.HoldsAsync(() => log.CountOf(ClusterClient.Diagnostics.EventIds.NodeSuspect) > 0);
        cluster.FailOver(master, heir);
        await Until.EndsAsync(redis.RefreshTopologyAsync().AsTask());

        RedisConnectionException failure = await Until.FailsAsync<RedisConnectionException>(written);
        Assert.Equal((ConnectionFailure.Superseded, Outcome.Unknown, master.Server.Name), (failure.Failure, failure.Outcome, failure.Node));
        Assert.Equal(6, await Until.EndsAsync(waiting));
        Assert.InRange((int)await Until.EndsAsync(read), 5, 6);
        Assert.Equal((1, 1), (master.Server.CountOf("INCR"), heir.Server.CountOf("INCR")));
    }

    [Fact]
    public async Task A_master_that_hands_over_while_it_speaks_answers_what_it_has()
    {
        await using FakeCluster cluster = FakeCluster.Start(2, replicasPerMaster: 1);
        FakeNode master = cluster[0], heir = cluster.Nodes.Single(node => node.MasterId == master.Id);
        await using RedisClient redis = await cluster.ConnectAsync(seed: 1);
        string key = cluster.KeyOf(master);
        Gate gate = new();
        master.Server.Once("INCR", FakeAnswer.Integer(1).After(gate));
        Task<long> written = redis.StringIncrementAsync(key).AsTask();
        await Until.HoldsAsync(() => master.Server.CountOf("INCR") == 1);
        cluster.FailOver(master, heir);
        master.IsFailed = false;
        await TestClient.RefreshUntilAsync(redis, topology => topology.MasterOf(key)?.Endpoint == heir.Server.Endpoint);
        gate.Open();
        Assert.Equal(1, await Until.EndsAsync(written));
    }

    [Fact]
    public async Task A_change_is_told_once_commands_are_routed_by_it()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string[] keys = [.. Enumerable.Range(0, 400).Select(static i => $"k{i}").Where(key => cluster.OwnerOf(key) == cluster[0]).DistinctBy(static key => HashSlot.Of((RedisKey)key))];
        System.Collections.Concurrent.ConcurrentQueue<bool> seen = new();
        redis.TopologyChanged += (_, change) => seen.Enqueue(redis.Topology.Version >= change.Current.Version);
        foreach (string key in keys)
        {
            cluster.Move(HashSlot.Of((RedisKey)key), cluster[1]);
            await Until.EndsAsync(redis.StringIncrementAsync(key));
            Assert.Equal(cluster[1].Server.Endpoint, redis.Topology.MasterOf(key)!.Endpoint);
        }

        await Until.HoldsAsync(() => seen.Count >= 10);
        Assert.DoesNotContain(false, seen);
    }

    [Fact]
    public async Task A_node_that_nobody_wants_any_more_is_not_dialled_for_ever()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        FakeNode leaver = cluster[1];
        NodeEndpoint left = leaver.Server.Endpoint;
        ClusterClient.Configuration.ClientSettings settings = TestClient.Options(cluster[0].Server.Endpoint, static o =>
        {
            (o.Topology, o.ConnectTimeout) = (TopologyMode.Auto, TimeSpan.FromMilliseconds(300));
            (o.ReconnectBackoffMin, o.ReconnectBackoffMax) = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(10));
        }).Snapshot();
        await using ClusterClient.Routing.Router router = new(settings, new ClusterClient.Diagnostics.Telemetry(settings), new TestLog());
        await router.ConnectAsync(CancellationToken.None);
        ClusterClient.Routing.RoutedExecutor pinned = new(router, settings.CommandTimeoutMilliseconds, settings.RetryPolicy, left);
        cluster.MoveAll(leaver, cluster[0]);
        cluster.Remove(leaver);
        long started = Environment.TickCount64;
        while (router.Table.Snapshot.NodeAt(left) is not null)
        {
            Assert.True(Environment.TickCount64 - started < Until.Limit.TotalMilliseconds, "The topology never forgot the node.");
            await Until.EndsAsync(router.RefreshAsync(CancellationToken.None).AsTask());
        }

        Assert.Equal("v", (string?)await Until.EndsAsync(pinned.EchoAsync("v")));
        ClusterClient.Connections.NodeConnection stray = router.Nodes.Find(left)!;
        leaver.Server.On("HELLO", FakeAnswer.Error("ERR go away"));
        leaver.Server.CloseAll();
        await Until.HoldsAsync(() => router.Nodes.Find(left) is null);
        await Until.EndsAsync(stray.DisposeAsync().AsTask()); // Waits for its loop: whoever dials from here on has been asked to.

        int accepted = leaver.Server.Accepted;
        leaver.Server.On("HELLO", FakeAnswer.Raw("%1\r\n+server\r\n+redis\r\n"));
        Assert.Equal("w", (string?)await Until.EndsAsync(pinned.EchoAsync("w")));
        Assert.Equal(accepted + 1, leaver.Server.Accepted);
        await leaver.Server.DisposeAsync();
    }

    [Fact]
    public async Task A_table_that_names_a_node_that_is_gone_costs_a_deadline_and_not_the_process()
    {
        await using FakeServer server = new();
        ClusterClient.Configuration.ClientSettings settings = TestClient.Options(server.Endpoint, static o => o.Topology = TopologyMode.Auto).Snapshot();
        await using ClusterClient.Routing.Router router = new(settings, new ClusterClient.Diagnostics.Telemetry(settings), new TestLog());
        await router.ConnectAsync(CancellationToken.None);
        ClusterClient.Routing.RoutedExecutor redis = new(router, 300, settings.RetryPolicy);
        await Until.EndsAsync(redis.PingAsync());

        // It must never come to this; if it does, sending there at once again and again would overflow the stack.
        ClusterClient.Connections.NodeConnection node = router.Table.OwnerOf(0)!;
        Assert.True(router.Nodes.TryRemove(node));
        await Until.EndsAsync(node.RetireAsync().AsTask());
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException, RedisValue>(redis.StringGetAsync("k"));
        Assert.Equal(Outcome.NotExecuted, late.Outcome);
    }

    [Fact]
    public async Task A_handler_that_throws_does_not_silence_the_next()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        int heard = 0;
        redis.TopologyChanged += static (_, _) => throw new InvalidOperationException("a handler of the application");
        redis.TopologyChanged += (_, _) => Interlocked.Increment(ref heard);
        string key = cluster.KeyOf(cluster[0]);
        cluster.Move(HashSlot.Of((RedisKey)key), cluster[1]);
        await Until.EndsAsync(redis.StringIncrementAsync(key));
        await Until.HoldsAsync(() => Volatile.Read(ref heard) > 0);
    }

    [Theory]
    [InlineData("SHUTDOWN")]
    [InlineData("CONFIG SET maxmemory 1")]
    [InlineData("CLIENT LIST")]
    [InlineData("SAVE")]
    public async Task A_command_that_acts_on_one_node_is_not_sent_to_any_of_a_cluster(string text)
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string[] words = text.Split(' ');
        NotSupportedException refused = await Until.FailsAsync<NotSupportedException>(Task.Run(async () => await redis.ExecuteAsync(words[0], [.. words[1..].Select(static word => (RedisValue)word)])));
        Assert.Contains("OnNode", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refresh_of_a_disposed_client_says_that_it_is_disposed()
    {
        await using FakeCluster cluster = FakeCluster.Start(1);
        RedisClient redis = await cluster.ConnectAsync();
        await redis.DisposeAsync();
        ObjectDisposedException disposed = await Until.FailsAsync<ObjectDisposedException>(redis.RefreshTopologyAsync().AsTask());
        Assert.Equal(nameof(RedisClient), disposed.ObjectName);
    }

    private sealed class ThrowingLog : ILoggerFactory, ILogger
    {
        private int _thrown;

        public int Thrown => _thrown;

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Interlocked.Increment(ref _thrown);
            throw new IOException("No space left on device");
        }

        public void Dispose()
        {
        }
    }
}
