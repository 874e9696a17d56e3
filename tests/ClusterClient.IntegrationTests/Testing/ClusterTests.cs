// A cluster: shape, failover in every way, nodes that come and go.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Testing;

public class ClusterTests
{
    [Fact]
    public async Task All_nodes_agree_when_the_start_returns()
    {
        await using var cluster = await LocalTopology.StartClusterAsync(3, 1);

        Assert.Equal(cluster.Nodes.Take(3), await cluster.GetMastersAsync());
        Assert.Equal(cluster.Nodes.Skip(3), await cluster.GetReplicasAsync());
        Assert.Same(cluster.Nodes[0], await cluster.GetMasterOfAsync(cluster.Nodes[3]));
        Assert.Equal(Enumerable.Range(0, 16_384), (await Task.WhenAll(cluster.Nodes.Take(3).Select(node => cluster.GetSlotsAsync(node)))).SelectMany(slots => slots));
        foreach (var node in cluster.Nodes)
        {
            Assert.Contains("cluster_state:ok", (await node.ExecuteAsync("CLUSTER", "INFO")).Text, StringComparison.Ordinal);
            var slots = (await node.ExecuteAsync("CLUSTER", "SLOTS")).Items;
            Assert.Equal(3, slots.Count);
            Assert.All(slots, range => Assert.Equal(4, range.Items.Count));
        }
        Assert.Equal("redis://" + string.Join(',', cluster.Nodes.Select(node => $"127.0.0.1:{node.Port}")), cluster.ConnectionString);
    }

    [Theory]
    [InlineData(FailoverMode.Graceful)]
    [InlineData(FailoverMode.Takeover)]
    public async Task A_replica_takes_over_its_shard(FailoverMode mode)
    {
        await using var cluster = await LocalTopology.StartClusterAsync(3, 1);
        var master = cluster.Nodes[1];

        var heir = await cluster.FailoverAsync(master, mode);

        Assert.Same(cluster.Nodes[4], heir);
        Assert.Same(heir, await cluster.GetSlotOwnerAsync(8_000));
        await cluster.WaitUntilStableAsync();
        Assert.Same(heir, await cluster.GetMasterOfAsync(master));
        await master.PromoteAsync();
        Assert.Same(master, await cluster.GetSlotOwnerAsync(8_000));
    }

    [Fact]
    public async Task A_dead_or_frozen_master_is_replaced_and_comes_back_as_a_replica()
    {
        await using var cluster = await LocalTopology.StartClusterAsync(3, 1, new() { ClusterNodeTimeout = TimeSpan.FromSeconds(1) });

        await cluster.Nodes[0].KillAsync();
        if (!cluster.Capabilities.HasFlag(ServerCapabilities.AutomaticFailover))
        {
            // Garnet's nodes notice that it is gone, and elect nobody: the replica takes over only when told.
            await cluster.WaitUntilStableAsync();
            Assert.Equal(LocalNodeRole.Replica, await cluster.Nodes[3].GetRoleAsync());
            Assert.Same(cluster.Nodes[0], await cluster.GetSlotOwnerAsync(0));
            await cluster.Nodes[3].PromoteAsync();
            Assert.Same(cluster.Nodes[3], await cluster.GetSlotOwnerAsync(0));
            return;
        }
        await cluster.WaitUntilStableAsync();
        Assert.Same(cluster.Nodes[3], await cluster.GetSlotOwnerAsync(0));
        await cluster.Nodes[0].RestartAsync();
        await cluster.WaitUntilStableAsync();
        Assert.Same(cluster.Nodes[3], await cluster.GetMasterOfAsync(cluster.Nodes[0]));

        cluster.Nodes[1].Freeze();
        await cluster.FailoverAsync(cluster.Nodes[4], FailoverMode.Force);
        cluster.Nodes[1].Thaw();
        await cluster.WaitUntilStableAsync();
        Assert.Same(cluster.Nodes[4], await cluster.GetMasterOfAsync(cluster.Nodes[1]));
    }

    [Fact]
    public async Task A_restarted_node_finds_its_slots_and_its_peers_again()
    {
        await using var cluster = await LocalTopology.StartClusterAsync(2, 0);
        var slots = await cluster.GetSlotsAsync(cluster.Nodes[1]);

        await cluster.Nodes[1].KillAsync();
        await cluster.Nodes[1].RestartAsync();
        await cluster.WaitUntilStableAsync();

        Assert.Equal(slots, await cluster.GetSlotsAsync(cluster.Nodes[1]));
    }

    [Fact]
    public async Task Promotion_works_without_the_master()
    {
        await using var cluster = await LocalTopology.StartClusterAsync(1, 1, new() { RequireFullCoverage = false });
        await cluster.Nodes[0].KillAsync();

        await cluster.Nodes[1].PromoteAsync();

        Assert.Equal(LocalNodeRole.Master, await cluster.Nodes[1].GetRoleAsync());
        Assert.Same(cluster.Nodes[1], await cluster.GetSlotOwnerAsync(1));
    }

    [Fact]
    public async Task Nodes_join_and_leave()
    {
        await using var cluster = await LocalTopology.StartClusterAsync(2, 0);
        var newcomer = await cluster.AddNodeAsync();
        var replica = await cluster.AddNodeAsync(asReplicaOf: newcomer);

        Assert.Empty(await cluster.GetSlotsAsync(newcomer));
        Assert.Same(newcomer, await cluster.GetMasterOfAsync(replica));
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.RemoveNodeAsync(cluster.Nodes[0]));
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.RemoveNodeAsync(newcomer));

        await cluster.RemoveNodeAsync(replica);
        await cluster.RemoveNodeAsync(newcomer);
        await cluster.WaitUntilStableAsync();

        Assert.Equal(2, cluster.Nodes.Count);
        foreach (var node in cluster.Nodes)
            Assert.Equal(2, (await node.ExecuteAsync("CLUSTER", "NODES")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await Assert.ThrowsAsync<ArgumentException>(() => cluster.RemoveNodeAsync(newcomer));
    }

    [Fact]
    public async Task A_cut_link_in_a_cluster_leaves_the_replica_a_member()
    {
        await using var cluster = await LocalTopology.StartClusterAsync(1, 1);
        var replica = cluster.Nodes[1];
        if (!cluster.Capabilities.HasFlag(ServerCapabilities.CutReplicaLink))
        {
            await Assert.ThrowsAsync<NotSupportedException>(() => replica.CutReplicaLinkAsync());
            return;
        }

        await replica.CutReplicaLinkAsync();
        Assert.Equal("down", (await replica.InfoAsync("replication"))["master_link_status"]);
        await cluster.WaitUntilStableAsync();

        await replica.MendReplicaLinkAsync();
        await cluster.WaitUntilStableAsync();
        Assert.Equal("up", (await replica.InfoAsync("replication"))["master_link_status"]);
    }
}
