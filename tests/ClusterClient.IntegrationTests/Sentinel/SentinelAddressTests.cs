// Servers that announce another address than they listen on: names, and what is behind NAT.
using System.Collections.Concurrent;
using System.Net;
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.IntegrationTests.Reading;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Sentinel;

[Trait("Suite", "Sentinel")]
public sealed class SentinelAddressTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Names_are_followed_through_a_failover_and_a_sentinel_under_a_name_and_an_address_is_dialed_once()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using LocalSentinel topology = await LocalTopology.StartSentinelAsync(1, 3, new() { Announce = static port => ("localhost", port) });
        LocalNode old = await topology.GetMasterAsync();
        Assert.Equal("localhost", (await topology.Sentinels[0].ExecuteAsync("SENTINEL", "GET-MASTER-ADDR-BY-NAME", topology.ServiceName)).Items[0].Text);

        // Given by address; the others announce it by its name.
        await using RedisClient redis = await RedisClient.ConnectAsync($"redis://{topology.Sentinels[0]}?serviceName={topology.ServiceName}&clientName=names");
        Assert.Equal(new NodeEndpoint("localhost", old.Port), redis.Topology.Masters[0].Endpoint);
        Assert.Equal("localhost", Assert.Single(redis.Topology.Replicas).Endpoint.Host);
        Assert.True(await redis.StringSetAsync("k", "v"));
        for (int look = 0; look < 3; look++)
        {
            foreach (LocalNode sentinel in topology.Sentinels) await SentinelClients.AreAsync(sentinel, "names", 2);
            await redis.RefreshTopologyAsync();
        }

        await FailOverAsync(topology, redis, old, "localhost");
    }

    [Fact]
    public async Task Behind_NAT_only_the_mapped_addresses_are_dialed_through_a_failover_too()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using Gateway gateway = new();
        await using LocalSentinel topology = await LocalTopology.StartSentinelAsync(1, 3, new() { Announce = gateway.Announce, Password = "inside" }); // Without a password only 127.0.0.1 is let in.
        LocalNode old = await topology.GetMasterAsync();
        RedisClientOptions options = RedisClientOptions.Parse($"redis://:inside@{topology.Sentinels[0]}?serviceName={topology.ServiceName}&clientName=nat");
        options.EndpointMap = gateway.Map;
        await using RedisClient redis = await RedisClient.ConnectAsync(options);
        Assert.Equal(new NodeEndpoint(old.Host, old.Port), redis.Topology.Masters[0].Endpoint);
        Assert.True(await redis.StringSetAsync("k", "v"));
        await FailOverAsync(topology, redis, old, old.Host);
        foreach (LocalNode sentinel in topology.Sentinels) await SentinelClients.AreAsync(sentinel, "nat", 2);
        int inside = 0;
        foreach (LocalNode node in topology.Nodes)
        {
            string[] all = await SentinelClients.OfAsync(node, name: null);
            Assert.All(all.Where(static line => line.Contains(" name=nat ", StringComparison.Ordinal)), static line => Assert.Contains(" addr=127.0.0.1:", line, StringComparison.Ordinal));
            inside += all.Count(static line => line.Contains($" addr={Gateway.Inside}:", StringComparison.Ordinal));
        }

        Assert.True(inside > 0, "the servers themselves use what they announce");
    }

    private async Task FailOverAsync(LocalSentinel topology, RedisClient redis, LocalNode old, string host)
    {
        LocalNode heir = await topology.FailoverAsync();
        Assert.NotEqual(old, heir);
        await AfterFailover.IsFollowedAsync(redis, heir);
        Assert.Equal(new NodeEndpoint(host, heir.Port), redis.Topology.Masters[0].Endpoint);
        long before = await ServedCounts.WritesAsync(heir), written = 0;
        await AfterFailover.GetsNoWriteAsync(old, async () =>
        {
            for (int i = 0; i < 100; i++, written++) Assert.True(await redis.StringSetAsync($"k{i}", "w"));
            Assert.Equal(before + written, await ServedCounts.WritesAsync(heir));
        });
        Assert.Equal(200, written);
        await Eventually.TrueAsync(
            async () =>
            {
                await redis.RefreshTopologyAsync();
                return redis.Topology.Replicas.Any(node => node is { IsAvailable: true, IsLinkUp: true } && node.Endpoint == new NodeEndpoint(host, old.Port));
            },
            "the old master is its replica");
        Figure.Print(output, topology, $"Sentinel: announced as {redis.Topology.Masters[0].Announced}, dialed as {redis.Topology.Masters[0].Endpoint}: followed through a failover");
    }

    /// <summary>Servers inside are announced, and reach each other, at one address; who is outside knows them by another.</summary>
    private sealed class Gateway : IAsyncDisposable
    {
        public const string Inside = "127.0.0.3";
        private readonly ConcurrentDictionary<int, Lazy<DelayingProxy>> _doors = new();

        public (string Host, int Port) Announce(int port)
        {
            NodeEndpoint door = _doors.GetOrAdd(port, static at => new(() => new DelayingProxy(new("127.0.0.1", at), IPAddress.Parse("127.0.0.2"), IPAddress.Parse(Inside)))).Value.Endpoint;
            return (door.Host, door.Port);
        }

        public NodeEndpoint Map(NodeEndpoint announced) => new("127.0.0.1", _doors.Single(door => door.Value.Value.Endpoint == announced).Key);

        public async ValueTask DisposeAsync()
        {
            foreach (Lazy<DelayingProxy> door in _doors.Values) await door.Value.DisposeAsync();
        }
    }
}
