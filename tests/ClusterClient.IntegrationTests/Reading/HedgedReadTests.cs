// Reads that ask a second node when the first is slow, before a replica that is far away.
using System.Diagnostics;
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
public sealed class HedgedReadTests(ClusterShardFixture fixture, ITestOutputHelper output) : IClassFixture<ClusterShardFixture>
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
        const int Many = 1000;
        const int Settled = 100;
        const int Every = 41; // one in so many is slow, which is less than one in twenty: what counts as slow is found among the others
        const int Near = 5, Far = 100;

        // Both replicas a few ms away, far enough that the least delay of 1 ms does not decide.
        await using DelayingProxy one = new(fixture.Replicas[0]) { DelayMilliseconds = Near }, other = new(fixture.Replicas[1]) { DelayMilliseconds = Near };
        await using RedisClient redis = await ConnectAsync("commandTimeout=20s&heartbeatInterval=2s", one, other);
        IRedisView hedged = redis.WithReadFrom(ReadFrom.Replica.WithHedging(mostPercent: 100)).WithTimeout(TimeSpan.FromSeconds(20));
        ServedCounts served = await ServedCounts.StartAsync(fixture.Nodes);
        int slow = 0, slowAskedTwice = 0;
        for (int i = 0; i < Many; i++)
        {
            if (i < Settled || i % Every != 0)
            {
                await ReadAsync(hedged, isLeased: i % 2 != 0);
                continue;
            }

            long before = await ArrivedAsync(redis, served, one, other);
            Hiccups machine = Hiccups.Start();
            one.DelayMilliseconds = other.DelayMilliseconds = Far;
            await ReadAsync(hedged, isLeased: i % 2 != 0);
            one.DelayMilliseconds = other.DelayMilliseconds = Near;
            long asked = await ArrivedAsync(redis, served, one, other) - before;
            if (await machine.StopAsync() > TimeSpan.FromMilliseconds(Far) / 2) continue; // Then it may be the machine that did not let it be asked in time.
            slow++;
            if (asked == 2) slowAskedTwice++;
        }

        long second = await ArrivedAsync(redis, served, one, other) - Many;
        Figure.Print(output, fixture.Topology, $"hedged reads without a delay given, replicas {Near} ms away: {second} second questions for {Many} reads; of {slow} reads that took {Far} ms {slowAskedTwice} were asked twice");
        Assert.Equal(slow, slowAskedTwice);
        Assert.InRange(slow, 5, Many);

        // Where the estimate rests one in twenty exceeds it; on its way there, from no less than the near time to no more than the far one, another sixty can.
        Assert.InRange(second, slow, (Many / 20) + 60);

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
        await using RedisClient redis = await ConnectAsync("commandTimeout=20s&heartbeatInterval=2s", slow);
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

        long asked = await ArrivedAsync(redis, served, slow);
        Figure.Print(output, fixture.Topology, $"hedged reads: {asked - Reads} second questions for {Reads} reads, the worst took {worst.TotalMilliseconds:F0} ms beside a replica 500 ms away; the machine held us up for {hiccup.TotalMilliseconds:F0} ms");
        return (worst, asked, hiccup);
    }

    /// <summary>A client that reaches the first of the replicas, in their order, through proxies, and knows all of them.</summary>
    private async Task<RedisClient> ConnectAsync(string settings, params DelayingProxy[] proxies)
    {
        RedisClientOptions options = RedisClientOptions.Parse(fixture.ConnectionWith(settings));
        options.EndpointMap = announced =>
        {
            for (int i = 0; i < proxies.Length; i++)
            {
                if (announced.Port == fixture.Replicas[i].Port) return proxies[i].Endpoint;
            }

            return announced;
        };
        RedisClient redis = await RedisClient.ConnectAsync(options);
        await ReadLoad.UntilAllAreFitAsync(redis, Key, fixture.Nodes.Count);
        return redis;
    }

    private static async Task ReadAsync(IRedisView view, bool isLeased)
    {
        if (isLeased)
        {
            using Lease lease = await view.StringGetLeaseAsync(Key);
            Assert.Equal(Key.Length, lease.Length);
        }
        else
        {
            Assert.Equal(Key, (string?)await view.StringGetAsync(Key));
        }
    }

    /// <summary>How often any replica was asked, when what stood before the proxies has arrived: a command of its own, behind all of it, tells that it has.</summary>
    private async Task<long> ArrivedAsync(RedisClient redis, ServedCounts served, params DelayingProxy[] proxies)
    {
        foreach (DelayingProxy proxy in proxies)
            await redis.OnNode(redis.Topology.Replicas.Single(replica => replica.Endpoint == proxy.Endpoint)).WithTimeout(TimeSpan.FromSeconds(20)).PingAsync();
        return await served.OfAsync(fixture.Replicas[0], "get") + await served.OfAsync(fixture.Replicas[1], "get");
    }
}
