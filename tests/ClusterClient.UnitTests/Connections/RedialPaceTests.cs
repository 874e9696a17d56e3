// A node that commands wait for is dialled often at first; one that nobody wants, that is gone for long, or that refuses, is backed off from.
using ClusterClient.Connections;
using ClusterClient.UnitTests.Topology.Support;

namespace ClusterClient.UnitTests.Connections;

public class RedialPaceTests
{
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(50);
    private readonly FakeTime _time = new();

    private static RedisConnectionException Gone { get; } = new("nobody listens", ConnectionFailure.Refused, Outcome.NotExecuted);

    private static RedisConnectionException Refused { get; } = new("maxclients", ConnectionFailure.Refused, Outcome.NotExecuted) { LeavesNodeAlive = true };

    [Fact]
    public void Whoever_waits_does_not_wait_long() => Assert.InRange(Longest(Pace(), isWaitedFor: true), _short / 2, _short);

    [Fact]
    public void Nobody_waits_so_it_backs_off() => AssertBacksOff(Longest(Pace(), isWaitedFor: false));

    [Theory]
    [InlineData("?reconnectBackoffMin=500ms", 500)]
    [InlineData("?reconnectBackoffMax=20ms", 20)]
    public void What_is_configured_stands(string options, int bound)
    {
        RedialPace pace = Pace(options);
        Assert.InRange(Longest(pace, isWaitedFor: true), TimeSpan.FromMilliseconds(bound / 2), TimeSpan.FromMilliseconds(bound));
        Assert.Equal(bound == 500 ? TimeSpan.FromMilliseconds(500) : null, pace.ShortPause);
    }

    [Fact]
    public void Of_a_node_that_is_gone_for_long_it_backs_off_until_it_was_there_again()
    {
        RedialPace pace = Pace();
        Assert.Null(pace.ShortPause);
        pace.Failed(Gone, isWaitedFor: true);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(_short, pace.ShortPause);
        Assert.InRange(Longest(pace, isWaitedFor: true), _short / 2, _short);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(pace.ShortPause);
        AssertBacksOff(Longest(pace, isWaitedFor: true));

        Assert.Equal((TimeSpan.Zero, 0, null), (pace.Lost(wasStable: true, isWaitedFor: true), pace.Failures, pace.ShortPause));
        Assert.InRange(Longest(pace, isWaitedFor: true), _short / 2, _short);
    }

    [Fact]
    public void Who_dies_young_is_gone_from_then_on()
    {
        RedialPace pace = Pace();
        Assert.Equal((TimeSpan.Zero, 1, _short), (pace.Lost(wasStable: false, isWaitedFor: true), pace.Failures, pace.ShortPause));
        Assert.InRange(Longest(pace, isWaitedFor: true), _short / 2, _short);
        Assert.InRange(Longest(pace, static pace => pace.Lost(wasStable: false, isWaitedFor: true)), _short / 2, _short);
        AssertBacksOff(Longest(pace, static pace => pace.Lost(wasStable: false, isWaitedFor: false)));
        _time.Advance(TimeSpan.FromSeconds(31));
        AssertBacksOff(Longest(pace, static pace => pace.Lost(wasStable: false, isWaitedFor: true)));
    }

    [Fact]
    public void Who_refuses_is_not_dialled_more_often_because_many_wait()
    {
        RedialPace pace = Pace();
        AssertBacksOff(Longest(pace, static pace => pace.Failed(Refused, isWaitedFor: true)));
        Assert.Null(pace.ShortPause);

        // Gone now, and not for long.
        pace.Failed(Gone, isWaitedFor: true);
        Assert.Equal(_short, pace.ShortPause);
    }

    private RedialPace Pace(string options = "") => new(RedisClientOptions.Parse($"redis://h{options}").Snapshot(), _time);

    private static TimeSpan Longest(RedialPace pace, bool isWaitedFor) => Longest(pace, pace => pace.Failed(Gone, isWaitedFor));

    private static TimeSpan Longest(RedialPace pace, Func<RedialPace, TimeSpan> pause) => Enumerable.Range(1, 2000).Max(_ => pause(pace));

    private static void AssertBacksOff(TimeSpan longest) => Assert.InRange(longest, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
}
