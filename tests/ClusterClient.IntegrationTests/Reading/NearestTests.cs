// readFrom=nearest where the nearest node may not be read from, and where nodes move a little: reads neither go far nor waver.
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
public sealed class NearestTests
{
    private const string Key = "key";

    [Fact]
    public async Task When_the_nearest_is_cut_off_the_next_nearest_answers_and_not_everybody()
    {
        await using FreshnessServers? servers = await FreshnessServers.StartAsync(TopologyKind.Replicated);
        if (servers is null) return;
        (LocalNode master, LocalNode near, LocalNode far) = (servers.Nodes[0], servers.Nodes[1], servers.Nodes[2]);
        await using Distances distances = new(servers.Nodes, (master, 8), (near, 0), (far, 80));
        await using RedisClient redis = await distances.ConnectAsync(servers);
        await Eventually.TrueAsync(async () => await ShareAsync(redis, near, 20) == 20, "the nearest answers");
        await near.CutReplicaLinkAsync();
        await Eventually.TrueAsync(async () => await ShareAsync(redis, near, 20) == 0, "the replica that is cut off is left");
        Assert.InRange(await ShareAsync(redis, master, 200), 180, 200);
        Assert.Equal(0, await ShareAsync(redis, far, 200));
    }

    [Fact]
    public async Task A_new_snapshot_makes_nobody_nearer()
    {
        await using FreshnessServers? servers = await FreshnessServers.StartAsync(TopologyKind.Replicated);
        if (servers is null) return;
        (LocalNode master, LocalNode near, LocalNode farther) = (servers.Nodes[0], servers.Nodes[1], servers.Nodes[2]);
        await using Distances distances = new(servers.Nodes, (master, 160), (near, 80), (farther, 160));
        await using RedisClient redis = await distances.ConnectAsync(servers);
        await Eventually.TrueAsync(async () => await ShareAsync(redis, near, 5) == 5, "the nearest answers alone");

        // Between the two bounds: who is out stays out, at 1.2 to 1.5 of the nearest one's distance.
        distances.Move(farther, 112);
        TimeSpan[] seen = new TimeSpan[3];
        IRedisView watching = redis.WithReadFrom(ReadFrom.Custom(candidates =>
        {
            foreach (ReadCandidate candidate in candidates) seen[distances.PlaceOf(candidate.Endpoint)] = candidate.Latency;
            return 0;
        }));
        await Eventually.TrueAsync(
            async () =>
            {
                await watching.StringGetAsync(Key);
                return seen[1] > TimeSpan.Zero && seen[2] / seen[1] is > 1.2 and < 1.5;
            },
            "the farther one has been measured anew, between the bounds");
        long version = redis.Topology.Version;
        for (int i = 0; i < 5; i++)
        {
            await redis.StringSetAsync(Key, Key);
            await Eventually.TrueAsync(
                async () =>
                {
                    await redis.RefreshTopologyAsync();
                    return redis.Topology.Version > version;
                },
                "there is a new snapshot, of other offsets");
            version = redis.Topology.Version;
            Assert.Equal(0, await ShareAsync(redis, farther, 10));
        }
    }

    private static Task<long> ShareAsync(RedisClient redis, LocalNode node, int reads) => ReadLoad.ShareAsync(redis, node, Key, reads, isSpread: true);

    /// <summary>Servers behind proxies that make them as far away as one likes.</summary>
    private sealed class Distances : IAsyncDisposable
    {
        private readonly IReadOnlyList<LocalNode> _nodes;
        private readonly Dictionary<int, DelayingProxy> _proxies;

        public Distances(IReadOnlyList<LocalNode> nodes, params (LocalNode Node, int Milliseconds)[] distances)
        {
            _nodes = nodes;
            _proxies = distances.ToDictionary(static one => one.Node.Port, static one => new DelayingProxy(one.Node) { DelayMilliseconds = one.Milliseconds });
        }

        public void Move(LocalNode node, int milliseconds) => _proxies[node.Port].DelayMilliseconds = milliseconds;

        public int PlaceOf(NodeEndpoint endpoint) => Enumerable.Range(0, _nodes.Count).First(i => _proxies[_nodes[i].Port].Endpoint == endpoint);

        /// <summary>A client that has written the key, and knows how far away every node is.</summary>
        public async Task<RedisClient> ConnectAsync(FreshnessServers servers)
        {
            RedisClientOptions options = RedisClientOptions.Parse($"redis://{_proxies[servers.Master.Port].Endpoint}?readFrom=nearest&heartbeatInterval=100ms&hangTimeout=10s&commandTimeout=20s");
            options.EndpointMap = announced => _proxies.TryGetValue(announced.Port, out DelayingProxy? proxy) ? proxy.Endpoint : announced;
            RedisClient redis = await RedisClient.ConnectAsync(options);
            await ShardFixture.WriteAsync(redis, Key, servers.Replicas);
            await ReadLoad.UntilAllAreFitAsync(redis, Key, servers.Nodes.Count, areMeasured: true);
            return redis;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (DelayingProxy proxy in _proxies.Values) await proxy.DisposeAsync();
        }
    }
}
