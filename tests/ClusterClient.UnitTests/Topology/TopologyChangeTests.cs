// What a change says about itself.
using ClusterClient.Topology.Cluster;
using ClusterClient.UnitTests.Topology.Support;

namespace ClusterClient.UnitTests.Topology;

public class TopologyChangeTests
{
    private static TopologyChange Between(Picture before, Picture after)
    {
        ClusterMergeResult first = Merging.Merge(before.View());
        return new(first.Snapshot, first.Then(0, after.View()).Snapshot, TopologyChangeReason.ConnectionLost, "127.0.0.1:7000");
    }

    [Fact]
    public void A_failover()
    {
        Picture after = Picture.OfSix.SeenBy("b")
            .Replace(Picture.OfSix["a"] with { Slots = [], Flags = "fail" })
            .Replace(Picture.OfSix["d"] with { MasterName = null, Epoch = 4, Slots = [new(0, 5460)] });
        TopologyChange change = Between(Picture.OfSix, after);

        Assert.Empty(change.Added);
        Assert.Empty(change.Removed);
        NodeRoleChange promoted = Assert.Single(change.RoleChanges);
        Assert.Equal((Picture.At(7003), NodeRole.Replica, NodeRole.Master), (promoted.Node.Endpoint, promoted.Before, promoted.Node.Role));
        Assert.Equal([Picture.At(7000)], change.Updated.Select(node => node.Endpoint));
        Assert.Equal(5461, change.MovedSlots);
        Assert.Equal("topology 1 -> 2 (ConnectionLost: 127.0.0.1:7000), 127.0.0.1:7003 Replica -> Master, updated 127.0.0.1:7000 master [Failed] (a.......), 5461 slots moved", change.ToString());
    }

    [Fact]
    public void A_node_that_came_one_that_left_and_an_address_that_changed_hands()
    {
        var after = new Picture("b", [
            .. Picture.OfSix.Members.Where(member => member.Name is not "f" and not "e"),
            new("n", 7009, 9) { MasterName = "c" },
            new("m", 7004, 9) { MasterName = "b" }]); // where e was
        TopologyChange change = Between(Picture.OfSix, after);

        Assert.Equal([7004, 7009], change.Added.Select(node => node.Endpoint.Port).Order());
        Assert.Equal([7004, 7005], change.Removed.Select(node => node.Endpoint.Port).Order());
        Assert.Equal(0, change.MovedSlots);
    }

    [Fact]
    public void One_slot()
    {
        TopologySnapshot before = Merging.Merge(Picture.OfSix.View()).Snapshot;
        var change = new TopologyChange(before, before.WithSlotOwner(5, Picture.At(7001)), TopologyChangeReason.Moved, "slot 5 to 127.0.0.1:7001");

        Assert.Equal("topology 1 -> 2 (Moved: slot 5 to 127.0.0.1:7001), 1 slot moved", change.ToString());
    }

    [Fact]
    public void The_first_picture()
    {
        var change = new TopologyChange(TopologySnapshot.Unknown, Merging.Merge(Picture.OfSix.View()).Snapshot, TopologyChangeReason.Bootstrap, string.Empty);

        Assert.Equal((6, HashSlot.Count), (change.Added.Length, change.MovedSlots));
        Assert.StartsWith("topology 0 -> 1 (Bootstrap), added 127.0.0.1:7000, ", change.ToString(), StringComparison.Ordinal);
    }
}
