// Every typed cluster command, at least once, on a real cluster of three masters.
using System.Collections.Immutable;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Commands;

public sealed class ClusterCommandsTests : IAsyncLifetime
{
    private LocalCluster? _cluster;
    private RedisClient? _client;

    private RedisClient Redis => _client!;

    private bool IsGarnet => _cluster!.Server == ServerKind.Garnet;

    public async Task InitializeAsync()
    {
        _cluster = await LocalTopology.StartClusterAsync(3, 0);
        _client = await RedisClient.ConnectAsync(_cluster.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        if (_client is not null) await _client.DisposeAsync();
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task DescribesTheCluster()
    {
        ClusterInfo info = await Redis.ClusterInfoAsync();
        Assert.True(info.IsOk);
        Assert.Equal(16384, info.SlotsAssigned);
        Assert.Equal(16384, info.SlotsOk);
        Assert.Equal(0, info.SlotsSuspected + info.SlotsFailed);
        Assert.Equal(3, info.KnownNodes);
        Assert.Equal(3, info.Size);
        Assert.InRange(info.CurrentEpoch, info.MyEpoch, long.MaxValue);

        ImmutableArray<ClusterNodesEntry> nodes = await Redis.ClusterNodesAsync();
        Assert.Equal(3, nodes.Length);
        string? id = await Redis.ClusterMyIdAsync();
        Assert.Contains(nodes, node => node.Id == id);
        ImmutableArray<ClusterSlotsEntry> slots = await Redis.ClusterSlotsAsync();
        Assert.Equal(3, slots.Select(entry => entry.Master.Id).Distinct().Count());
        ImmutableArray<ClusterShard> shards = await Redis.ClusterShardsAsync();
        Assert.Equal(3, shards.Length);
    }

    [Fact]
    public async Task RoutesEveryGroupByItsKeys()
    {
        RedisKey[] keys = ["alpha", "beta", "gamma", "delta", "{tag}:1", "{tag}:2"];
        foreach (RedisKey key in keys)
        {
            Assert.Equal(HashSlot.Of(key), await Redis.ClusterKeySlotAsync(key));
            Assert.True(await Redis.StringSetAsync(key, key));
            Assert.Equal(key.ToString(), await Redis.StringGetTextAsync(key));
            Assert.True(await Redis.KeyExpireAsync(key, TimeSpan.FromMinutes(1)));
            Assert.False(await Redis.StringSetBitAsync(key, 0, false));
            Assert.NotNull((await Redis.ExecuteAsync("OBJECT", "ENCODING", key)).AsString());
        }

        Assert.Equal(["{tag}:1", "{tag}:2"], await Redis.StringGetAsync(["{tag}:1", "{tag}:2"]));
        Assert.Equal(2, await Redis.KeyDeleteAsync(["{tag}:1", "{tag}:2"]));
        Assert.Equal(["gamma", "alpha", "beta"], await Redis.StringGetAsync(["gamma", "alpha", "beta"]));
        await Assert.ThrowsAsync<CrossSlotException>(async () => await Redis.KeyRenameAsync("alpha", "beta"));
    }

    [Fact]
    public async Task AsksOneNode()
    {
        await Redis.StringSetAsync("{slot}:1", 1);
        await Redis.StringSetAsync("{slot}:2", 2);
        int slot = HashSlot.Of("slot");
        ICommandExecutor owner = Redis.OnNode(Redis.Topology.MasterOf("slot")!);
        Assert.Equal(2, await owner.ClusterCountKeysInSlotAsync(slot));
        RedisKey[] keys = await owner.ClusterGetKeysInSlotAsync(slot, 10);
        Assert.Equal(["{slot}:1", "{slot}:2"], keys.Select(key => key.ToString()).Order(StringComparer.Ordinal));
        string? id = await owner.ClusterMyIdAsync();
        Assert.Equal(40, id!.Length);
        if (IsGarnet)
        {
            // Garnet counts no reports and knows no shards, and says so.
            RedisServerException unknown = await Assert.ThrowsAsync<RedisServerException>(async () => await owner.ClusterCountFailureReportsAsync(id));
            Assert.Equal(("ERR", Outcome.Rejected), (unknown.Code, unknown.Outcome));
            Assert.Contains("unknown subcommand 'COUNT-FAILURE-REPORTS'", unknown.ServerMessage, StringComparison.Ordinal);
            unknown = await Assert.ThrowsAsync<RedisServerException>(async () => await owner.ClusterMyShardIdAsync());
            Assert.Contains("unknown subcommand 'MYSHARDID'", unknown.ServerMessage, StringComparison.Ordinal);
            return;
        }

        Assert.Equal(0, await owner.ClusterCountFailureReportsAsync(id));
        bool hasShardIds = _cluster!.Server == ServerKind.Valkey || _cluster.ServerVersion >= new Version(7, 2);
        if (hasShardIds) Assert.Equal(40, (await owner.ClusterMyShardIdAsync())!.Length);
        else await Assert.ThrowsAsync<RedisServerException>(async () => await owner.ClusterMyShardIdAsync());
    }
}
