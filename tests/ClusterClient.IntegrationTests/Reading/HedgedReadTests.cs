// Reads that ask a second node when the first is slow, before a replica that is far away.
using System.Diagnostics;
using System.Globalization;
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
public sealed class HedgedReadTests(ClusterShardFixture fixture) : IClassFixture<ClusterShardFixture>
{
    private const string Key = ShardFixture.Key;
    private const int Reads = 400;

    [Fact]
    public async Task A_slow_replica_is_felt_no_longer_than_the_delay_before_the_second_question()
    {
        if (fixture.LacksCounts) return;
        (TimeSpan worst, long asked, TimeSpan hiccup) = await ReadBesideASlowOneAsync(ReadFrom.Replica.WithHedging(TimeSpan.FromMilliseconds(20), mostPercent: 100));
        Assert.True(worst < TimeSpan.FromMilliseconds(300) + hiccup, $"{worst}");
        Assert.InRange(asked, Reads + 1, 2 * Reads);
    }

    [Fact]
    public async Task Second_questions_are_no_more_than_their_share()
    {
        if (fixture.LacksCounts) return;
        (_, long asked, _) = await ReadBesideASlowOneAsync(ReadFrom.Replica.WithHedging(TimeSpan.FromMilliseconds(20), mostPercent: 5), isSparing: true);
        Assert.InRange(asked, Reads + 1, Reads + (Reads * 5 / 100) + 1);
    }

    [Fact]
    public async Task Without_a_delay_given_the_slowest_twentieth_is_asked_twice()
    {
        if (fixture.LacksCounts) return;
        await using RedisClient redis = await RedisClient.ConnectAsync(fixture.ConnectionWith("commandTimeout=20s"));
        IRedisView hedged = redis.WithReadFrom(ReadFrom.Replica.WithHedging(mostPercent: 100)).WithTimeout(TimeSpan.FromSeconds(20));
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(Key, (string?)await hedged.StringGetAsync(Key));
            using Lease lease = await hedged.StringGetLeaseAsync(Key);
            Assert.Equal(Key.Length, lease.Length);
        }

        await Assert.ThrowsAsync<RedisServerException>(async () => await hedged.ExecuteAsync("LRANGE", Key, 0, 1));
        Assert.True(await hedged.StringSetAsync("written", 1));
    }

    [Fact]
    public void What_cannot_be_hedged_is_refused()
    {
        Assert.Throws<InvalidOperationException>(() => ReadFrom.Master.WithHedging());
        Assert.Throws<InvalidOperationException>(() => ReadFrom.Replica.WithMaxLag(0).WithHedging());
        Assert.Throws<ArgumentOutOfRangeException>(() => ReadFrom.Replica.WithHedging(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => ReadFrom.Replica.WithHedging(mostPercent: 0));
    }

    /// <summary>Reads, one after the other, with one of two replicas 500 ms away.</summary>
    /// <returns>The worst read, how often any replica was asked, and how long the machine held us up.</returns>
    private async Task<(TimeSpan Worst, long Asked, TimeSpan Hiccup)> ReadBesideASlowOneAsync(ReadFrom policy, bool isSparing = false)
    {
        await using DelayingProxy slow = new(fixture.Replicas[0]);
        RedisClientOptions options = RedisClientOptions.Parse(fixture.ConnectionWith("commandTimeout=20s&heartbeatInterval=2s"));
        options.EndpointMap = announced => announced.Port == fixture.Replicas[0].Port ? slow.Endpoint : announced;
        await using RedisClient redis = await RedisClient.ConnectAsync(options);
        IRedisView all = redis.WithReadFrom(ReadFrom.Replica).WithTimeout(TimeSpan.FromSeconds(20));
        ServedCounts warm = await ServedCounts.StartAsync(fixture.Nodes);
        await Testing.Eventually.TrueAsync(
            async () =>
            {
                await all.StringGetAsync(Key);
                return await warm.OfAsync(fixture.Replicas[0], "get") > 0 && await warm.OfAsync(fixture.Replicas[1], "get") > 0;
            },
            "both replicas answer");

        slow.DelayMilliseconds = 500;
        IRedisView hedged = redis.WithReadFrom(policy);
        ServedCounts served = await ServedCounts.StartAsync(fixture.Nodes);
        Hiccups machine = Hiccups.Start();
        TimeSpan worst = TimeSpan.Zero;
        int slowOnes = 0;
        for (int i = 0; i < Reads; i++)
        {
            // With few second questions each slow read takes its half second: some show it as well as all.
            if (slowOnes == 10 && isSparing) slow.DelayMilliseconds = 30;
            long begun = Stopwatch.GetTimestamp();
            Assert.Equal(Key, (string?)await hedged.StringGetAsync(Key));
            TimeSpan took = Stopwatch.GetElapsedTime(begun);
            if (took > TimeSpan.FromMilliseconds(250)) slowOnes++;
            if (took > worst) worst = took;
        }

        TimeSpan hiccup = await machine.StopAsync();
        slow.DelayMilliseconds = 0;

        // What stood before the slow one still arrives: a read of its own, behind all of it, tells that it has.
        IRedisView slowOne = redis.OnNode(redis.Topology.Replicas.Single(replica => replica.Endpoint == slow.Endpoint)).WithTimeout(TimeSpan.FromSeconds(20));
        await slowOne.PingAsync();
        long asked = await served.OfAsync(fixture.Replicas[0], "get") + await served.OfAsync(fixture.Replicas[1], "get");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"hedged reads: {asked - Reads} second questions for {Reads} reads, the worst took {worst.TotalMilliseconds:F0} ms beside a replica 500 ms away; the machine held us up for {hiccup.TotalMilliseconds:F0} ms"));
        return (worst, asked, hiccup);
    }
}
