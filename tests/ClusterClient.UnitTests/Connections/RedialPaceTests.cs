// A node that commands wait for is dialled often at first; one that nobody wants backs off.
using ClusterClient.Connections;

namespace ClusterClient.UnitTests.Connections;

public class RedialPaceTests
{
    private static TimeSpan Longest(string options, bool isWaitedFor)
    {
        RedialPace pace = new(RedisClientOptions.Parse($"redis://h{options}").Snapshot());
        return Enumerable.Range(1, 2000).Max(failures => pace.Next(failures, isWaitedFor));
    }

    [Fact]
    public void Whoever_waits_does_not_wait_long() => Assert.InRange(Longest("", isWaitedFor: true), TimeSpan.FromMilliseconds(25), TimeSpan.FromMilliseconds(50));

    [Fact]
    public void Nobody_waits_so_it_backs_off() => Assert.InRange(Longest("", isWaitedFor: false), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));

    [Theory]
    [InlineData("?reconnectBackoffMin=500ms", 500)]
    [InlineData("?reconnectBackoffMax=20ms", 20)]
    public void What_is_configured_stands(string options, int bound) =>
        Assert.InRange(Longest(options, isWaitedFor: true), TimeSpan.FromMilliseconds(bound / 2), TimeSpan.FromMilliseconds(bound));
}
