// What hedged reads learn, and pay, where a node fails or takes no more.
using ClusterClient.Connections;
using ClusterClient.Protocol;
using ClusterClient.Routing;
using ClusterClient.Routing.Hedging;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public sealed class HedgeLossTests
{
    [Fact]
    public async Task Only_an_answer_says_how_long_answers_take()
    {
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 2);
        await using Router router = await ConnectAsync(cluster);
        ReadFrom policy = ReadFrom.Replica.WithHedging(mostPercent: 100);
        HedgedReads hedged = View(router, policy);
        string key = cluster.KeyOf(cluster[0]);
        TailEstimate tail = router.Hedging.TailOf(policy, isBulk: false);
        await ReadUntilBothAnswerAsync(cluster, hedged, key);
        for (int i = 0; i < 100 || tail.Present is null; i++) await Until.EndsAsync(hedged.StringGetAsync(key));
        TimeSpan before = tail.Present.Value;

        // Whoever is asked first refuses after the other has answered, then the same with an answer that comes as late.
        foreach (FakeAnswer late in (FakeAnswer[])[FakeAnswer.Error("LOADING Redis is loading the dataset in memory"), FakeAnswer.Null])
        {
            Gate gate = new();
            int asked = 0;
            foreach (FakeNode node in cluster.Nodes) node.Server.On("GET", _ => Interlocked.Increment(ref asked) == 1 ? late.After(gate) : null);
            await Until.EndsAsync(hedged.StringGetAsync(key));
            Assert.Equal(2, asked);
            gate.Open();
            foreach (FakeNode node in cluster.Nodes) node.Server.ClearRules();
            await Until.HoldsAsync(() => router.Nodes.All.All(static node => node.InFlight == 0));
        }

        // One time that exceeds it lifts the estimate by about a twentieth, and a few ticks.
        await Until.HoldsAsync(() => tail.Present > before);
        Assert.InRange(tail.Present.Value, before, (before * 1.05) + TimeSpan.FromTicks(20));
    }

    [Fact]
    public async Task A_second_question_that_could_not_be_asked_costs_nothing()
    {
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 2);
        await using Router router = await ConnectAsync(cluster, maxInFlight: 1);
        string key = cluster.KeyOf(cluster[0]);
        await ReadUntilBothAnswerAsync(cluster, View(router, ReadFrom.Replica.WithHedging(TimeSpan.FromMinutes(1), mostPercent: 1)), key);
        HedgedReads hedged = View(router, ReadFrom.Replica.WithHedging(TimeSpan.FromMilliseconds(1), mostPercent: 1)); // with a budget of its own

        // One replica is full, then the only second question that may be asked finds it so, again and again.
        Gate busy = new();
        cluster[1].Server.On("ECHO", FakeAnswer.Null.After(busy));
        NodeConnection full = router.Nodes.Find(cluster[1].Server.Endpoint)!, free = router.Nodes.Find(cluster[2].Server.Endpoint)!;
        RoutedExecutor pinned = new(router, (int)Until.Limit.TotalMilliseconds, RetryPolicy.ReadOnly, full.Endpoint);
        Task<RespValue> holding = pinned.ExecuteAsync("ECHO", "x").AsTask();
        await Until.HoldsAsync(() => cluster[1].Server.CountOf("ECHO") == 1);
        for (int i = 0; i < 5; i++)
        {
            Gate slow = new();
            cluster[2].Server.Once("GET", FakeAnswer.Null.After(slow));
            int before = cluster[2].Server.CountOf("GET");
            Task<RedisValue> read = hedged.StringGetAsync(key).AsTask();
            await Until.HoldsAsync(() => cluster[2].Server.CountOf("GET") > before);
            await Task.WhenAny(read, Task.Delay(30));
            slow.Open();
            Assert.True((await Until.EndsAsync(read)).IsNull);
        }

        busy.Open();
        await Until.EndsAsync(holding);
        int asked = 0;
        Gate gate = new();
        foreach (FakeNode node in cluster.Nodes) node.Server.On("GET", _ => Interlocked.Increment(ref asked) == 1 ? FakeAnswer.Bulk("late").After(gate) : FakeAnswer.Bulk("second"));
        Assert.Equal("second", (string?)await Until.EndsAsync(hedged.StringGetAsync(key)));
        gate.Open();
    }

    private static HedgedReads View(Router router, ReadFrom policy)
    {
        RoutedExecutor plain = new(router, (int)Until.Limit.TotalMilliseconds, RetryPolicy.ReadOnly, reads: ReadSteering.For(router, policy));
        return new HedgedReads(router, plain, policy);
    }

    private static Task<Router> ConnectAsync(FakeCluster cluster, int maxInFlight = 1000)
        => TestClient.RouterAsync(cluster[0].Server, options => (options.ReadFrom, options.HangTimeout, options.MaxInFlightCommands) = (ReadFrom.Replica, Until.Limit, maxInFlight));

    private static async Task ReadUntilBothAnswerAsync(FakeCluster cluster, ICommandExecutor reads, string key)
    {
        for (int i = 0; cluster[1].Server.CountOf("GET") == 0 || cluster[2].Server.CountOf("GET") == 0; i++)
        {
            Assert.True(i < 100_000, "Both replicas never answered.");
            await Until.EndsAsync(reads.StringGetAsync(key));
        }
    }
}
