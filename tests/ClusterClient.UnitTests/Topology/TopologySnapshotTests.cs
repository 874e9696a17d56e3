// The snapshot: who owns what, and how one slot gets another owner.
using System.Collections.Immutable;
using ClusterClient.UnitTests.Topology.Support;
using FsCheck;
using FsCheck.Fluent;

namespace ClusterClient.UnitTests.Topology;

public class TopologySnapshotTests
{
    private static readonly TopologySnapshot _six = Merging.Merge(Picture.OfSix.View()).Snapshot;

    // Up to 20 nodes and, for each of 16384 slots, an owner or none; mostly runs, as in a real cluster.
    private static Arbitrary<(int Nodes, ushort[] Owners)> Assignments()
    {
        Gen<(int, ushort[])> gen =
            from nodes in Gen.Choose(1, 20)
            from runs in Gen.Choose(1, 200)
            from seed in Gen.Choose(0, int.MaxValue)
            select (nodes, Assign(nodes, runs, new System.Random(seed)));
        return gen.ToArbitrary();
    }

    private static ushort[] Assign(int nodes, int runs, System.Random random)
    {
        ushort[] owners = TopologySnapshot.EmptySlots();
        for (int i = 0; i < runs; i++)
        {
            int first = random.Next(HashSlot.Count);
            int length = random.Next(1, HashSlot.Count - first + 1);
            int owner = random.Next(-1, nodes);
            owners.AsSpan(first, length).Fill(owner < 0 ? TopologySnapshot.NoOwner : (ushort)owner);
        }

        return owners;
    }

    private static ImmutableArray<TopologyNode> Masters(int count) => [.. Enumerable.Range(0, count).Select(i => new TopologyNode(new("h", 1000 + i), NodeRole.Master))];

