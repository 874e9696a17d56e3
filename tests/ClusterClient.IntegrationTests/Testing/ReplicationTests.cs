// A master with replicas: roles, chains, cut links, promotion.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Testing;

public class ReplicationTests
{
    [Fact]
    public async Task Replicas_follow_the_master()
    {
        if (await ServerLacks.ReplicationAsync())
            return;
        await using var topology = await LocalTopology.StartReplicatedAsync(2);

        var master = await topology.GetMasterAsync();
        Assert.Same(topology.Nodes[0], master);
        Assert.Equal(2, (await topology.GetReplicasAsync()).Count);
        Assert.Equal(2, await WriteAsync(master, "value", 2));
        Assert.Equal("value", (await topology.Nodes[2].ExecuteAsync("GET", "key")).Text);
    }

    [Fact]
    public async Task A_chained_replica_follows_the_one_before_it()
    {
        if (await ServerLacks.ReplicationAsync())
            return;
        await using var topology = await LocalTopology.StartReplicatedAsync(2, chained: true);

        Assert.Equal(topology.Nodes[0].Port, (await topology.Nodes[1].ExecuteAsync("ROLE")).Items[2].Number);
        Assert.Equal(topology.Nodes[1].Port, (await topology.Nodes[2].ExecuteAsync("ROLE")).Items[2].Number);
    }

    [Fact]
    public async Task A_cut_link_stays_down_until_mended_while_clients_are_served()
    {
        if (await ServerLacks.ReplicationAsync())
            return;
        await using var topology = await LocalTopology.StartReplicatedAsync(1);
        var (master, replica) = (topology.Nodes[0], topology.Nodes[1]);
        Assert.Equal(1, await WriteAsync(master, "before", 1));

        await replica.CutReplicaLinkAsync();
        await master.ExecuteAsync("SET", "key", "after");
        // The replica tries again every second: it must fail each time.
        for (var i = 0; i < 25; i++)
        {
            Assert.Equal("down", (await replica.InfoAsync("replication"))["master_link_status"]);
            await Task.Delay(100);
        }
        Assert.Equal("before", (await replica.ExecuteAsync("GET", "key")).Text);
        Assert.True(replica.IsReplicaLinkCut);

        await replica.MendReplicaLinkAsync();
        await Eventually.TrueAsync(async () => (await replica.ExecuteAsync("GET", "key")).Text == "after", "the replica catches up");
    }

    [Fact]
    public async Task A_link_under_a_password_can_be_cut_and_mended()
    {
        if (await ServerLacks.ReplicationAsync())
            return;
        await using var topology = await LocalTopology.StartReplicatedAsync(1, options: new() { Password = "admin" });

        await topology.Nodes[1].CutReplicaLinkAsync();
        await topology.Nodes[0].ExecuteAsync("SET", "key", "value");
        await topology.Nodes[1].MendReplicaLinkAsync();
        await Eventually.TrueAsync(async () => (await topology.Nodes[1].ExecuteAsync("GET", "key")).Text == "value", "the replica catches up");
        await Assert.ThrowsAsync<InvalidOperationException>(() => topology.Nodes[0].CutReplicaLinkAsync());
    }

    [Fact]
    public async Task A_promoted_replica_is_master_also_after_its_restart_and_the_rest_can_follow_it()
    {
        if (await ServerLacks.ReplicationAsync())
            return;
        await using var topology = await LocalTopology.StartReplicatedAsync(2);
        var (old, heir, other) = (topology.Nodes[0], topology.Nodes[1], topology.Nodes[2]);

        await old.KillAsync();
        await heir.PromoteAsync();
        Assert.Same(heir, await topology.GetMasterAsync());
        await heir.RestartAsync();
        Assert.Equal(LocalNodeRole.Master, await heir.GetRoleAsync());

        await topology.FollowAsync(other, heir);
        await old.RestartAsync();
        await Assert.ThrowsAsync<LocalTopologyException>(() => topology.GetMasterAsync());
        await topology.FollowAsync(old, heir);
        Assert.Equal(2, (await topology.GetReplicasAsync()).Count);
    }

    [Fact]
    public async Task A_restarted_replica_follows_again()
    {
        if (await ServerLacks.ReplicationAsync())
            return;
        await using var topology = await LocalTopology.StartReplicatedAsync(1);
        await topology.Nodes[0].ExecuteAsync("SET", "key", "value");

        await topology.Nodes[1].KillAsync();
        await topology.Nodes[1].RestartAsync();

        await Eventually.TrueAsync(async () => (await topology.Nodes[1].ExecuteAsync("GET", "key")).Text == "value", "the replica has its data again");
    }

    // WAIT counts from the last write of its own connection.
    private static async Task<long> WriteAsync(LocalNode master, string value, int replicas) =>
        (await master.ExecuteAllAsync([["SET", "key", value], ["WAIT", $"{replicas}", "4000"]]))[1].Number;
}
