// A write and its WAIT go to the master of the moment, and to nobody who was it before the connection was made.
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using ClusterClient.Routing;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public class LeasedOwnerTests
{
    private static readonly CommandInfo _increment = CommandTable.Get("INCR");
    private static readonly CommandInfo _wait = CommandTable.Get("WAIT");

    [Fact]
    public async Task A_master_that_is_demoted_while_a_connection_is_made_gets_nothing()
    {
        await using FakeServer old = Server(), heir = Server();
        await using Router router = await ConnectAsync(old);
        router.Adopt(Replication(100, old, heir));
        Gate dialled = await HoldDialAsync(old, out Task<(long, long)> write, () => ExecuteAsync(router));
        router.Adopt(Replication(101, heir, old));
        dialled.Open();
        Assert.Equal((1, 1), await Until.EndsAsync(write));
        Assert.Equal((0, 1), (old.CountOf("INCR"), heir.CountOf("INCR")));
    }

    [Fact]
    public async Task While_a_master_is_held_neither_it_nor_the_one_before_gets_anything()
    {
        await using FakeServer old = Server(), heir = Server();
        await using Router router = await ConnectAsync(old);
        router.Adopt(Replication(100, old, heir));
        Gate dialled = await HoldDialAsync(old, out Task<(long, long)> write, () => ExecuteAsync(router, TimeSpan.FromSeconds(1)));
        router.Adopt(Replication(101, heir, old, isHeld: true));
        dialled.Open();
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException>(write);
        Assert.Equal(Outcome.NotExecuted, late.Outcome);
        Assert.Equal((0, 0), (old.CountOf("INCR"), heir.CountOf("INCR")));

        router.Adopt(Replication(102, heir, old));
        Assert.Equal((1, 1), await Until.EndsAsync(ExecuteAsync(router)));
        Assert.Equal((0, 1), (old.CountOf("INCR"), heir.CountOf("INCR")));
    }

    [Fact]
    public async Task The_deadline_stands_still_while_there_is_no_master()
    {
        await using FakeServer old = Server(), heir = Server();
        await using Router router = await ConnectAsync(old, failoverTimeout: Until.Limit);
        router.Adopt(Replication(100, heir, old, isHeld: true));
        Task<(long, long)> write = ExecuteAsync(router, TimeSpan.FromMilliseconds(300));
        await Task.WhenAny(write, Task.Delay(1000));
        Assert.False(write.IsCompleted, write.Exception?.Message);

        router.Adopt(Replication(101, heir, old));
        await Record.ExceptionAsync(() => Until.EndsAsync(write)); // with 300 ms left it may come too late on a busy machine
    }

    [Fact]
    public async Task A_connection_to_who_had_the_address_before_is_not_used_again()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        FakeServer server = cluster[1].Server;
        server.On("WAIT", FakeAnswer.Integer(1));
        string key = cluster.KeyOf(cluster[1]);
        Gate answered = new();
        server.Once("WAIT", FakeAnswer.Integer(1), FakeAnswer.Integer(1).After(answered));
        Assert.Equal(1, await Until.EndsAsync(WriteAsync(redis, key)));
        Task<long> taken = WriteAsync(redis, key);
        await Until.HoldsAsync(() => server.CountOf("WAIT") == 2);
        server.Once("WAIT", FakeAnswer.Integer(1));
        Assert.Equal(3, await Until.EndsAsync(WriteAsync(redis, key)));

        // One is idle, one is taken.
        cluster[1].Id = new string('f', 40);
        await TestClient.RefreshUntilAsync(redis, map => map.MasterOf(key)!.Id == cluster[1].Id);
        answered.Open();
        Assert.Equal(2, await Until.EndsAsync(taken));
        FakeConnection[] before = [.. server.Of("WAIT").Select(static command => command.Connection).Distinct()];
        Assert.Equal(2, before.Length);
        for (int i = 0; i < 3; i++) Assert.Equal(4 + i, await Until.EndsAsync(WriteAsync(redis, key)));
        Assert.DoesNotContain(server.Of("WAIT").TakeLast(3), command => before.Contains(command.Connection));
        await Until.HoldsAsync(() => before.All(static connection => !connection.IsOpen));
    }

    private static FakeServer Server()
    {
        FakeServer server = new();
        server.On("WAIT", FakeAnswer.Integer(1));
        return server;
    }

    /// <summary>Begins a call, and returns while its connection is being made.</summary>
    private static Task<Gate> HoldDialAsync(FakeServer server, out Task<(long, long)> call, Func<Task<(long, long)>> begin)
    {
        Gate dialled = new();
        int before = server.CountOf("CLIENT");
        server.On("CLIENT", FakeAnswer.Ok.After(dialled));
        call = begin();
        return UntilAsync();

        async Task<Gate> UntilAsync()
        {
            await Until.HoldsAsync(() => server.CountOf("CLIENT") > before);
            return dialled;
        }
    }

    private static Task<long> WriteAsync(RedisClient redis, string key) => redis.WaitAsync(1, TimeSpan.FromSeconds(10), write => write.StringIncrementAsync(key)).AsTask();

    private static async Task<Router> ConnectAsync(FakeServer server, TimeSpan failoverTimeout = default)
    {
        ClientSettings settings = TestClient.Options(server.Endpoint, o => (o.TopologyRefreshInterval, o.FailoverTimeout) = (TimeSpan.FromHours(1), failoverTimeout)).Snapshot();
        Router router = new(settings, new Telemetry(settings), new TestLog());
        await Until.EndsAsync(router.ConnectAsync(CancellationToken.None).AsTask());
        return router;
    }

    private static async Task<(long, long)> ExecuteAsync(Router router, TimeSpan? timeout = null)
    {
        LeasedCall call = new(router, (int)(timeout ?? Until.Limit).TotalMilliseconds, (int)Until.Limit.TotalMilliseconds);
        (long value, long replicas, _) = await call.ExecuteAsync(new Command(_increment, "k"), Replies.Int64, new Command(_wait, 1, 100), Replies.Int64);
        return (value, replicas);
    }

    private static TopologySnapshot Replication(long version, FakeServer master, FakeServer replica, bool isHeld = false)
        => TopologySnapshot.ForReplication(version, TopologyKind.Sentinel, [new(master.Endpoint, NodeRole.Master) { IsHeld = isHeld }, new(replica.Endpoint, NodeRole.Replica)]);
}
