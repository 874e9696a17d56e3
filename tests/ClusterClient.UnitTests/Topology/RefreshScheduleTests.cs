// When the topology is read: gaps, joins, back-off, eagerness. No clock but the one in the test.
using ClusterClient.Topology;
using ClusterClient.UnitTests.Topology.Support;

namespace ClusterClient.UnitTests.Topology;

public class RefreshScheduleTests
{
    private static readonly RefreshTiming _timing = new();
    private readonly RefreshSchedule _schedule = new(_timing);

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static RefreshRequest For(TopologyChangeReason reason, int? port = null) => RefreshRequest.Create(reason, port is { } p ? Picture.At(p) : null, null);

    private void Read(TimeSpan at, params NodeEndpoint[] answered)
    {
        _schedule.Begin(at);
        _schedule.Succeed(at, answered, _ => true, null);
    }

    [Fact]
    public void Nothing_is_due_before_anything_is_asked_for() => Assert.Equal(TimeSpan.MaxValue, _schedule.Due(Ms(0)));

    [Fact]
    public void The_period_is_spread_by_a_tenth()
    {
        var seen = new HashSet<TimeSpan>();
        for (int i = 0; i < 200; i++)
        {
            Read(Ms(1000));
            TimeSpan due = _schedule.Due(Ms(1000));
            Assert.InRange(due, Ms(1000) + (0.9 * _timing.Interval), Ms(1000) + (1.1 * _timing.Interval));
            seen.Add(due);
        }

        Assert.True(seen.Count > 100);
    }

    [Theory]
    [InlineData(6, 50, 100)]
    [InlineData(100, 50, 100)]
    [InlineData(2000, 1000, 2000)]
    public void A_large_cluster_is_asked_less_often(int nodes, int urgentGap, int gap)
    {
        _schedule.ScaleTo(nodes);
        Read(Ms(1000));
        _schedule.Add(For(TopologyChangeReason.Moved));
        Assert.Equal(Ms(1000 + gap), _schedule.Due(Ms(1000)));
        _schedule.Add(For(TopologyChangeReason.ConnectionLost));
        Assert.Equal(Ms(1000 + urgentGap), _schedule.Due(Ms(1000)));
        _schedule.ScaleTo(6);
        Assert.Equal(Ms(1050), _schedule.Due(Ms(1000)));
    }

    [Fact]
    public void A_period_of_zero_is_never()
    {
        var schedule = new RefreshSchedule(_timing with { Interval = TimeSpan.Zero });
        schedule.Begin(Ms(0));
        schedule.Succeed(Ms(0), [], _ => true, null);

        Assert.Equal(TimeSpan.MaxValue, schedule.Due(Ms(0)));
    }

    [Theory]
    [InlineData(TopologyChangeReason.Moved, 100)]
    [InlineData(TopologyChangeReason.Disputed, 50)]
    [InlineData(TopologyChangeReason.ConnectionLost, 50)]
    [InlineData(TopologyChangeReason.ClusterDown, 50)]
    [InlineData(TopologyChangeReason.UncoveredSlot, 50)]
    [InlineData(TopologyChangeReason.ReadOnly, 50)]
    [InlineData(TopologyChangeReason.Requested, -1000)]
    public void Each_reason_keeps_its_gap_from_the_read_before(TopologyChangeReason reason, int gap)
    {
        _schedule.Add(For(reason));
        Assert.Equal(TimeSpan.Zero, _schedule.Due(Ms(0))); // nothing was read yet

        Read(Ms(1000));
        _schedule.Add(For(reason));
        Assert.Equal(Ms(1000 + gap), _schedule.Due(Ms(1000)));
    }

    [Fact]
    public void Requests_are_joined_and_the_most_urgent_sets_the_gap()
    {
        Read(Ms(1000));
        _schedule.Add(For(TopologyChangeReason.Moved, 7001));
        _schedule.Add(For(TopologyChangeReason.Moved, 7002));
        _schedule.Add(For(TopologyChangeReason.ClusterDown, 7003));
        _schedule.Add(For(TopologyChangeReason.ConnectionLost, 7004));
        Assert.Equal(Ms(1050), _schedule.Due(Ms(1000)));

        RefreshRequest joined = _schedule.Begin(Ms(1050));
        Assert.Equal(TopologyChangeReason.Moved, joined.Reason);
        Assert.Equal([7001, 7002, 7003], joined.Involved.Select(node => node.Port).Order());
        Assert.Equal([7004], joined.Suspects.Select(node => node.Port));
        Assert.Null(_schedule.Pending);
    }

