// A node has no more leased connections than may be, and those who wait for one get it in turn.
using ClusterClient.Connections;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Connections;

public class LeasePlacesTests
{
    [Fact]
    public async Task Calls_at_the_same_time_share_the_connections_that_may_be()
    {
        await using FakeCluster cluster = FakeCluster.Start(1);
        await using RedisClient redis = await cluster.ConnectAsync(static options => options.MaxLeasedConnections = 3);
        FakeServer server = cluster[0].Server;
        int accepted = server.Accepted;
        Gate gate = new();
        server.On("WAIT", FakeAnswer.Integer(1).After(gate));
        Task<long>[] writes = [.. Enumerable.Range(0, 50).Select(i => WriteAsync(redis, $"k{i}"))];
        await Until.HoldsAsync(() => server.CountOf("WAIT") == 3);
        gate.Open();
        Assert.All(await Until.EndsAsync(Task.WhenAll(writes)), static value => Assert.Equal(1, value));
        Assert.Equal(accepted + 3, server.Accepted);
        Assert.Equal(50, server.CountOf("WAIT"));
    }

    [Fact]
    public async Task Whoever_waits_too_long_or_finds_no_room_to_wait_hears_why()
    {
        await using FakeCluster cluster = FakeCluster.Start(1);
        await using RedisClient redis = await cluster.ConnectAsync(static options => (options.MaxLeasedConnections, options.MaxWaitingCommands, options.CommandTimeout) = (1, 1, TimeSpan.FromMilliseconds(300)));
        FakeServer server = cluster[0].Server;
        Gate gate = new();
        server.On("WAIT", FakeAnswer.Integer(1).After(gate));
        Task<long> taken = WriteAsync(redis, "a");
        await Until.HoldsAsync(() => server.CountOf("WAIT") == 1);
        Task<long> waits = WriteAsync(redis, "b");
        RedisOverloadedException refused = await Until.FailsAsync<RedisOverloadedException>(WriteAsync(redis, "c"));
        Assert.Equal((Outcome.NotExecuted, "INCR"), (refused.Outcome, refused.CommandName));
        Assert.Contains("maxLeasedConnections", refused.Message, StringComparison.Ordinal);
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException>(waits);
        Assert.Equal((Outcome.NotExecuted, CommandStage.WaitingForCapacity), (late.Outcome, late.Stage));
        Assert.Contains("maxLeasedConnections", late.Message, StringComparison.Ordinal);
        gate.Open();
        Assert.Equal(1, await Until.EndsAsync(taken));
        Assert.Equal(1, await Until.EndsAsync(WriteAsync(redis, "b")));
    }

    [Fact]
    public async Task Places_are_given_in_turn_and_none_is_lost_to_those_who_give_up()
    {
        LeasePlaces places = new(1, 10);
        await TakeAsync(places, default);
        using CancellationTokenSource end = new();
        List<int> order = [];
        Task[] waits = [.. Enumerable.Range(0, 4).Select(async i =>
        {
            await TakeAsync(places, i == 1 ? end.Token : default);
            lock (order) order.Add(i);
            places.Return();
        })];
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits[1]);
        places.Return();
        await Until.EndsAsync(Task.WhenAll(waits.Where(static task => !task.IsCanceled)));
        Assert.Equal([0, 2, 3], order);

        await TakeAsync(places, default);
        bool hasMoved = false;
        Task waiting = TakeAsync(places, default).AsTask(), moved = places.TakeAsync("INCR", "node", () => hasMoved, default).AsTask();
        RedisConnectionException gone = new("gone", ConnectionFailure.Superseded, Outcome.NotExecuted);
        places.SendAway(gone, all: false);
        Assert.Equal(2, places.Waiting);
        hasMoved = true;
        places.SendAway(gone, all: false);
        await Until.FailsAsync<RedisConnectionException>(moved);
        Assert.False(waiting.IsCompleted);
        places.SendAway(gone, all: true);
        await Until.FailsAsync<RedisConnectionException>(waiting);
        places.Return();
        Assert.True(TakeAsync(places, default).IsCompletedSuccessfully);

        // Once closed it gives none, and says when the last has come back.
        Task emptied = places.Close(gone);
        Assert.Throws<RedisConnectionException>(() => { _ = TakeAsync(places, default); });
        Assert.False(emptied.IsCompleted);
        places.Return();
        await Until.EndsAsync(emptied);
    }

    private static ValueTask TakeAsync(LeasePlaces places, CancellationToken cancellationToken) => places.TakeAsync("INCR", "node", static () => false, cancellationToken);

    private static Task<long> WriteAsync(RedisClient redis, string key) => redis.WaitAsync(1, TimeSpan.FromSeconds(20), write => write.StringIncrementAsync(key)).AsTask();
}
