// A master that hangs (SIGSTOP) under load, is replaced by the cluster itself, and comes back.
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Routing;

[Trait("Suite", "Routing")]
public sealed class HungMasterTests(ITestOutputHelper output)
{
    // Far fewer than the burst of writes below, so that the rest of it is certainly not sent when the owner changes.
    private const int InFlight = 64;

    // How long after the replica's promotion writes may at the most flow again, on a machine that does other things too.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_hung_master_fails_no_read_and_no_unsent_write_and_what_was_on_the_wire_is_said_to_be_unknown()
    {
        bool isReplaced = (await LocalTopology.FindServerAsync()).Capabilities.HasFlag(ServerCapabilities.AutomaticFailover);
        if (!isReplaced)
        {
            await NobodyReplacesAHungMasterAsync();
            return;
        }

        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(3, 1, new() { ClusterNodeTimeout = TimeSpan.FromSeconds(2) });
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=20s&maxInFlightCommands={InFlight}");
        LocalNode master = await cluster.GetSlotOwnerAsync(HashSlot.Of("victim"));
        LocalNode heir = (await cluster.GetReplicasAsync(master))[0];
        string[] others = [.. redis.Topology.Masters.Where(node => node.Endpoint.Port != master.Port).Select(node => TagOf(redis, node))];
        CounterLoad victim = await CounterLoad.StartAsync(redis, "victim", counters: 8, firstRange: 1);
        CounterLoad[] elsewhere = [await CounterLoad.StartAsync(redis, others[0], 4, 100), await CounterLoad.StartAsync(redis, others[1], 4, 200)];
        await Task.WhenAll(elsewhere.Append(victim).Select(load => load.WaitForMoreAsync(500)));

        // Replication is asynchronous: what the replica has not yet got when its master freezes would be lost, which is no fault of the client.
        await victim.HoldWritesAsync();
        Assert.Equal(1, (await master.ExecuteAllAsync([["SET", "{victim}:mark", "1"], ["WAIT", "1", "5000"]]))[1].Number);
        using RedirectCounter redirects = new([master.Port]);
        master.Freeze();
        long frozen = Stopwatch.GetTimestamp();
        Task<long> flows = victim.NextWriteAsync();
        await victim.ReleaseWritesAsync();
        Task<Exception?>[] burst = [.. Enumerable.Range(0, 300).Select(i => EndOfAsync(redis.StringSetAsync($"{{victim}}:burst:{i}", i)))];

        long promoted = await PromotionOfAsync(heir);
        long flowed = await flows.WaitAsync(TimeSpan.FromSeconds(20));
        Exception?[] ends = await Task.WhenAll(burst);
        int unsent = ends.Count(end => end is null);
        output.WriteLine($"{cluster.Server} {cluster.ServerVersion}: promoted {Stopwatch.GetElapsedTime(frozen, promoted).TotalMilliseconds:F0} ms after the freeze, "
            + $"writes flow {Stopwatch.GetElapsedTime(promoted, flowed).TotalMilliseconds:F0} ms after the promotion was seen");
        output.WriteLine($"burst: {unsent} of {ends.Length} were not sent and succeeded; counters: {victim.Unknown.Count} writes unknown ({victim.Unknown.FirstOrDefault()?.Message})");
        Assert.InRange(Stopwatch.GetElapsedTime(promoted, flowed), TimeSpan.FromSeconds(-1), Bound);
        Assert.InRange(unsent, ends.Length - InFlight, ends.Length - 1);
        Assert.All(ends.OfType<Exception>(), end => Assert.Equal(Outcome.Unknown, Assert.IsType<RedisConnectionException>(end).Outcome));
        Assert.NotEmpty(victim.Unknown);
        await CheckBurstAsync(redis, ends);

        master.Thaw();
        await cluster.WaitUntilStableAsync();
        Assert.Equal(LocalNodeRole.Replica, await master.GetRoleAsync());
        long refused = await RefusedWritesAsync(master);
        Assert.InRange(refused, 0, victim.Unknown.Count + ends.OfType<Exception>().Count());
        await Task.WhenAll(elsewhere.Append(victim).Select(load => load.WaitForMoreAsync(1000)));
        await Task.WhenAll(elsewhere.Append(victim).Select(load => load.StopAsync()));

        // Nothing was sent to the old master after the thaw: it would have answered MOVED.
        Assert.Equal(refused, await RefusedWritesAsync(master));
        Assert.Equal(0, redirects.Count);
        Assert.Empty(victim.Problems);
        Assert.All(elsewhere, load => Assert.Empty(load.Problems));
        Assert.All(elsewhere, load => Assert.Empty(load.Unknown));
        await CheckBurstAsync(redis, ends);
        Assert.Equal(heir.Port, redis.Topology.MasterOf("victim")!.Endpoint.Port);
    }

    /// <summary>Garnet elects nobody: a write on the wire ends at its deadline with the truth, and the thawed master serves on.</summary>
    private static async Task NobodyReplacesAHungMasterAsync()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(1, 1, new() { ClusterNodeTimeout = TimeSpan.FromSeconds(1) });
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=5s");
        (LocalNode master, LocalNode heir) = (cluster.Nodes[0], cluster.Nodes[1]);
        await redis.StringSetAsync("victim", "before");
        master.Freeze();
        RedisTimeoutException late = await Assert.ThrowsAsync<RedisTimeoutException>(async () => await redis.StringSetAsync("victim", "lost?"));
        Assert.Equal((Outcome.Unknown, CommandStage.AwaitingReply), (late.Outcome, late.Stage));
        Assert.Equal(LocalNodeRole.Replica, await heir.GetRoleAsync());
        master.Thaw();
        Assert.True(await redis.WithTimeout(TimeSpan.FromSeconds(20)).StringSetAsync("victim", "after"));
        Assert.Equal("after", (string?)await redis.StringGetAsync("victim"));
    }

    /// <summary>A text whose slot the master owns.</summary>
    private static string TagOf(RedisClient redis, TopologyNode master) =>
        Enumerable.Range(0, 10_000).Select(i => $"tag{i}").First(tag => redis.Topology.MasterOf(tag) == master);

    private static async Task<Exception?> EndOfAsync(ValueTask<bool> write)
    {
        try
        {
            Assert.True(await write);
            return null;
        }
        catch (RedisException failure)
        {
            return failure;
        }
    }

    /// <summary>The moment at which the replica is first seen as a master.</summary>
    private static async Task<long> PromotionOfAsync(LocalNode heir)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(20));
        while (await heir.GetRoleAsync(limit.Token) != LocalNodeRole.Master) await Task.Delay(2, limit.Token);
        return Stopwatch.GetTimestamp();
    }

    /// <summary>What was sent arrived, and nothing whose outcome is unknown was sent a second time.</summary>
    private static async Task CheckBurstAsync(RedisClient redis, Exception?[] ends)
    {
        for (int i = 0; i < ends.Length; i++)
            Assert.Equal(ends[i] is null ? i : null, await redis.StringGetAsync<int>($"{{victim}}:burst:{i}"));
    }

    /// <summary>How many writes of clients the node has answered with a redirect: as a replica it can do nothing else with them.</summary>
    private static async Task<long> RefusedWritesAsync(LocalNode node)
    {
        string statistics = (await node.ExecuteAsync("INFO", "commandstats")).Text;
        return Regex.Matches(statistics, "cmdstat_(?:incr|set):.*rejected_calls=([0-9]+)").Sum(match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
    }
}
