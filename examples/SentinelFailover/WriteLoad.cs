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
                Console.WriteLine(failure.Message);
            }

            await Task.Delay(5);
        }
    }
}
