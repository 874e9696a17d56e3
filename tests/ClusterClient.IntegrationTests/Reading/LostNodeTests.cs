// Reads by policy while nodes die, freeze and are replaced: they go on.
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
public sealed class LostNodeTests(ITestOutputHelper output)
{
    private const string Key = "key";

    [Fact]
    public async Task A_replica_that_dies_costs_no_read()
    {
        if (await ServerLacks.CommandCountsAsync()) return;
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 2);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?readFrom=replica&commandTimeout=20s");
        await ShardFixture.WriteAsync(redis, Key, await cluster.GetReplicasAsync());
        SteadyReads reads = new(redis, Key);
        await reads.WaitForAsync(500);
        LocalNode victim = (await cluster.GetReplicasAsync())[0];
        await victim.KillAsync();
        await reads.WaitForAsync(500);
        await victim.RestartAsync();
        await Eventually.TrueAsync(() => ServedCounts.IsReadFromAsync(victim), "the replica that came back answers reads");
        await reads.StopAsync();
        Print(cluster, "a replica killed", reads);
        Assert.Empty(reads.Problems);
    }

    [Fact]
    public async Task A_replica_that_freezes_holds_up_reads_no_longer_than_two_heartbeats_and_a_bit()
    {
        if (await ServerLacks.ReplicationAsync()) return;
        await using LocalReplication servers = await LocalTopology.StartReplicatedAsync(2);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{servers.ConnectionString}?readFrom=replica&heartbeatInterval=100ms&commandTimeout=20s");
        await ShardFixture.WriteAsync(redis, Key, await servers.GetReplicasAsync());
        SteadyReads reads = new(redis, Key);
        await reads.WaitForAsync(500);
        Hiccups machine = Hiccups.Start();
        reads.Measure();
        servers.Nodes[1].Freeze();
        await reads.WaitForAsync(500);
        await reads.StopAsync();
        TimeSpan hiccup = await machine.StopAsync();
        Print(servers, $"a replica frozen, heartbeats of 100 ms, the machine held us up for {hiccup.TotalMilliseconds:F0} ms", reads);
        servers.Nodes[1].Thaw();
        Assert.Empty(reads.Problems);

        // The heartbeat under way when it froze may still find answers of before, the two after it find none. Each is set anew when the one before has run, so each may come
        // late by what a timer does anyway (some ms) and by what holds up the machine.
        Assert.InRange(reads.LongestPause, TimeSpan.Zero, TimeSpan.FromMilliseconds(300 + 20) + (3 * hiccup));
    }

    [Theory]
    [InlineData("replicaPreferred")]
    [InlineData("masterPreferred")]
    [InlineData("any")]
    public async Task The_master_of_a_shard_dies_and_its_keys_are_read_on(string policy)
    {
        if (await ServerLacks.CommandCountsAsync()) return;
        LocalTopologyOptions how = new() { RequireFullCoverage = false, ExtraConfig = { "cluster-allow-reads-when-down yes" } };
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 1, how);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?readFrom={policy}&commandTimeout=20s");
        LocalNode master = await cluster.GetSlotOwnerAsync(HashSlot.Of(Key));
        await ShardFixture.WriteAsync(redis, Key, await cluster.GetReplicasAsync(master));
        SteadyReads reads = new(redis, Key);
        await reads.WaitForAsync(500);
        Hiccups machine = Hiccups.Start();
        await master.KillAsync();
        await reads.WaitForAsync(500);
        await Eventually.TrueAsync(() => redis.Topology.MasterOf(Key)!.Endpoint.Port != master.Port, "the heir is known");
        await reads.WaitForAsync(500);
        await reads.StopAsync();
        Print(cluster, $"a shard's master killed, readFrom={policy}", reads);
        Assert.Empty(reads.Problems);
        Assert.True(reads.LongestPause < TimeSpan.FromSeconds(1) + await machine.StopAsync(), $"{reads.LongestPause}");
    }

    [Fact]
    public async Task Keys_that_left_a_moving_slot_are_found()
    {
        if (await ServerLacks.CommandCountsAsync()) return;
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 2, replicasPerMaster: 1);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?readFrom=replica&commandTimeout=20s");
        int slot = HashSlot.Of("{half}");
        LocalNode from = await cluster.GetSlotOwnerAsync(slot);
        LocalNode to = (await cluster.GetMastersAsync()).First(node => node != from);
        await redis.StringSetAsync("{half}:moved", "m");
        await redis.StringSetAsync("{half}:stayed", "s");
        HeldSlotMigration migration = await cluster.BeginSlotMoveAsync([slot], from, to);
        await Eventually.TrueAsync(
            async () =>
            {
                await redis.RefreshTopologyAsync();
                return redis.Topology.MovingSlots.Contains(slot);
            },
            "the move is known");
        await migration.MoveKeyAsync("{half}:moved");
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal("m", (string?)await redis.StringGetAsync("{half}:moved"));
            Assert.Equal("s", (string?)await redis.StringGetAsync("{half}:stayed"));
        }

        await migration.CompleteAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                await redis.RefreshTopologyAsync();
                return redis.Topology.MovingSlots.IsEmpty && redis.Topology.MasterOf(slot)!.Endpoint.Port == to.Port;
            },
            "the move has ended");
        await Eventually.TrueAsync(async () => (string?)await redis.StringGetAsync("{half}:moved") == "m", "the new replica has it");
    }

    private void Print(LocalTopology servers, string what, SteadyReads reads)
        => Figure.Print(output, servers, $"{what}: the longest time without a read {reads.LongestPause.TotalMilliseconds:F0} ms, {reads.Problems.Count} errors");
}
