// Who counts as near: by clear differences, without wavering.
using ClusterClient.Connections;
using ClusterClient.Routing;

namespace ClusterClient.UnitTests.Routing;

public sealed class NearNodesTests
{
    [Theory]
    [InlineData("1 1.1 1.19", "- - -", "+ + +")]
    [InlineData("10 11 13", "- - -", "+ + -")]
    [InlineData("10 14 16", "+ + +", "+ + -")]
    [InlineData("10 14 16", "- - -", "+ - -")]
    [InlineData("0.1 0.35 0.9", "- - -", "+ + -")]
    [InlineData("0.1 0.65 0.9", "+ + +", "+ + -")]
    [InlineData("0 5 0", "+ + +", "- + -")]
    [InlineData("0 0 0", "- - -", "+ + +")]
    public void A_node_enters_when_it_is_about_as_near_and_leaves_when_it_is_clearly_farther(string milliseconds, string before, string after)
    {
        TimeSpan[] latencies = [.. milliseconds.Split(' ').Select(static text => TimeSpan.FromMilliseconds(double.Parse(text, System.Globalization.CultureInfo.InvariantCulture)))];
        bool[] isIn = [.. before.Split(' ').Select(static text => text == "+")];
        NearNodes.Decide(latencies, isIn);
        Assert.Equal(after, string.Join(' ', isIn.Select(static one => one ? '+' : '-')));
    }

    [Fact]
    public void The_latency_is_the_least_of_the_last_five()
    {
        LatencyWindow window = new();
        Assert.Equal(TimeSpan.Zero, window.Present);
        foreach (int milliseconds in (int[])[9, 2, 7, 8, 6]) window.Add(TimeSpan.FromMilliseconds(milliseconds));
        Assert.Equal(TimeSpan.FromMilliseconds(2), window.Present);
        window.Add(TimeSpan.FromMilliseconds(5));
        window.Add(TimeSpan.FromMilliseconds(6));
        Assert.Equal(TimeSpan.FromMilliseconds(5), window.Present);
    }
}
