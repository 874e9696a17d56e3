// Sentinels: ready at the start, planned and unplanned failover.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Testing;

public class SentinelTests
{
    [Fact]
    public async Task The_sentinels_know_everything_when_the_start_returns()
    {
        if (await LacksSentinelAsync())
            return;
        await using var topology = await LocalTopology.StartSentinelAsync(2, 3);

        Assert.Equal(3, topology.Sentinels.Count);
        Assert.Equal(3, topology.DataNodes.Count);
        Assert.Equal($"redis://{string.Join(',', topology.Sentinels)}?serviceName=mymaster", topology.ConnectionString);
        foreach (var sentinel in topology.Sentinels)
        {
            Assert.Equal(LocalNodeRole.Sentinel, await sentinel.GetRoleAsync());
            Assert.StartsWith("OK 3 usable Sentinels", (await sentinel.ExecuteAsync("SENTINEL", "CKQUORUM", "mymaster")).Text, StringComparison.Ordinal);
            Assert.Equal(2, (await sentinel.ExecuteAsync("SENTINEL", "REPLICAS", "mymaster")).Items.Count);
        }
    }

    [Fact]
    public async Task A_planned_failover_makes_a_replica_master()
    {
        if (await LacksSentinelAsync())
            return;
        await using var topology = await LocalTopology.StartSentinelAsync(1, 1, new() { Password = "admin", ServiceName = "orders" });
        var old = await topology.GetMasterAsync();

        var master = await topology.FailoverAsync();

        Assert.NotSame(old, master);
        Assert.Equal(LocalNodeRole.Master, await master.GetRoleAsync());
        Assert.EndsWith("?serviceName=orders", topology.ConnectionString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failovers_one_right_after_the_other_are_led_by_the_sentinel_that_is_named()
    {
        if (await LacksSentinelAsync())
            return;
        await using var topology = await LocalTopology.StartSentinelAsync(2, 3);
        var (leader, stranger) = (topology.Sentinels[1], topology.DataNodes[0]);
        var old = await topology.GetMasterAsync();

        // The second is refused for a while: the first is not over, and no replica has said yet that it follows the new master.
        var first = await topology.FailoverAsync(by: leader);
        var second = await topology.FailoverAsync(by: leader);

        Assert.NotSame(old, first);
        Assert.NotSame(first, second);
        Assert.Equal(LocalNodeRole.Master, await second.GetRoleAsync());
        Assert.Same(second, await topology.GetNamedMasterAsync(leader));
        Assert.Same(second, await topology.GetMasterAsync()); // the others hear of it
        await Assert.ThrowsAsync<ArgumentException>("by", () => topology.FailoverAsync(by: stranger));
        await Assert.ThrowsAsync<ArgumentException>("sentinel", () => topology.GetNamedMasterAsync(stranger));
    }

    [Fact]
    public async Task A_dead_master_is_replaced_and_comes_back_as_a_replica()
    {
        if (await LacksSentinelAsync())
            return;
        await using var topology = await LocalTopology.StartSentinelAsync(2, 3);
        var old = await topology.GetMasterAsync();

        await old.KillAsync();
        var master = await topology.GetMasterAsync();
        Assert.NotSame(old, master);

        await old.RestartAsync();
        await Eventually.TrueAsync(async () => await old.GetRoleAsync() == LocalNodeRole.Replica, "the old master turns replica");
    }

    private static async Task<bool> LacksSentinelAsync()
    {
        if ((await LocalTopology.FindServerAsync()).Capabilities.HasFlag(ServerCapabilities.Sentinel))
            return false;
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => LocalTopology.StartSentinelAsync(1, 1));
        Assert.Contains("does not offer Sentinel", error.Message, StringComparison.Ordinal);
        return true;
    }
}
