// Writers that go on through a failover, and what became of their writes.
using System.Collections.Concurrent;
using System.Diagnostics;
using ClusterClient;

namespace SentinelFailover;

internal sealed class WriteLoad
{
    private readonly ConcurrentQueue<long> _ends = new();
    private readonly Task[] _writers;
    private long _unknown;
    private long _failed;
    private volatile bool _isStopping;

    private WriteLoad(RedisClient redis, int writers) => _writers = [.. Enumerable.Range(0, writers).Select(i => Task.Run(() => WriteAsync(redis, $"writer:{i}")))];

    public int Written => _ends.Count;

    public long Unknown => Volatile.Read(ref _unknown);

    public long Failed => Volatile.Read(ref _failed);

    public static WriteLoad Start(RedisClient redis, int writers) => new(redis, writers);

    /// <summary>Waits until so many more writes have succeeded.</summary>
    /// <exception cref="TimeoutException">Not within a minute.</exception>
    public async Task WaitForMoreAsync(int writes)
    {
        long started = Stopwatch.GetTimestamp();
        for (int goal = Written + writes; Written < goal; await Task.Delay(5))
        {
            if (Stopwatch.GetElapsedTime(started) > TimeSpan.FromMinutes(1)) throw new TimeoutException($"{goal - Written} of {writes} more writes did not succeed within a minute.");
        }
    }

    /// <summary>How long after a moment the first write ended.</summary>
    public TimeSpan FirstAfter(long moment) => Stopwatch.GetElapsedTime(moment, _ends.Where(end => end > moment).Min());

    public Task StopAsync()
    {
        _isStopping = true;
        return Task.WhenAll(_writers);
    }

    /// <summary>The longest time between two writes that succeeded one after the other, from a moment on.</summary>
    public TimeSpan LongestPause(long from)
    {
        long[] ends = [.. _ends.Where(end => end > from).Prepend(from).Order()];
        return ends.Zip(ends.Skip(1), static (one, next) => Stopwatch.GetElapsedTime(one, next)).DefaultIfEmpty().Max();
    }

    private async Task WriteAsync(RedisClient redis, string key)
    {
        for (long i = 0; !_isStopping; i++)
        {
            try
            {
                await redis.StringSetAsync(key, i);
                _ends.Enqueue(Stopwatch.GetTimestamp());
            }
            catch (RedisException unknown) when (unknown.Outcome == Outcome.Unknown)
            {
                Interlocked.Increment(ref _unknown);
            }
            catch (RedisException failure)
            {
                Interlocked.Increment(ref _failed);
                Report.Event(failure.Message);
            }

            await Task.Delay(5);
        }
    }
}
