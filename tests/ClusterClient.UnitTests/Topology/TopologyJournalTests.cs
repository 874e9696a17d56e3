// What is kept of the topology's past: bounded, in order, a run of redirects as one entry.
using ClusterClient.Topology;
using ClusterClient.UnitTests.Topology.Support;

namespace ClusterClient.UnitTests.Topology;

public class TopologyJournalTests
{
    private readonly TopologyJournal _journal = new();

    [Fact]
    public void A_run_of_moves_is_one_entry()
    {
        for (int slot = 0; slot < 1000; slot++) _journal.AddMove(slot + 1, $"slot {slot} to h:1");
        for (int i = 0; i < 100; i++) _journal.Add(TopologyChangeReason.Periodic, $"nobody answered {i}");
        _journal.AddMove(1001, "slot 5 to h:2");

        Assert.Equal(["slot 0 to h:1 and 999 more MOVED answers", "nobody answered 0", "nobody answered 99", "slot 5 to h:2"], _journal.Events.Select(static one => one.Text));
        Assert.Equal([1000, 0, 0, 1001], _journal.Events.Select(static one => one.Version));
    }

    [Fact]
    public void Only_the_last_entries_are_kept()
    {
        TopologySnapshot snapshot = Merging.Merge(Picture.OfSix.View()).Snapshot;
        for (int i = 0; i < 200; i++) _journal.Add(new TopologyChange(snapshot, snapshot, TopologyChangeReason.Periodic, $"change {i}"));

        Assert.Equal(64, _journal.Events.Length);
        Assert.Contains("change 199", _journal.Events[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_is_told_in_words()
    {
        TopologySnapshot snapshot = Merging.Merge(Picture.OfSix.View()).Snapshot;
        _journal.Add(new TopologyChange(TopologySnapshot.Unknown, snapshot, TopologyChangeReason.Bootstrap, "the start"));

        Assert.Contains("(Bootstrap: the start), added 127.0.0.1:7000", _journal.Events.Single().ToString(), StringComparison.Ordinal);
    }
}
