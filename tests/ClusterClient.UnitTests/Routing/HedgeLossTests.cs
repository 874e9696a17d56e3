// What hedged reads learn, and pay, where a node fails or takes no more.
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
    public void A_second_question_that_could_not_be_asked_costs_nothing()
    {
        HedgeBudget budget = new(percent: 1);
        for (int i = 0; i < 5; i++)
        {
            Assert.True(budget.TrySpend());
            budget.GiveBack();
        }

        Assert.True(budget.TrySpend());
        Assert.False(budget.TrySpend());
    }

    private static HedgedReads View(Router router, ReadFrom policy)
    {
        RoutedExecutor plain = new(router, (int)Until.Limit.TotalMilliseconds, RetryPolicy.ReadOnly, reads: ReadSteering.For(router, policy));
        return new HedgedReads(router, plain, policy);
    }

    private static Task<Router> ConnectAsync(FakeCluster cluster)
        => TestClient.RouterAsync(cluster[0].Server, options => (options.ReadFrom, options.HangTimeout) = (ReadFrom.Replica, Until.Limit));

    private static async Task ReadUntilBothAnswerAsync(FakeCluster cluster, ICommandExecutor reads, string key)
    {
        for (int i = 0; cluster[1].Server.CountOf("GET") == 0 || cluster[2].Server.CountOf("GET") == 0; i++)
        {
            Assert.True(i < 100_000, "Both replicas never answered.");
            await Until.EndsAsync(reads.StringGetAsync(key));
        }
    }
}
