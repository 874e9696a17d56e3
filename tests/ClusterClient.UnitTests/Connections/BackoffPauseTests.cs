// The pause before the next attempt: it lasts as long as was said, unless somebody cuts it short.
using ClusterClient.Connections;
using ClusterClient.UnitTests.Fakes;
using ClusterClient.UnitTests.Topology.Support;

namespace ClusterClient.UnitTests.Connections;

public class BackoffPauseTests
{
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);
    private readonly FakeTime _time = new();

    [Theory]
    [InlineData(0, 500, 500)] // cut to half a second when it begins
    [InlineData(200, 500, 300)]
    [InlineData(600, 500, 0)] // it has lasted longer already
    [InlineData(200, 2000, 800)] // that is no cut
    [InlineData(200, 0, 0)]
    public async Task It_is_cut_to_a_length_counted_from_its_begin(int after, int length, int left)
    {
        BackoffPause pause = new(_time);
        Task<bool> waiting = pause.WaitAsync(_second, CancellationToken.None).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(after));
        pause.ShortenTo(TimeSpan.FromMilliseconds(length));
        pause.ShortenTo(_second); // the shortest counts
        if (left > 0)
        {
            Assert.Equal([TimeSpan.FromMilliseconds(left)], _time.Pending);
            _time.Advance(TimeSpan.FromMilliseconds(left - 1));
            Assert.False(waiting.IsCompleted);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.True(await Until.EndsAsync(waiting));
        await Until.HoldsAsync(() => _time.Pending.Length == 0);
    }

    [Fact]
    public async Task To_hurry_while_nobody_waits_has_no_effect_on_the_next_pause()
    {
        BackoffPause pause = new(_time);
        pause.Hurry();
        Task<bool> waiting = pause.WaitAsync(_second, CancellationToken.None).AsTask();
        Assert.Equal([_second], _time.Pending);
        pause.Hurry();
        Assert.True(await Until.EndsAsync(waiting));
        pause.Hurry();
        Task<bool> next = pause.WaitAsync(_second, CancellationToken.None).AsTask();
        Assert.False(next.IsCompleted);
        _time.Advance(_second);
        Assert.True(await Until.EndsAsync(next));
    }

    [Fact]
    public async Task Cancelled_it_says_that_there_is_no_next_attempt()
    {
        BackoffPause pause = new(_time);
        using CancellationTokenSource end = new();
        Task<bool> waiting = pause.WaitAsync(_second, end.Token).AsTask();
        Assert.True(await pause.WaitAsync(TimeSpan.Zero, CancellationToken.None));
        await end.CancelAsync();
        Assert.False(await Until.EndsAsync(waiting));
        Assert.False(await pause.WaitAsync(_second, end.Token));
        Assert.False(await pause.WaitAsync(TimeSpan.Zero, end.Token));
    }
}
