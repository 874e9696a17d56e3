// What hedged reads go by: a budget of second questions, and the time of the slowest twentieth.
using ClusterClient.Routing.Hedging;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public sealed class HedgingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(50)]
    [InlineData(100)]
    public void Second_questions_keep_to_their_share(int percent)
    {
        HedgeBudget budget = new(percent);
        int spent = 0;
        for (int i = 0; i < 10_000; i++)
        {
            budget.Earn();
            if (budget.TrySpend()) spent++;
        }

        Assert.InRange(spent, 100 * percent, (100 * percent) + 1);
    }

    [Fact]
    public void What_was_not_spent_is_saved_up_for_ten_and_no_more()
    {
        HedgeBudget budget = new(percent: 10);
        for (int i = 0; i < 100_000; i++) budget.Earn();
        int spent = 0;
        while (budget.TrySpend()) spent++;
        Assert.Equal(10, spent);
    }

    [Fact]
    public void One_in_twenty_is_slower_than_the_estimate()
    {
        Random random = new(7);
        TailEstimate tail = new();
        Assert.Null(tail.Present);
        int slower = 0;
        for (int i = 0; i < 40_000; i++)
        {
            TimeSpan time = TimeSpan.FromMicroseconds(100 + (900 * random.NextDouble()));
            if (i >= 20_000 && time > tail.Present) slower++;
            tail.Add(time);
        }

        Assert.InRange(slower, 20_000 * 0.03, 20_000 * 0.07);
        Assert.InRange(tail.Present!.Value.TotalMicroseconds, 850, 1000);
    }

    [Fact]
    public async Task Views_made_for_one_call_share_the_budget()
    {
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 2);
        await using RedisClient redis = await ConnectAsync(cluster);
        string key = cluster.KeyOf(cluster[0]);
        await cluster.ReplicasAnswerAsync(redis, key);

        // Every answer is slow, so that every read would ask twice if it might.
        foreach (FakeNode node in cluster.Nodes) node.Server.On("GET", _ => FakeAnswer.Null.After(OpenSoon()));
        const int Reads = 200;
        for (int i = 0; i < Reads; i++) Assert.True((await Until.EndsAsync(redis.WithReadFrom(ReadFrom.Replica.WithHedging(TimeSpan.FromMilliseconds(1), mostPercent: 1)).StringGetAsync(key))).IsNull);
        await Until.HoldsAsync(() => cluster.CountOf("GET") >= Reads);
        Assert.InRange(cluster.CountOf("GET"), Reads, Reads + (Reads / 100) + 1);
    }

    [Fact]
    public async Task Views_made_for_one_call_learn_what_is_slow()
    {
        TestLog log = new();
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 2);
        await using RedisClient redis = await ConnectAsync(cluster, pulseMilliseconds: 2000, log);
        string key = cluster.KeyOf(cluster[0]);
        IRedisView View() => redis.WithReadFrom(ReadFrom.Replica.WithHedging(mostPercent: 100));
        await cluster.ReplicasAnswerAsync(redis, key);
        for (int i = 0; i < 100; i++) await Until.EndsAsync(View().StringGetAsync(key));

        // Whoever is asked first does not answer.
        Gate gate = new();
        int asked = 0;
        foreach (FakeNode node in cluster.Nodes) node.Server.On("GET", _ => Interlocked.Increment(ref asked) == 1 ? FakeAnswer.Null.After(gate) : null);
        Assert.True((await Until.EndsAsync(View().StringGetAsync(key))).IsNull);
        Assert.Equal(2, asked);

        // Nor was it given up for its silence.
        Assert.DoesNotContain("suspect", log.ToString(), StringComparison.Ordinal);
        gate.Open();
    }

    [Fact]
    public async Task A_selector_that_fails_for_the_second_node_leaves_the_first_its_answer()
    {
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 2);
        await using RedisClient redis = await ConnectAsync(cluster);
        string key = cluster.KeyOf(cluster[0]);
        await cluster.ReplicasAnswerAsync(redis, key);
        Gate gate = new();
        foreach (FakeNode node in cluster.Nodes) node.Server.On("GET", FakeAnswer.Bulk("v").After(gate));
        int chosen = 0;
        IRedisView hedged = redis.WithReadFrom(ReadFrom.Custom(_ => Interlocked.Increment(ref chosen) == 1 ? 0 : throw new InvalidOperationException("no more")).WithHedging(TimeSpan.FromMilliseconds(1), mostPercent: 100));
        Task<RedisValue> read = hedged.StringGetAsync(key).AsTask();
        await Until.HoldsAsync(() => chosen == 2);
        gate.Open();
        Assert.Equal("v", (string?)await Until.EndsAsync(read));

        // For the first node it is the call's failure, and comes with its result.
        ValueTask<RedisValue> failing = hedged.StringGetAsync(key);
        Assert.Contains("no more", (await Until.FailsAsync<RedisException, RedisValue>(failing)).Message, StringComparison.Ordinal);

        // The same where a bound is asked for.
        ValueTask<RedisValue> bounded = redis.WithReadFrom(ReadFrom.Custom(static _ => throw new InvalidOperationException("no idea")).WithMaxStaleness(TimeSpan.FromSeconds(1))).StringGetAsync(key);
        Assert.Contains("no idea", (await Until.FailsAsync<RedisException, RedisValue>(bounded)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Over_bulk_connections_reads_are_hedged_too(bool isBulkFirst)
    {
        TestLog log = new();
        await using FakeCluster cluster = FakeCluster.Start(1, replicasPerMaster: 2);
        await using RedisClient redis = await ConnectAsync(cluster, pulseMilliseconds: 2000, log);
        string key = cluster.KeyOf(cluster[0]);
        await cluster.ReplicasAnswerAsync(redis, key);
        ReadFrom policy = ReadFrom.Replica.WithHedging(TimeSpan.FromMilliseconds(1), mostPercent: 100);
        IRedisView hedged = isBulkFirst ? redis.WithBulkConnection().WithReadFrom(policy) : redis.WithReadFrom(policy).WithBulkConnection();
        HashSet<FakeConnection> shared = [.. cluster.Nodes.SelectMany(static node => node.Server.Connections)];
        await cluster.ReplicasAnswerAsync(hedged, key, forget: false);
        Gate gate = new();
        int asked = 0;
        foreach (FakeNode node in cluster.Nodes) node.Server.On("GET", _ => Interlocked.Increment(ref asked) == 1 ? FakeAnswer.Bulk("late").After(gate) : FakeAnswer.Bulk("v"));
        Assert.Equal("v", (string?)await Until.EndsAsync(hedged.StringGetAsync(key)));
        Assert.Equal(2, asked);
        Assert.DoesNotContain("suspect", log.ToString(), StringComparison.Ordinal);
        gate.Open();
        Assert.DoesNotContain(cluster.Nodes.SelectMany(static node => node.Server.Of("GET")), command => shared.Contains(command.Connection));
    }

    [Fact]
    public void Budgets_are_bounded_however_many_kinds_of_hedging_there_are()
    {
        HedgeMemory memory = new();
        HedgeBudget[] budgets = [.. Enumerable.Range(1, 1000).Select(i => memory.BudgetOf(ReadFrom.Any.WithHedging(TimeSpan.FromMilliseconds(i), mostPercent: 1 + (i % 2))))];
        Assert.Equal(66, budgets.Distinct().Count());
        Assert.Same(budgets[0], memory.BudgetOf(ReadFrom.Any.WithHedging(TimeSpan.FromMilliseconds(1), mostPercent: 2)));
        Assert.NotSame(memory.TailOf(ReadFrom.Any, isBulk: false), memory.TailOf(ReadFrom.Nearest, isBulk: false));
        Assert.Same(memory.TailOf(ReadFrom.Any, isBulk: false), memory.TailOf(ReadFrom.Any.WithHedging(), isBulk: false));
    }

    private static Task<RedisClient> ConnectAsync(FakeCluster cluster, int pulseMilliseconds = 100, TestLog? log = null)
        => cluster.ConnectAsync(options => (options.ReadFrom, options.HeartbeatInterval, options.HangTimeout, options.LoggerFactory) = (ReadFrom.Replica, TimeSpan.FromMilliseconds(pulseMilliseconds), Until.Limit, log));

    /// <summary>A gate that opens 5 ms from now.</summary>
    private static Gate OpenSoon()
    {
        Gate gate = new();
        _ = Task.Delay(5).ContinueWith(_ => gate.Open(), TaskScheduler.Default);
        return gate;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3_600_001)]
    [InlineData(long.MaxValue / 10_000)]
    public void A_delay_that_is_none_is_refused(long milliseconds)
        => Assert.Throws<ArgumentOutOfRangeException>(() => ReadFrom.Any.WithHedging(TimeSpan.FromMilliseconds(milliseconds)));
}