    [Fact]
    public void MOVED_after_MOVED_is_confirmed_ever_less_often_until_it_stops()
    {
        TimeSpan now = Ms(1000);
        var gaps = new List<double>();
        for (int i = 0; i < 8; i++)
        {
            _schedule.Add(For(TopologyChangeReason.Moved, 7001));
            TimeSpan due = _schedule.Due(now);
            gaps.Add((due - now).TotalMilliseconds);
            now = due < now ? now : due;
            Read(now);
        }

        Assert.Equal([100, 200, 400, 800, 1000, 1000, 1000], gaps[1..]);

        now += Ms(5000);
        _schedule.Add(For(TopologyChangeReason.Moved, 7001));
        Read(now);
        _schedule.Add(For(TopologyChangeReason.Moved, 7001));
        Assert.Equal(now + Ms(100), _schedule.Due(now));
    }

    [Fact]
    public void A_master_that_is_down_keeps_the_reads_coming_until_it_has_an_heir()
    {
        Read(Ms(0));
        _schedule.MasterDown(Picture.At(7000), Ms(0));
        for (int i = 1; i <= 20; i++)
        {
            Assert.Equal(Ms(50 * i), _schedule.Due(Ms(50 * (i - 1))));
            RefreshRequest request = _schedule.Begin(Ms(50 * i));
            Assert.Equal((TopologyChangeReason.ConnectionLost, true), (request.Reason, request.Suspects.Contains(Picture.At(7000))));
            _schedule.Succeed(Ms(50 * i), [Picture.At(7001)], _ => true, null);
        }

        _schedule.Begin(Ms(2000));
        _schedule.Succeed(Ms(2000), [Picture.At(7001)], node => node != Picture.At(7000), null);
        Assert.False(_schedule.IsEager);
        Assert.True(_schedule.Due(Ms(2000)) > Ms(50_000));
    }

    [Fact]
    public void A_master_that_answers_again_is_not_down()
    {
        _schedule.MasterDown(Picture.At(7000), Ms(0));
        Read(Ms(50), Picture.At(7000));

        Assert.False(_schedule.IsEager);
    }

    [Fact]
    public void After_a_while_without_an_heir_the_reads_are_fewer()
    {
        _schedule.MasterDown(Picture.At(7000), Ms(0));
        Read(Ms(29_900));
        Assert.Equal(Ms(29_950), _schedule.Due(Ms(29_900)));
        Read(Ms(30_000));
        Assert.Equal(Ms(30_500), _schedule.Due(Ms(30_000)));
        Read(Ms(120_000));
        Assert.Equal(Ms(122_000), _schedule.Due(Ms(120_000)));
        Read(Ms(3_600_000));
        Assert.Equal(Ms(3_605_000), _schedule.Due(Ms(3_600_000)));

        // Another master goes down: its heir may come at any moment.
        _schedule.MasterDown(Picture.At(7001), Ms(3_600_100));
        Assert.Equal(Ms(3_600_050), _schedule.Due(Ms(3_600_100)));
    }

    [Fact]
    public void What_was_left_open_is_looked_at_soon_and_then_ever_more_rarely()
    {
        TimeSpan now = Ms(0);
        var waits = new List<double>();
        for (int i = 0; i < 8; i++)
        {
            _schedule.Begin(now);
            _schedule.Succeed(now, [], _ => true, new(TopologyChangeReason.Disputed, "open") { Involved = [Picture.At(7001)] });
            TimeSpan due = _schedule.Due(now);
            waits.Add((due - now).TotalMilliseconds);
            now = due;
        }

        Assert.Equal([100, 400, 800, 1600, 3200, 6400, 10000, 10000], waits);
        RefreshRequest look = _schedule.Begin(now);
        Assert.Equal((TopologyChangeReason.Disputed, 7001), (look.Reason, look.Involved.Single().Port));
    }

    [Fact]
    public void A_failed_read_is_repeated_with_back_off_whoever_asks_meanwhile()
    {
        for (int attempt = 1; attempt < 12; attempt++)
        {
            RefreshRequest request = attempt == 1 ? _schedule.Add(For(TopologyChangeReason.ClusterDown, 7003)) : null!;
            request = _schedule.Begin(Ms(0));
            Assert.Equal((TopologyChangeReason.ClusterDown, 7003), (request.Reason, request.Involved.Single().Port));
            _schedule.Fail(Ms(0), request);
            _schedule.MasterDown(Picture.At(7000), Ms(0));
            _schedule.Add(For(TopologyChangeReason.ClusterDown, 7003));
            Assert.InRange(_schedule.Due(Ms(0)), Ms(50), Ms(50) + Ms(Math.Min(1000, 50 * Math.Pow(2, attempt - 1))));
        }

        _schedule.Add(For(TopologyChangeReason.Requested));
        Assert.Equal(TimeSpan.Zero, _schedule.Due(Ms(0)));
    }
}
