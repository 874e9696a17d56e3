// A cluster of 1000 masters and 1000 replicas, the most that the cluster protocol is planned for, in this process.
using System.Diagnostics;
using System.Globalization;
using ClusterClient.UnitTests.Fakes;
using Xunit.Abstractions;

namespace ClusterClient.UnitTests.Scale;

[Collection(nameof(ThousandMastersTests))]
[CollectionDefinition(nameof(ThousandMastersTests), DisableParallelization = true)]
public sealed class ThousandMastersTests(ThousandMastersTests.Servers servers, ITestOutputHelper output) : IClassFixture<ThousandMastersTests.Servers>
{
    private const int Masters = 1000;
    private readonly FakeCluster _cluster = servers.Cluster;

    [Fact]
    public async Task The_first_reply_comes_soon_and_few_connections_are_made()
    {
        int before = Accepted;
        Stopwatch watch = Stopwatch.StartNew();
        await using RedisClient redis = await _cluster.ConnectAsync();
        TimeSpan connected = watch.Elapsed;
        await redis.StringSetAsync("first", 1);
        TimeSpan replied = watch.Elapsed;
        Assert.Equal(Masters, redis.Topology.Masters.Length);
        Assert.Equal(HashSlot.Count, redis.Topology.CoveredSlots);

        // The second look, which asks several nodes, follows by itself.
        await TestClient.RefreshUntilAsync(redis, static map => map.Replicas.Length == Masters);
        output.WriteLine($"connected in {connected.TotalMilliseconds:F0} ms, first reply after {replied.TotalMilliseconds:F0} ms, {Accepted - before} connections");
        Assert.InRange(replied, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.InRange(Accepted - before, 1, 40);

        // Looks go where a connection is: asking again and again opens no more.
        int settled = Accepted;
        for (int i = 0; i < 10; i++) await redis.RefreshTopologyAsync();
        Assert.InRange(Accepted - settled, 0, 3);
    }

    [Fact]
    public async Task A_connection_is_made_where_a_key_is_wanted_and_every_master_can_be_reached()
    {
        await using RedisClient redis = await _cluster.ConnectAsync();
        int before = Accepted;
        string[] keys = [.. Enumerable.Range(0, Masters).Select(i => _cluster.KeyOf(_cluster[i], string.Create(CultureInfo.InvariantCulture, $"m{i}:")))];
        foreach (string key in keys.Take(100)) await redis.StringSetAsync(key, key);
        Assert.InRange(Accepted - before, 60, 140);
        Stopwatch watch = Stopwatch.StartNew();
        await Task.WhenAll(keys.Select(key => redis.StringSetAsync(key, key).AsTask()));
        output.WriteLine($"a write to each of {Masters} masters at once, most without a connection: {watch.ElapsedMilliseconds} ms");
        watch.Restart();
        RedisValue[] values = await redis.StringGetAsync([.. keys.Select(static key => (RedisKey)key)]);
        output.WriteLine($"MGET over {Masters} masters: {watch.Elapsed.TotalMilliseconds:F1} ms");
        Assert.Equal(keys, values.Select(static value => (string?)value));
    }

    [Fact]
    public async Task A_client_takes_little_memory_and_a_refresh_little_time()
    {
        await using RedisClient warm = await _cluster.ConnectAsync();
        await warm.RefreshTopologyAsync();
        const int clients = 20;
        long empty = await SettledMemoryAsync();
        RedisClient[] many = [.. await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => _cluster.ConnectAsync()))];
        foreach (RedisClient client in many) await client.RefreshTopologyAsync();
        long full = await SettledMemoryAsync();

        // The fakes' own work is in it: as much again as the client's, or more.
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        const int refreshes = 10;
        for (int i = 0; i < refreshes; i++) await warm.RefreshTopologyAsync();
        TimeSpan refresh = (Process.GetCurrentProcess().TotalProcessorTime - cpu) / refreshes;
        foreach (RedisClient client in many) await client.DisposeAsync();
        Array.Clear(many);

        // Pools of the whole process are trimmed late, when they like: then the way up shows too little, even less than nothing, and the way down too much.
        long each = (full - Math.Min(empty, await SettledMemoryAsync())) / clients;
        output.WriteLine($"{each / 1048576.0:F2} MiB a client (the fakes' part of it included), {refresh.TotalMilliseconds:F1} ms of CPU a refresh (the fakes' included)");
        Assert.InRange(each, 0, 32L << 20);
        Assert.InRange(refresh, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    /// <summary>The memory in use once what earlier tests have left is gone: pools and finalizers need several collections.</summary>
    private static async Task<long> SettledMemoryAsync()
    {
        long last = GC.GetTotalMemory(forceFullCollection: true);
        for (int alike = 0, tries = 0; alike < 3 && tries < 30; tries++)
        {
            await Task.Delay(100);
            GC.WaitForPendingFinalizers();
            long now = GC.GetTotalMemory(forceFullCollection: true);
            alike = Math.Abs(now - last) < 256 << 10 ? alike + 1 : 0;
            last = now;
        }

        return last;
    }

    [Fact]
    public async Task A_resharding_learned_by_MOVED_costs_little_for_each_slot()
    {
        await using RedisClient redis = await _cluster.ConnectAsync(static options => options.TopologyRefreshInterval = TimeSpan.Zero);
        await TestClient.RefreshUntilAsync(redis, static map => map.Replicas.Length == Masters);
        FakeNode from = _cluster[10], to = _cluster[11];
        int[] slots = _cluster.SlotsOf(from);
        string[] keys = [.. slots.Select(slot => Enumerable.Range(0, int.MaxValue).Select(static i => $"k{i}").First(key => HashSlot.Of(key) == slot))];
        _cluster.Move(slots, to);
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        foreach (string key in keys) await redis.StringSetAsync(key, 1);
        TimeSpan each = (Process.GetCurrentProcess().TotalProcessorTime - cpu) / keys.Length;
        _cluster.Move(slots, from);
        output.WriteLine($"{keys.Length} slots learned, {each.TotalMilliseconds:F2} ms of CPU each (refreshes in between included)");
        Assert.InRange(each, TimeSpan.Zero, TimeSpan.FromMilliseconds(200));
    }

    private int Accepted => _cluster.Nodes.Sum(static node => node.Server.Accepted);

    public sealed class Servers : IAsyncLifetime
    {
        internal FakeCluster Cluster { get; private set; } = null!;

        public Task InitializeAsync()
        {
            Cluster = FakeCluster.Start(Masters, replicasPerMaster: 1);
            foreach (FakeNode node in Cluster.Nodes) node.Server.IsRecording = false;
            return Task.CompletedTask;
        }

        public async Task DisposeAsync() => await Cluster.DisposeAsync();
    }
}
