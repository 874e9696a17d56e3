// One writer after the other at full speed, and when its writes went well or ill.
using System.Collections.Concurrent;
using System.Diagnostics;

namespace ClusterClient.IntegrationTests.Replication;

/// <summary>Increments counters through one client until it is told to stop.</summary>
internal sealed class WriteLoad
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<long> _successes = new();
    private readonly Task _callers;

    public WriteLoad(ICommandExecutor redis, int callers = 8)
        => _callers = Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => WriteAsync(redis, $"counter:{caller}"))));

    /// <summary>What failed.</summary>
    public ConcurrentQueue<RedisException> Problems { get; } = new();

    /// <summary>Returns when so many more writes went well.</summary>
    public async Task WaitForAsync(int more)
    {
        int goal = _successes.Count + more;
        await Testing.Eventually.TrueAsync(() => _successes.Count >= goal, $"{more} more writes go well ({_successes.Count} did; {Problems.FirstOrDefault()?.Message})");
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _callers;
    }

    /// <summary>The time from a moment to the first write that went well after it.</summary>
    public TimeSpan FirstAfter(long moment) => Stopwatch.GetElapsedTime(moment, _successes.Where(time => time > moment).Min());

    /// <summary>The longest time without a write that went well, since a moment.</summary>
    public TimeSpan LongestPauseSince(long moment)
    {
        long[] times = [moment, .. _successes.Where(time => time > moment).Order()];
        return Enumerable.Range(1, times.Length - 1).Max(i => Stopwatch.GetElapsedTime(times[i - 1], times[i]));
    }

    private async Task WriteAsync(ICommandExecutor redis, string key)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await redis.StringIncrementAsync(key);
                _successes.Enqueue(Stopwatch.GetTimestamp());
            }
            catch (RedisException problem)
            {
                Problems.Enqueue(problem);
            }
        }
    }
}
