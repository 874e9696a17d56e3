// Sentinels: ready at the start, planned and unplanned failover.
using System.Globalization;
using System.Net;
using ClusterClient.IntegrationTests.Reading;
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

    [Fact]
    public async Task The_master_is_known_by_host_and_port_and_an_address_at_which_nobody_is_is_waited_out()
    {
        if (await LacksSentinelAsync())
            return;
        await using var doors = new DoorsOfOnePort();
        await using var topology = await LocalTopology.StartSentinelAsync(1, 1, new() { Announce = doors.Announce });
        var old = await topology.GetMasterAsync();
        var master = await topology.FailoverAsync();
        Assert.NotSame(old, master);
        Assert.Same(master, await topology.GetMasterAsync());

        await MonitorAsync("127.0.0.1", 1);
        var waiting = topology.GetMasterAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => waiting.WaitAsync(TimeSpan.FromMilliseconds(500)));
        var (host, port) = doors.Announce(master.Port);
        await MonitorAsync(host, port);
        Assert.Same(master, await waiting);

        async Task MonitorAsync(string at, int of) => await topology.Sentinels[0].ExecuteAllAsync([
            ["SENTINEL", "REMOVE", topology.ServiceName],
            ["SENTINEL", "MONITOR", topology.ServiceName, at, of.ToString(CultureInfo.InvariantCulture), "1"]]);
    }

    /// <summary>Every node is reached at a host of its own, and all at the same port.</summary>
    private sealed class DoorsOfOnePort : IAsyncDisposable
    {
        private readonly Dictionary<int, DelayingProxy> _doors = [];
        private readonly Lock _lock = new();

        public (string Host, int Port) Announce(int port)
        {
            lock (_lock)
            {
                if (!_doors.TryGetValue(port, out var door))
                {
                    var one = _doors.Values.FirstOrDefault()?.Endpoint.Port ?? 0;
                    _doors[port] = door = new DelayingProxy(new NodeEndpoint("127.0.0.1", port), IPAddress.Parse($"127.0.0.{2 + _doors.Count}"), IPAddress.Loopback, one);
                }
                return (door.Endpoint.Host, door.Endpoint.Port);
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var door in _doors.Values)
                await door.DisposeAsync();
        }
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
