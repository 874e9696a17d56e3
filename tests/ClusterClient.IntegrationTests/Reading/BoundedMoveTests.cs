// Reads with a bound while slots move: replicas of Redis 7 and 8 answer as if the keys that have left did not exist.
using ClusterClient.IntegrationTests.Routing;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
public sealed class BoundedMoveTests(ITestOutputHelper output)
{
    private const int Slots = 64;
    private const int Moves = 4;

    /// <summary>The client does nothing but bounded reads: it never meets the ASK that would tell it of the move.</summary>
    [Fact]
    public async Task No_read_misses_what_was_there_all_the_time()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 2, replicasPerMaster: 1);
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        IReadOnlyList<LocalNode> masters = await cluster.GetMastersAsync(), replicas = await cluster.GetReplicasAsync();
        int[] slots = [.. (await cluster.GetSlotsAsync(masters[0])).Take(Slots)];
        string[] keys = SlotKeys.For(slots);
        await using RedisClient writer = await RedisClient.ConnectAsync(cluster.ConnectionString);
        for (int i = 0; i < Slots; i++)
        {
            await writer.StringSetAsync(keys[i], keys[i]);
            await writer.ExecuteAsync("SADD", $"{{{keys[i]}}}a", "a");
            await writer.ExecuteAsync("SADD", $"{{{keys[i]}}}b", "b");
        }

        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?topologyRefreshInterval=0s&commandTimeout=20s");
        IRedisView bounded = redis.WithReadFrom(ReadFrom.ReplicaPreferred.WithMaxStaleness(TimeSpan.FromSeconds(5)));
        ServedCounts served = await ServedCounts.StartAsync(cluster.Nodes);
        await Eventually.TrueAsync(
            async () =>
            {
                await bounded.StringGetAsync(keys[0]);
                return await served.OfAsync(replicas[0], "get") + await served.OfAsync(replicas[1], "get") > 0;
            },
            "a replica is read from");
        long reads = 0, wrong = 0;
        using CancellationTokenSource stop = new();
        Task readers = Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            for (int i = worker; !stop.IsCancellationRequested; i++)
            {
                string key = keys[i % Slots];
                if ((string?)await bounded.StringGetAsync(key) != key) Interlocked.Increment(ref wrong);
                if ((await bounded.ExecuteAsync("SUNION", $"{{{key}}}a", $"{{{key}}}b")).Count != 2) Interlocked.Increment(ref wrong);
                Interlocked.Add(ref reads, 2);
            }
        })));
        for (int i = 0; i < Moves; i++)
        {
            (LocalNode from, LocalNode to) = (masters[i % 2], masters[(i + 1) % 2]);
            var migration = await cluster.BeginSlotMoveAsync(slots, from, to);
            await migration.MoveKeysAsync(limit: Slots * 3 / 2);
            long then = Interlocked.Read(ref reads);
            await Eventually.TrueAsync(() => Task.FromResult(Interlocked.Read(ref reads) > then + 1000 || readers.IsCompleted), "reads go on while slots are half moved");
            await migration.CompleteAsync();
        }

        await stop.CancelAsync();
        await readers;
        long byReplicas = await served.OfAsync(replicas[0], "get") + await served.OfAsync(replicas[1], "get");
        Figure.Print(output, cluster, $"bounded reads while {Slots} slots moved {Moves} times and stood half moved in between: {reads} reads, {byReplicas} GETs by replicas, {wrong} missed what was there");
        Assert.Equal(0, wrong);
        Assert.True(byReplicas > 0);
    }
}
