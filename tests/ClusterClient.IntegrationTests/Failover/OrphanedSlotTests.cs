// A slot that is half moved when its new owner dies: ASK and MOVED point at each other, and nobody serves the keys that have moved.
using System.Diagnostics;
using System.Globalization;
using ClusterClient.IntegrationTests.Routing;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Failover;

[Trait("Suite", "Routing")]
public sealed class OrphanedSlotTests(ITestOutputHelper output)
{
    [Fact]
    public async Task When_the_importing_master_dies_tries_are_bounded_errors_are_clear_and_the_slot_serves_again_once_it_is_mended()
    {
        LocalServer server = await LocalTopology.FindServerAsync();
        if (!server.Capabilities.HasFlag(ServerCapabilities.AutomaticFailover))
        {
            Assert.Equal(ServerKind.Garnet, server.Kind); // It elects nobody in place of the dead.
            return;
        }

        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(3, 1, new() { RequireFullCoverage = false });
        // The longest pause before a reconnect is for nodes that nobody wants.
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=1500ms&reconnectBackoffMax=1h");
        int slot = HashSlot.Of("{orphan}");
        LocalNode source = await cluster.GetSlotOwnerAsync(slot);
        LocalNode target = (await cluster.GetMastersAsync()).First(node => node != source);
        LocalNode heir = (await cluster.GetReplicasAsync(target))[0];
        await redis.StringSetAsync("{orphan}:moved", "m");
        await redis.StringSetAsync("{orphan}:stayed", "s");
        HeldSlotMigration migration = await cluster.BeginSlotMoveAsync([slot], source, target);
        await migration.MoveKeyAsync("{orphan}:moved");
        Assert.Equal("m", (string?)await redis.StringGetAsync("{orphan}:moved"));
        await Eventually.TrueAsync(async () => (await heir.ExecuteAsync("CLUSTER", "COUNTKEYSINSLOT", slot.ToString(CultureInfo.InvariantCulture))).Number == 1, "the moved key has reached the replica");

        // The source says ASK, and nobody listens where it points.
        using RedirectCounter redirects = new(cluster.Nodes.Select(static node => node.Port));
        await target.KillAsync();
        RedisException dead = await FailureAsync(redis, "{orphan}:moved");
        long whileDead = redirects.Count;
        Assert.True(dead.IsTransient, dead.Message);
        Assert.Contains(target.ToString(), dead.Message, StringComparison.Ordinal);
        Assert.Contains("ASK", dead.Message, StringComparison.Ordinal);
        Assert.InRange(whileDead, 1, 40);
        Assert.Equal("s", (string?)await redis.StringGetAsync("{orphan}:stayed"));

        await Eventually.TrueAsync(async () => await heir.GetRoleAsync() == LocalNodeRole.Master, "the replica is promoted");
        if (cluster is { Server: ServerKind.Valkey, ServerVersion.Major: >= 8 })
        {
            // It hands the move on to the heir by itself: nothing is left to mend.
            long promoted = Stopwatch.GetTimestamp();
            Assert.Equal("m", await ReadUntilServedAsync(redis, "{orphan}:moved"));
            Figure.Print(output, cluster, $"importing master killed: {whileDead} redirects in 1.5 s while it was dead; served again {Stopwatch.GetElapsedTime(promoted).TotalMilliseconds:F0} ms after its replica was promoted");
            return;
        }

        // Back as a replica of the one that took its place, it says MOVED to the source, which says ASK to it.
        await target.RestartAsync();
        await cluster.WaitUntilStableAsync();

        // The client had given it up: until it is connected again, the source alone is asked, and that is no circle.
        long back = Stopwatch.GetTimestamp();
        Assert.Contains("do not agree", (await FailureAsync(redis.WithTimeout(TimeSpan.FromSeconds(10)), "{orphan}:moved")).Message, StringComparison.Ordinal);
        TimeSpan met = Stopwatch.GetElapsedTime(back);
        long before = redirects.Count, began = Stopwatch.GetTimestamp();
        RedisException circle = await FailureAsync(redis.WithTimeout(TimeSpan.FromSeconds(10)), "{orphan}:moved");
        TimeSpan gaveUp = Stopwatch.GetElapsedTime(began);
        long inCircle = redirects.Count - before;
        Assert.Contains("do not agree", circle.Message, StringComparison.Ordinal);
        Assert.Contains($"{source} answered ASK {slot} {target}", circle.Message, StringComparison.Ordinal);
        Assert.Contains($"{target} answered MOVED {slot} {source}", circle.Message, StringComparison.Ordinal);
        Assert.Equal(Outcome.NotExecuted, circle.Outcome);
        Assert.InRange(inCircle, 1, 17);

        // Mended by hand: the source is told who has the keys now, and he that they are on their way to him. Who waits hears of it.
        Task<string?> waiting = ReadUntilServedAsync(redis, "{orphan}:moved");
        string sourceId = (await source.ExecuteAsync("CLUSTER", "MYID")).Text, heirId = (await heir.ExecuteAsync("CLUSTER", "MYID")).Text;
        string number = slot.ToString(CultureInfo.InvariantCulture);
        await heir.ExecuteAsync("CLUSTER", "SETSLOT", number, "IMPORTING", sourceId);
        await source.ExecuteAsync("CLUSTER", "SETSLOT", number, "STABLE");
        await source.ExecuteAsync("CLUSTER", "SETSLOT", number, "MIGRATING", heirId);
        long mended = Stopwatch.GetTimestamp();
        Assert.Equal("m", await waiting);
        TimeSpan recovered = Stopwatch.GetElapsedTime(mended);
        Assert.Equal("s", (string?)await redis.StringGetAsync("{orphan}:stayed"));
        Figure.Print(output, cluster, $"importing master killed: {whileDead} redirects in 1.5 s while it was dead; a circle of ASK and MOVED is given up after {inCircle} redirects and {gaveUp.TotalMilliseconds:F0} ms ({met.TotalMilliseconds:F0} ms the first time, with the connection made anew); served again {recovered.TotalMilliseconds:F0} ms after it was mended");
        Assert.InRange(recovered, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    private static async Task<RedisException> FailureAsync(ICommandExecutor redis, string key)
    {
        try
        {
            RedisValue value = await redis.StringGetAsync(key);
            throw new InvalidOperationException($"{key} was read as {value}.");
        }
        catch (RedisException failure)
        {
            return failure;
        }
    }

    private static async Task<string?> ReadUntilServedAsync(RedisClient redis, string key)
    {
        for (int i = 0; i < 50; i++)
        {
            try
            {
                return await redis.StringGetAsync(key);
            }
            catch (RedisException failure) when (failure.IsTransient)
            {
                // Given up: whoever wants the key calls again.
            }
        }

        throw new TimeoutException($"{key} was never served again.");
    }
}
