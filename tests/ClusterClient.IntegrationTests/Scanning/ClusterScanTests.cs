// Scans of a real cluster: whole, while it is resharded, while a master dies, and gone on with by another client.
using System.Diagnostics;
using ClusterClient.Testing;
using Xunit.Abstractions;
using static ClusterClient.IntegrationTests.Scanning.ScanServers;

namespace ClusterClient.IntegrationTests.Scanning;

[Trait("Suite", "Scanning")]
public sealed class ClusterScanTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Twenty_thousand_keys_are_given_and_another_client_goes_on_where_the_first_stopped()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 1);
        await using RedisClient redis = await RedisClient.ConnectAsync(cluster.ConnectionString);
        HashSet<string> keys = await FillAsync(redis, 20_000);
        Stopwatch watch = Stopwatch.StartNew();
        List<string> seen = await RunAsync(redis.ScanAsync());
        output.WriteLine($"{cluster.Server} {cluster.ServerVersion}: {seen.Count} keys in {watch.ElapsedMilliseconds} ms, {seen.Count - keys.Count} of them twice");
        AssertAll(keys, seen);
        Assert.InRange(seen.Count, keys.Count, keys.Count * 1.05);

        // Half of it, then the rest by another client.
        KeyScan begun = redis.ScanAsync(count: 100);
        List<string> half = [];
        await foreach (RedisKey key in begun)
        {
            half.Add(key.ToString());
            if (half.Count == 9_000) break;
        }

        string saved = begun.Cursor.ToString();
        await redis.DisposeAsync();
        await using RedisClient second = await RedisClient.ConnectAsync($"redis://{cluster.Nodes[^1]}");
        List<string> rest = await RunAsync(second.ScanAsync(count: 100, cursor: ScanCursor.Parse(saved)));
        output.WriteLine($"the cursor has {saved.Length} characters; {half.Count} keys before it and {rest.Count} after");
        AssertAll(keys, [.. half, .. rest]);
    }

    [Fact]
    public async Task Pattern_and_type_are_the_servers_own()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 0);
        await using RedisClient redis = await RedisClient.ConnectAsync(cluster.ConnectionString);
        await FillAsync(redis, 300);
        HashSet<string> cart = await FillAsync(redis, 50, "{cart:7}");
        await redis.ExecuteAsync("HSET", "{cart:7}:hash", "field", "value");
        AssertAll([.. cart, "{cart:7}:hash"], await RunAsync(redis.ScanAsync("{cart:7}*")));
        Assert.Equal(cart.Order(), (await RunAsync(redis.ScanAsync("{cart:7}*", RedisType.String))).Distinct().Order());
        Assert.Equal(["{cart:7}:hash"], (await RunAsync(redis.ScanAsync(type: RedisType.Hash))).Distinct());
        Assert.Empty(await RunAsync(redis.ScanAsync("nothing*")));
    }

    [Fact]
    public async Task Fifteen_hundred_slots_move_during_a_scan_and_no_key_is_missed()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 0);
        await using RedisClient redis = await RedisClient.ConnectAsync(cluster.ConnectionString);
        HashSet<string> keys = await FillAsync(redis, 20_000);
        IReadOnlyList<LocalNode> masters = await cluster.GetMastersAsync();
        int count = cluster.Server == ServerKind.Garnet ? 100 : 750;
        SlotMoveMode mode = cluster.Capabilities.HasFlag(ServerCapabilities.SlotMigrationByKey) ? SlotMoveMode.KeyByKey : SlotMoveMode.Bulk;
        List<string> seen = await RunAsync(redis.ScanAsync(count: 100), after: 500, async () =>
        {
            // One way and the other, from what is being walked, what has been and what will be.
            await cluster.MoveSlotsAsync((await cluster.GetSlotsAsync(masters[0])).Take(count), masters[0], masters[1], mode);
            await cluster.MoveSlotsAsync((await cluster.GetSlotsAsync(masters[2])).Take(count), masters[2], masters[0], mode);
        });
        output.WriteLine($"{cluster.Server} {cluster.ServerVersion}: {2 * count} slots moved, {seen.Count} keys given for {keys.Count}");
        AssertAll(keys, seen);
    }

    [Fact]
    public async Task A_master_dies_in_the_middle_of_its_walk_and_its_heir_gives_what_is_missing()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 1);
        await using RedisClient redis = await RedisClient.ConnectAsync(cluster.ConnectionString);
        HashSet<string> keys = await FillAsync(redis, 20_000);
        await WaitForReplicasAsync(redis);

        // The first to be walked is the owner of the first slot.
        LocalNode master = await cluster.GetSlotOwnerAsync(0);
        Stopwatch watch = Stopwatch.StartNew();
        List<string> seen = await RunAsync(redis.ScanAsync(count: 100), after: 1_000, async () =>
        {
            await master.KillAsync();
            if (!cluster.Capabilities.HasFlag(ServerCapabilities.AutomaticFailover)) await cluster.FailoverAsync(master, FailoverMode.Takeover);
        });
        output.WriteLine($"{cluster.Server} {cluster.ServerVersion}: {seen.Count} keys given for {keys.Count}, in {watch.ElapsedMilliseconds} ms with the failover");
        AssertAll(keys, seen);
    }

    [Fact]
    public async Task A_restarted_server_has_another_order_of_keys_and_the_scan_begins_again_on_it()
    {
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync(new LocalTopologyOptions { Persistent = true });
        await using RedisClient redis = await RedisClient.ConnectAsync($"{server.ConnectionString}?commandTimeout=20s");
        HashSet<string> keys = await FillAsync(redis, 5_000);
        KeyScan scan = redis.ScanAsync(count: 100);
        List<string> seen = await RunAsync(scan, after: 2_500, () => server.Node.RestartAsync());
        output.WriteLine($"{server.Server} {server.ServerVersion}: {seen.Count} keys given for {keys.Count}");
        AssertAll(keys, seen);
        Assert.InRange(seen.Count, 7_000, 15_000);
    }
}
