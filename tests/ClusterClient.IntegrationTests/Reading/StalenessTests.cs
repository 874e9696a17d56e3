// Reads with a bound on a real replica whose link to its master is cut and mended all the time.
using System.Diagnostics;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
public sealed class StalenessTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_bound = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task No_read_is_older_than_the_bound_and_replicas_are_used_again_when_they_have_caught_up()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 1);
        if (await LinkFaults.AreLackingAsync(cluster)) return;
        LocalNode replica = (await cluster.GetReplicasAsync())[0];
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=20s");
        IRedisView bounded = redis.WithReadFrom(ReadFrom.ReplicaPreferred.WithMaxStaleness(s_bound));
        long[] writtenAt = new long[1_000_000];
        long written = 0, reads = 0, stale = 0, oldest = 0;
        using CancellationTokenSource stop = new();
        Task writer = Task.Run(async () =>
        {
            for (long n = 1; !stop.IsCancellationRequested; n++)
            {
                await redis.StringSetAsync("clock", n);
                writtenAt[n] = Stopwatch.GetTimestamp();
                Volatile.Write(ref written, n);
            }
        });
        Task reader = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                long sent = Stopwatch.GetTimestamp();
                long newest = Volatile.Read(ref written);
                long read = await bounded.StringGetAsync<long>("clock") ?? 0;
                Interlocked.Increment(ref reads);
                if (read >= newest) continue;

                // The first write that is missing had ended so long before the read was sent.
                long age = (long)Stopwatch.GetElapsedTime(writtenAt[read + 1], sent).TotalMicroseconds;
                if (age > Interlocked.Read(ref oldest)) Interlocked.Exchange(ref oldest, age);
                if (age > s_bound.TotalMicroseconds) Interlocked.Increment(ref stale);
            }
        })));
        List<double> back = [];
        for (int i = 0; i < 5; i++)
        {
            await replica.CutReplicaLinkAsync();
            await Task.Delay(500);
            await replica.MendReplicaLinkAsync();
            await Eventually.TrueAsync(async () => Offset(await InfoOf(replica), "slave_repl_offset") >= 0 && (await InfoOf(replica)).Contains("master_link_status:up", StringComparison.Ordinal), "the link is up");
            long caughtUp = Stopwatch.GetTimestamp();
            long before = await CallsOf(replica);
            await Eventually.TrueAsync(async () => await CallsOf(replica) > before, "the replica answers again");
            back.Add(Stopwatch.GetElapsedTime(caughtUp).TotalMilliseconds);
            await Task.Delay(300);
        }

        await stop.CancelAsync();
        await Task.WhenAll(writer, reader);
        output.WriteLine($"{written} writes, {reads} reads, the oldest lacked a write of {oldest / 1000.0:F1} ms before; used again after {string.Join(", ", back.Select(static ms => $"{ms:F0}"))} ms");
        Assert.Equal(0, stale);
        Assert.True(back.Max() <= 200, $"Used again only after {back.Max():F0} ms.");
    }

    private static async Task<string> InfoOf(LocalNode node) => (await node.ExecuteAsync("INFO", "replication")).Text;

    private static async Task<long> CallsOf(LocalNode node)
    {
        string stats = (await node.ExecuteAsync("INFO", "commandstats")).Text;
        return Offset(stats, "cmdstat_get:calls=");
    }

    private static long Offset(string info, string name)
    {
        int start = info.IndexOf(name, StringComparison.Ordinal);
        if (start < 0) return -1;
        ReadOnlySpan<char> rest = info.AsSpan(start + name.Length).TrimStart(':');
        int end = rest.IndexOfAnyExceptInRange('0', '9');
        return long.Parse(rest[..end], System.Globalization.CultureInfo.InvariantCulture);
    }
}
