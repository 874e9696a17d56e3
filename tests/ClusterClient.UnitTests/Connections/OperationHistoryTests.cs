// What an error tells of a call's way: events in order, repeated ones counted, bounded.
using ClusterClient.Connections;

namespace ClusterClient.UnitTests.Connections;

public class OperationHistoryTests
{
    [Fact]
    public void Repeated_events_are_counted()
    {
        OperationHistory history = default;
        Assert.Null(history.Text);
        history.Add("a answered MOVED");
        Assert.Equal("a answered MOVED", history.Text);
        for (int i = 0; i < 18; i++) history.Add("b answered CLUSTERDOWN");
        history.Add("a answered MOVED");
        Assert.Equal("a answered MOVED; b answered CLUSTERDOWN (18 times); a answered MOVED", history.Text);
    }

    [Fact]
    public void It_is_bounded_and_keeps_the_beginning_and_the_end()
    {
        OperationHistory history = default;
        for (int i = 0; i < 10_000; i++) history.Add($"event {i}");
        Assert.StartsWith("event 0; event 1; ", history.Text, StringComparison.Ordinal);
        Assert.EndsWith("; event 9999", history.Text, StringComparison.Ordinal);
        Assert.InRange(history.Text!.Length, 1000, 1100);
    }
}