    [Fact]
    public void Look_ups_agree_with_the_assignment() => Prop.ForAll(Assignments(), assignment =>
    {
        ImmutableArray<TopologyNode> nodes = Masters(assignment.Nodes);
        ushort[] owners = assignment.Owners;
        var snapshot = TopologySnapshot.Create(1, TopologyKind.Cluster, nodes, owners);
        for (int slot = 0; slot < HashSlot.Count; slot++)
        {
            TopologyNode? expected = owners[slot] == TopologySnapshot.NoOwner ? null : nodes[owners[slot]];
            if (!ReferenceEquals(expected, snapshot.MasterOf(slot))) return false;
        }

        bool ranges = snapshot.SlotRanges.All(owned => Enumerable.Range(owned.Slots.First, owned.Slots.Count).All(slot => ReferenceEquals(owned.Master, snapshot.MasterOf(slot))))
            && snapshot.SlotRanges.Zip(snapshot.SlotRanges.Skip(1)).All(pair => pair.First.Slots.Last < pair.Second.Slots.First
                && (pair.First.Slots.Last + 1 < pair.Second.Slots.First || !ReferenceEquals(pair.First.Master, pair.Second.Master)));
        return ranges
            && snapshot.CoveredSlots == owners.Count(owner => owner != TopologySnapshot.NoOwner)
            && snapshot.CoveredSlots == snapshot.SlotRanges.Sum(owned => owned.Slots.Count)
            && nodes.All(node => snapshot.SlotsOf(node).Sum(slots => slots.Count) == owners.Count(owner => owner != TopologySnapshot.NoOwner && nodes[owner] == node))
            && nodes.All(node => snapshot.OwnsSlots(node.Endpoint) == snapshot.SlotsOf(node).Length > 0);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_patch_changes_exactly_one_slot()
    {
        Gen<((int Nodes, ushort[] Owners) Start, int Slot, int Target)> gen =
            from start in Assignments().Generator
            from slot in Gen.Choose(0, HashSlot.Count - 1)
            from target in Gen.Choose(0, start.Nodes) // one past the last: a node that is not known
            select (start, slot, target);
        Prop.ForAll(gen.ToArbitrary(), one =>
        {
            var before = TopologySnapshot.Create(7, TopologyKind.Cluster, Masters(one.Start.Nodes), one.Start.Owners);
            var target = new NodeEndpoint("h", 1000 + one.Target);
            TopologySnapshot after = before.WithSlotOwner(one.Slot, target);
            bool isSame = one.Start.Owners[one.Slot] == one.Target;
            if (isSame) return ReferenceEquals(before, after);
            return after.Version == 8
                && after.MasterOf(one.Slot)!.Endpoint == target
                && Enumerable.Range(0, HashSlot.Count).All(slot => slot == one.Slot || ReferenceEquals(before.MasterOf(slot), after.MasterOf(slot)))
                && after.Nodes.Length == before.Nodes.Length + (one.Target == one.Start.Nodes ? 1 : 0)
                && after.CoveredSlots == before.CoveredSlots + (before.MasterOf(one.Slot) is null ? 1 : 0);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_patch_to_an_unknown_node_adds_a_master_without_an_id()
    {
        TopologySnapshot after = _six.WithSlotOwner(5, new("9.9.9.9", 6379));

        TopologyNode added = after.MasterOf(5)!;
        Assert.Equal((NodeRole.Master, null, 0L), (added.Role, added.Id, added.ConfigEpoch));
        Assert.Contains(added, after.Masters);
        Assert.Equal(7, after.Nodes.Length);
    }

    [Fact]
    public void A_patch_to_a_replica_makes_it_a_master()
    {
        TopologySnapshot after = _six.WithSlotOwner(5, Picture.At(7004));

        Assert.Equal((NodeRole.Master, null), (after.MasterOf(5)!.Role, after.MasterOf(5)!.MasterId));
        Assert.Equal(4, after.Masters.Length);
        Assert.Empty(after.ReplicasOf(6000));
        Assert.Equal(_six.MasterOf(0), after.MasterOf(0));
        Assert.Equal(_six.MasterOf(6000), after.MasterOf(6000));
    }

    [Fact]
    public void A_patch_to_the_owners_own_replica_gives_it_all_the_owners_slots()
    {
        TopologySnapshot after = _six.WithSlotOwner(5, Picture.At(7003));

        Assert.All(_six.SlotsOf(_six.MasterOf(5)!), slots => Assert.All(Enumerable.Range(slots.First, slots.Count), slot => Assert.Equal(Picture.At(7003), after.MasterOf(slot)!.Endpoint)));
        Assert.Equal(_six.MasterOf(6000), after.MasterOf(6000));
        Assert.Equal(HashSlot.Count, after.CoveredSlots);
    }

    [Fact]
    public void Keys_follow_their_slots()
    {
        Assert.Same(_six.MasterOf(HashSlot.Of("user:1")), _six.MasterOf("user:1"));
        Assert.Same(_six.MasterOf("{tag}a"), _six.MasterOf("{tag}b"));
        Assert.Equal(Picture.At(7002), _six.MasterOf("foo")!.Endpoint); // slot 12182
    }

    [Fact]
    public void Replicas_of_a_master_and_of_a_slot()
    {
        Assert.Equal([Picture.At(7003)], _six.ReplicasOf(0).Select(node => node.Endpoint));
        Assert.Equal([Picture.At(7005)], _six.ReplicasOf(_six.MasterOf(16383)!).Select(node => node.Endpoint));
        Assert.Empty(_six.ReplicasOf(_six.Replicas[0]));
        Assert.Empty(_six.ReplicasOf(new TopologyNode(new("elsewhere", 1), NodeRole.Master)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(16384)]
    [InlineData(int.MaxValue)]
    public void There_is_no_such_slot(int slot)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _six.MasterOf(slot));
        Assert.Throws<ArgumentOutOfRangeException>(() => _six.ReplicasOf(slot));
        Assert.Throws<ArgumentOutOfRangeException>(() => _six.WithSlotOwner(slot, Picture.At(7000)));
    }

    [Fact]
    public void A_single_server_owns_everything()
    {
        TopologySnapshot alone = TopologySnapshot.ForStandalone(1, new(new("h", 1), NodeRole.Master));

        Assert.Equal(HashSlot.Count, alone.CoveredSlots);
        Assert.Equal(new NodeEndpoint("h", 1), alone.MasterOf("any")!.Endpoint);
        Assert.Equal("Standalone, version 1: 1 master, 0 replicas\n  h:1 master", alone.ToString());
    }

    [Fact]
    public void Nothing_is_known_at_first()
    {
        Assert.Null(TopologySnapshot.Unknown.MasterOf("any"));
        Assert.Equal((0L, 0), (TopologySnapshot.Unknown.Version, TopologySnapshot.Unknown.CoveredSlots));
        Assert.Equal("topology not known yet", TopologySnapshot.Unknown.ToString());
    }

    [Fact]
    public void It_reads_well() => Assert.Equal(
        """
        Cluster, version 1: 3 masters, 3 replicas, 16384 of 16384 slots covered
          127.0.0.1:7000 master (a.......) slots 0-5460
            127.0.0.1:7003 replica (d.......)
          127.0.0.1:7001 master (b.......) slots 5461-10922
            127.0.0.1:7004 replica (e.......)
          127.0.0.1:7002 master (c.......) slots 10923-16383
            127.0.0.1:7005 replica (f.......)
        """.ReplaceLineEndings("\n"),
        _six.ToString());

    [Fact]
    public void Parts_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TopologySnapshot.Create(1, TopologyKind.Cluster, Masters(1), new ushort[5]));
        ushort[] owners = TopologySnapshot.EmptySlots();
        owners[9] = 1;
        Assert.Throws<ArgumentOutOfRangeException>(() => TopologySnapshot.Create(1, TopologyKind.Cluster, Masters(1), owners));
    }

    [Fact]
    public void A_look_up_allocates_nothing()
    {
        RedisKey key = "user:{1000}.followers";
        int found = Look(key); // compiled before it is measured
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++) found += Look(key);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(20_002, found);

        static int Look(RedisKey key) => (_six.MasterOf(key) is null ? 0 : 1) + _six.ReplicasOf(100).Length;
    }
}
