// Sentinels that are dead or know only what was true once, beside others that know better.
using System.Diagnostics;
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Sentinel;

[Trait("Suite", "Sentinel")]
public sealed class StaleSentinelTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Two_of_three_sentinels_are_dead_at_the_start_and_the_third_is_enough()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using LocalSentinel topology = await LocalTopology.StartSentinelAsync(2, 3);
        LocalNode master = await topology.GetMasterAsync();
        await using (await RedisClient.ConnectAsync(topology.ConnectionString))
        {
            // What is measured below is not the compiler.
        }

        await topology.Sentinels[0].KillAsync();
        await topology.Sentinels[1].KillAsync();
        Hiccups machine = Hiccups.Start();
        long begun = Stopwatch.GetTimestamp();
        await using RedisClient redis = await RedisClient.ConnectAsync(topology.ConnectionString);
        TimeSpan connected = Stopwatch.GetElapsedTime(begun);
        Assert.True(await redis.StringSetAsync("k", "v"));
        TimeSpan wrote = Stopwatch.GetElapsedTime(begun);
        TimeSpan hiccup = await machine.StopAsync();
        for (int i = 0; i < 100; i++) Assert.True(await redis.StringSetAsync("k", i));
        Figure.Print(output, topology, $"Sentinel: two of three Sentinels dead at the start, the third truthful: connected after {connected.TotalMilliseconds:F0} ms, first write after {wrote.TotalMilliseconds:F0} ms; the machine held us up for {hiccup.TotalMilliseconds:F0} ms");
        Assert.Equal(master.Port, redis.Topology.Masters[0].Endpoint.Port);
        Assert.Equal(101, await ServedCounts.WritesAsync(master));
        Assert.InRange(wrote, TimeSpan.Zero, TimeSpan.FromSeconds(1) + hiccup); // The dead are not waited for: a connect timeout is 5 s.
    }

    [Fact]
    public async Task A_sentinel_that_is_cut_off_names_a_demoted_master_and_nothing_is_written_there_through_another_failover_too()
    {
        if (await ServerLacks.SentinelAsync()) return;

        // The data nodes do not let it hear the others, and it does not listen to them: it stays with what it knew.
        LocalTopologyOptions options = new() { SentinelDownAfter = TimeSpan.FromSeconds(10) }; // nobody fails over but when asked
        options.AclUsers.Add(new LocalAclUser("deaf", "deaf", "-@all +ping +info +client"));
        await using LocalSentinel topology = await LocalTopology.StartSentinelAsync(2, 3, options);
        LocalNode first = await topology.GetMasterAsync();
        (LocalNode stale, LocalNode knowing) = (topology.Sentinels[0], topology.Sentinels[1]);
        await stale.ExecuteAsync("SENTINEL", "SET", topology.ServiceName, "auth-user", "deaf", "auth-pass", "deaf");
        await stale.RestartAsync();
        await stale.ExecuteAsync("ACL", "SETUSER", "default", "-publish");
        await first.ExecuteAsync("CONFIG", "SET", "replica-priority", "0"); // It is not promoted again, so that the stale one stays wrong.
        LocalNode second = await topology.FailoverAsync(by: knowing);
        Assert.Equal(first, await topology.GetNamedMasterAsync(stale));

        // It is the first of the list.
        await using RedisClient redis = await RedisClient.ConnectAsync(topology.ConnectionString + "&commandTimeout=20s");
        ShardLoad load = await ShardLoad.StartAsync(redis, "victim", writers: 16, readers: 4);
        await load.WaitForMoreAsync(1000);
        Assert.Equal(second.Port, redis.Topology.Masters[0].Endpoint.Port);
        await second.ExecuteAsync("CONFIG", "SET", "replica-priority", "0");
        LocalNode third = await topology.FailoverAsync(by: knowing);
        await AfterFailover.IsFollowedAsync(redis, third);
        await load.WaitForMoreAsync(100); // What was on its way to the second when it was left has ended.
        await AfterFailover.GetsNoWriteAsync(second, () => load.WaitForMoreAsync(1000));
        await load.StopAsync();
        Assert.Equal(first, await topology.GetNamedMasterAsync(stale));
        Assert.NotEqual(first, third);

        // A replica runs its master's writes, and refuses a client's.
        long toFirst = await ServedCounts.RefusedWritesAsync(first);
        Figure.Print(output, topology, $"Sentinel: one of three Sentinels, the first of the list, names the demoted {first} throughout: {load.Writes} writes ({load.Unknown.Count} unknown) through a failover from {second} to {third}; "
            + $"sent to the first: {toFirst}; to the second once it was left: none");
        load.AssertHonest(mostUnknown: 0);
        Assert.Equal(0, toFirst);
    }
}
