// Several nodes' views become one picture: epochs, majorities, memory and what redirects taught.
using ClusterClient.Topology.Cluster;
using ClusterClient.UnitTests.Topology.Support;
using FsCheck;
using FsCheck.Fluent;

namespace ClusterClient.UnitTests.Topology;

public class ClusterMergeTests
{
    // Slot 0 is in a's range; d is a's replica and its heir.
    private static readonly Picture _healthy = Picture.OfSix;
    private static readonly Picture _failedOver = _healthy
        .Replace(_healthy["a"] with { Slots = [], Flags = "fail" })
        .Replace(_healthy["d"] with { MasterName = null, Epoch = 4, Slots = [new(0, 5460)] });

    // b received slot 5 of a and raised its epoch.
    private static readonly Picture _slotMoved = _healthy
        .Replace(_healthy["a"] with { Slots = [new(0, 4), new(6, 5460)] })
        .Replace(_healthy["b"] with { Epoch = 7, Slots = [new(5, 5), new(5461, 10922)] });

    [Fact]
    public void One_view_is_taken_as_it_is()
    {
        TopologySnapshot snapshot = Merging.Merge(_healthy.View()).Snapshot;

        Assert.Equal((3, 3, HashSlot.Count, TopologyKind.Cluster), (snapshot.Masters.Length, snapshot.Replicas.Length, snapshot.CoveredSlots, snapshot.Kind));
        Assert.Equal(Member.IdOf("a"), snapshot.NodeAt(Picture.At(7003))!.MasterId);
        Assert.Equal(2, snapshot.NodeAt(Picture.At(7004))!.ConfigEpoch);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void The_highest_epoch_wins_against_any_majority(int laggards)
    {
        ClusterView[] views = [.. new[] { "b", "c", "e", "f", "d" }.Take(laggards).Select(name => _healthy.SeenBy(name).View()), _failedOver.SeenBy("d").View()];

        ClusterMergeResult result = Merging.Merge(views);

        Assert.Equal(7003, result.OwnerPort(0));
        Assert.True(result.Snapshot.NodeAt(Picture.At(7003))!.IsMaster);
        Assert.Equal(7001, result.OwnerPort(6000));
    }

    [Fact]
    public void A_thawed_master_that_still_believes_in_itself_loses()
    {
        ClusterMergeResult result = Merging.Merge(_healthy.SeenBy("a").View(), _failedOver.SeenBy("d").View());

        Assert.Equal(7003, result.OwnerPort(0));
    }

    [Fact]
    public void A_node_that_only_counts_itself_in_and_serves_nothing_is_no_member()
    {
        Picture with = _healthy with { Members = [.. _healthy.Members, new("g", 7006, 9)] };
        Assert.Equal(7, Merging.Merge(with.View()).Snapshot.Nodes.Length);
        Assert.Equal(7, Merging.Merge(_healthy.View(), with.SeenBy("b").View(), with.SeenBy("g").View()).Snapshot.Nodes.Length);

        Assert.Null(Merging.Merge(_healthy.View(), with.SeenBy("g").View()).Snapshot.NodeAt(Picture.At(7006)));
        Picture serving = with.Replace(with["g"] with { Slots = [new(0, 0)] }).Replace(with["a"] with { Slots = [new(1, 5460)] });
        Assert.Equal(7006, Merging.Merge(_healthy.View(), serving.SeenBy("g").View()).OwnerPort(0));
    }

    [Fact]
    public void A_majority_breaks_ties()
    {
        Picture other = _healthy
            .Replace(_healthy["a"] with { Slots = [new(1, 5460)] })
            .Replace(_healthy["b"] with { Epoch = 1, Slots = [new(0, 0), new(5461, 10922)] });

        Assert.Equal(7001, Merging.Merge(_healthy.SeenBy("c").View(), other.SeenBy("e").View(), other.SeenBy("f").View()).OwnerPort(0));
        Assert.Equal(7000, Merging.Merge(_healthy.SeenBy("c").View(), other.SeenBy("e").View(), _healthy.SeenBy("f").View()).OwnerPort(0));
    }

    [Fact]
    public void What_a_node_disowns_itself_is_not_its_own_whoever_says_so()
    {
        // a moved slot 5 away and then raised its epoch for another reason; c heard of the epoch but not of the move.
        Picture rumour = _healthy.Replace(_healthy["a"] with { Epoch = 9 });
        Picture truth = _slotMoved.Replace(_slotMoved["a"] with { Epoch = 9 });

        Assert.Equal(7001, Merging.Merge(rumour.SeenBy("c").View(), truth.SeenBy("a").View(), truth.SeenBy("b").View()).OwnerPort(5));
        Assert.Equal(7000, Merging.Merge(rumour.SeenBy("c").View()).OwnerPort(5));
    }

    [Fact]
    public void A_round_of_laggards_does_not_undo_the_round_before()
    {
        ClusterMergeResult first = Merging.Merge(_failedOver.SeenBy("d").View());
        ClusterMergeResult second = first.Then(100, _healthy.SeenBy("b").View(), _healthy.SeenBy("c").View());

        Assert.Equal(7003, second.OwnerPort(0));
        Assert.True(second.NeedsAnotherLook);
        Assert.Equal([Picture.At(7003)], second.ToAsk.AsEnumerable());
        Assert.Equal(7003, second.Then(200, _failedOver.SeenBy("b").View()).OwnerPort(0));
    }

    [Fact]
    public void Against_everybody_a_slot_is_held_for_thirty_seconds_only()
    {
        // Somebody reassigned the slots by hand without raising an epoch, and the owner never answers.
        ClusterMergeResult held = Merging.Merge(_failedOver.SeenBy("d").View()).Then(1_000, _healthy.SeenBy("b").View()).Then(30_000, _healthy.SeenBy("b").View());
        Assert.Equal(7003, held.OwnerPort(0));

        Assert.Equal(7000, held.Then(31_000, _healthy.SeenBy("b").View()).OwnerPort(0));
    }

    [Fact]
    public void The_owner_itself_ends_a_dispute_at_once()
    {
        ClusterMergeResult first = Merging.Merge(_failedOver.SeenBy("d").View());
        Picture byHand = _healthy.Replace(_healthy["d"] with { MasterName = null, Epoch = 4 });

        Assert.Equal(7000, first.Then(100, _healthy.SeenBy("b").View(), byHand.SeenBy("d").View()).OwnerPort(0));
    }

    [Fact]
    public void An_owner_that_was_forgotten_holds_nothing()
    {
        ClusterMergeResult first = Merging.Merge(_failedOver.SeenBy("b").View());
        var without = new Picture("b", [.. _healthy.Members.Where(member => member.Name != "d")]);

        Assert.Equal(7000, first.Then(100, without.View()).OwnerPort(0));
    }

    [Fact]
    public void Slots_nobody_serves_any_more_are_uncovered()
    {
        Picture unassigned = _healthy.Replace(_healthy["a"] with { Slots = [new(1, 5460)] });
        ClusterMergeResult result = Merging.Merge(_healthy.View()).Then(100, unassigned.SeenBy("b").View());

        Assert.Null(result.Snapshot.MasterOf(0));
        Assert.Equal(HashSlot.Count - 1, result.Snapshot.CoveredSlots);
    }

    [Fact]
    public void The_silence_of_a_node_that_has_only_just_joined_uncovers_nothing()
    {
        // It has met b so far and knows neither epochs nor slots of the others.
        var newcomer = new Picture("n", new Member("n", 7009, 0), _healthy["b"], new Member("a", 7000, 0), new Member("c", 7002, 0));
        ClusterMergeResult result = Merging.Merge(_healthy.View()).Then(100, newcomer.View());

        Assert.Equal(HashSlot.Count, result.Snapshot.CoveredSlots);
        Assert.Equal((7000, 7002), (result.OwnerPort(0), result.OwnerPort(16383)));
        Assert.NotNull(result.Snapshot.NodeAt(Picture.At(7009)));
    }

    [Fact]
    public void Nothing_changed_gives_the_same_snapshot()
    {
        ClusterMergeResult first = Merging.Merge(_healthy.View());

        Assert.Same(first.Snapshot, first.Then(100, _healthy.SeenBy("c").View(), _healthy.SeenBy("f").View()).Snapshot);
        Assert.False(first.Then(100, _healthy.SeenBy("c").View()).NeedsAnotherLook);
    }

    [Fact]
    public void A_move_outlives_views_that_were_asked_before_it()
    {
        ClusterMergeResult moved = Merging.Merge(_healthy.View(askedAt: 1)).Moved(5, Picture.At(7001), at: 10);

        // Even one with a higher epoch, for it may be older than the redirect.
        Picture higher = _healthy.Replace(_healthy["a"] with { Epoch = 99 });
        ClusterMergeResult after = moved.Then(0, higher.SeenBy("c").View(askedAt: 9), _healthy.SeenBy("b").View(askedAt: 8));

        Assert.Equal((7001, 7000, 1), (after.OwnerPort(5), after.OwnerPort(6), after.Learned.Count));

        // Also when others, asked later, are in the round.
        after = moved.Then(0, higher.SeenBy("c").View(askedAt: 9), _healthy.SeenBy("b").View(askedAt: 8), _healthy.SeenBy("d").View(askedAt: 11));
        Assert.Equal((7001, 7000, 1), (after.OwnerPort(5), after.OwnerPort(6), after.Learned.Count));
    }

    [Fact]
    public void A_move_outlives_views_without_a_newer_epoch()
    {
        ClusterMergeResult moved = Merging.Merge(_healthy.View(askedAt: 1)).Moved(5, Picture.At(7001), at: 10);
        ClusterMergeResult after = moved.Then(0, _healthy.SeenBy("c").View(askedAt: 11), _healthy.SeenBy("d").View(askedAt: 12));

        Assert.Equal((7001, 1), (after.OwnerPort(5), after.Learned.Count));
        Assert.Equal([Picture.At(7001)], after.ToAsk.AsEnumerable());
    }

    [Fact]
    public void A_move_is_settled_by_a_view_that_confirms_it()
    {
        ClusterMergeResult confirmed = Merging.Merge(_healthy.View(askedAt: 1)).Moved(5, Picture.At(7001), at: 10).Then(0, _slotMoved.SeenBy("b").View(askedAt: 11));
        Assert.Equal((7001, 0, false), (confirmed.OwnerPort(5), confirmed.Learned.Count, confirmed.NeedsAnotherLook));

        // And what was confirmed is remembered against those who lag.
        Assert.Equal(7001, confirmed.Then(0, _healthy.SeenBy("c").View(askedAt: 20)).OwnerPort(5));
    }

    [Fact]
    public void A_move_is_overruled_by_a_newer_epoch()
    {
        // After the move to b, c took the slot and raised its epoch.
        Picture onwards = _slotMoved
            .Replace(_slotMoved["b"] with { Slots = [new(5461, 10922)] })
            .Replace(_slotMoved["c"] with { Epoch = 8, Slots = [new(5, 5), new(10923, 16383)] });
        ClusterMergeResult after = Merging.Merge(_healthy.View(askedAt: 1)).Moved(5, Picture.At(7001), at: 10).Then(0, onwards.SeenBy("d").View(askedAt: 11));

        Assert.Equal((7002, 0), (after.OwnerPort(5), after.Learned.Count));
    }

    [Fact]
    public void A_move_ends_when_its_target_disowns_the_slot()
    {
        ClusterMergeResult moved = Merging.Merge(_healthy.View(askedAt: 1)).Moved(5, Picture.At(7001), at: 10);

        Assert.Equal((7001, 1), (moved.Then(0, _healthy.SeenBy("b").View(askedAt: 9)).OwnerPort(5), moved.Learned.Count));
        ClusterMergeResult after = moved.Then(0, _healthy.SeenBy("b").View(askedAt: 11));
        Assert.Equal((7000, 0), (after.OwnerPort(5), after.Learned.Count));
    }

    [Fact]
    public void A_move_to_a_node_that_no_view_knows_yet_stands()
    {
        ClusterMergeResult moved = Merging.Merge(_healthy.View(askedAt: 1)).Moved(5, new("10.0.0.9", 7009), at: 10);
        ClusterMergeResult after = moved.Then(0, _healthy.SeenBy("b").View(askedAt: 11), _healthy.SeenBy("c").View(askedAt: 11));
        Assert.Equal("10.0.0.9:7009", after.Snapshot.MasterOf(5)!.Endpoint.ToString());

        var known = new Picture("b", [.. _slotMoved.Members.Select(member => member.Name == "b" ? _healthy["b"] : member), new("n", 7009, 9, new SlotRange(5, 5)) { Host = "10.0.0.9" }]);
        ClusterMergeResult later = after.Then(0, known.View(askedAt: 20));
        Assert.Equal((Member.IdOf("n"), 0), (later.Snapshot.MasterOf(5)!.Id, later.Learned.Count));
    }

    [Fact]
    public void A_move_contradicted_by_everybody_is_given_up_after_thirty_seconds()
    {
        ClusterMergeResult round = Merging.Merge(_healthy.View(askedAt: 1)).Moved(5, new("10.0.0.9", 7009), at: 10);
        round = round.Then(1_000, _healthy.SeenBy("b").View(askedAt: 11)).Then(30_900, _healthy.SeenBy("b").View(askedAt: 12));
        Assert.Equal(7009, round.OwnerPort(5));

        round = round.Then(31_000, _healthy.SeenBy("b").View(askedAt: 13));
        Assert.Equal((7000, 6), (round.OwnerPort(5), round.Snapshot.Nodes.Length));
    }

    [Fact]
    public void Strangers_are_not_heard_but_a_cluster_built_anew_is()
    {
        var foreign = new Picture("x", new("x", 8000, 50, new SlotRange(0, 16383)), new Member("y", 8001, 50) { MasterName = "x" });
        ClusterMergeResult first = Merging.Merge(_healthy.View());

        Assert.Same(first.Snapshot, first.Then(0, foreign.View(), _healthy.SeenBy("b").View()).Snapshot);
        TopologySnapshot anew = first.Then(0, foreign.View()).Snapshot;
        Assert.Equal([Picture.At(8000), Picture.At(8001)], anew.Nodes.Select(node => node.Endpoint));
        Assert.Equal(8000, anew.MasterOf(0)!.Endpoint.Port);
    }

    [Fact]
    public void A_node_that_was_reset_does_not_empty_the_map()
    {
        var reset = new Picture("z", new Member("z", 7000, 0));
        ClusterMergeResult first = Merging.Merge(_healthy.View());

        RedisException error = Assert.Throws<RedisException>(() => first.Then(0, reset.View()));
        Assert.Contains("127.0.0.1:7000", error.Message, StringComparison.Ordinal);
        Assert.Same(first.Snapshot, first.Then(0, reset.View(), _healthy.SeenBy("b").View()).Snapshot);
    }

    [Fact]
    public void Failure_is_what_at_least_half_the_others_say()
    {
        Picture dead = _healthy.Replace(_healthy["f"] with { Flags = "fail" });
        Picture suspected = _healthy.Replace(_healthy["f"] with { Flags = "fail?" });

        Assert.False(Merging.Merge(dead.View(), dead.SeenBy("b").View(), _healthy.SeenBy("c").View()).Snapshot.NodeAt(Picture.At(7005))!.IsAvailable);
        Assert.True(Merging.Merge(dead.View(), _healthy.SeenBy("b").View(), _healthy.SeenBy("c").View()).Snapshot.NodeAt(Picture.At(7005))!.IsAvailable);
        TopologyNode doubtful = Merging.Merge(suspected.View(), suspected.SeenBy("b").View(), _healthy.SeenBy("c").View()).Snapshot.NodeAt(Picture.At(7005))!;
        Assert.Equal((ClusterNodeFlags.PossiblyFailed, true), (doubtful.Flags, doubtful.IsAvailable));
    }

    [Fact]
    public void An_address_that_changed_hands_belongs_to_who_answers_there()
    {
        // A new node n took over 7005; the old f is still remembered by some.
        Picture taken = new("n", [.. _healthy.Members.Where(member => member.Name != "f"), new("n", 7005, 3) { MasterName = "c" }]);
        TopologySnapshot snapshot = Merging.Merge(_healthy.SeenBy("b").View(), taken.View()).Snapshot;

        Assert.Equal(Member.IdOf("n"), snapshot.NodeAt(Picture.At(7005))!.Id);
        Assert.Equal(6, snapshot.Nodes.Length);
    }

    [Fact]
    public void The_order_of_the_views_does_not_matter()
    {
        Picture[] pictures = [_healthy, _failedOver, _slotMoved];
        Gen<(int Picture, int Name)[]> views = (from picture in Gen.Choose(0, 2) from name in Gen.Choose(0, 5) select (picture, name)).ArrayOf();
        Prop.ForAll(views.Where(some => some.Length > 0).ToArbitrary(), some =>
        {
            ClusterView[] asked = [.. some.DistinctBy(one => one.Name).Select(one => pictures[one.Picture].SeenBy("abcdef"[one.Name].ToString()).View())];
            TopologySnapshot there = Merging.Merge(asked).Snapshot, back = Merging.Merge([.. asked.Reverse()]).Snapshot;
            return Enumerable.Range(0, HashSlot.Count).All(slot => there.MasterOf(slot)?.Endpoint == back.MasterOf(slot)?.Endpoint) && there.CoveredSlots == HashSlot.Count;
        }).QuickCheckThrowOnFailure();
    }
}
