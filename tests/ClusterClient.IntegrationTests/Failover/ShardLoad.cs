// Callers of one shard, with a record of how every call ended and when.
using System.Collections.Concurrent;
using System.Diagnostics;

namespace ClusterClient.IntegrationTests.Failover;

/// <summary>
/// Each writer counts up a counter of its own, each reader reads a key that never changes. Counters have ranges of their own, so that a reply that
/// reached the wrong caller shows. A failover may lose acknowledged writes (replication is asynchronous), so a count may fall; that it rises by more than
/// what was asked for shows a write that ran twice.
/// </summary>
internal sealed class ShardLoad
{
    private const long Range = 1_000_000_000;
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);
    private static int _ranges;

    private readonly ICommandExecutor _redis;
    private readonly TimeSpan _pause;
    private readonly List<Call>[] _writes;
    private readonly List<Call>[] _reads;
    private readonly Task[] _callers;
    private long _done;
    private volatile bool _isStopping;

    private ShardLoad(ICommandExecutor redis, string tag, int writers, int readers, TimeSpan pause, bool isIdempotent)
    {
        (_redis, Tag, _pause) = (redis, tag, pause);
        _writes = [.. Enumerable.Range(0, writers).Select(static _ => new List<Call>())];
        _reads = [.. Enumerable.Range(0, readers).Select(static _ => new List<Call>())];
        _callers =
        [
            .. _writes.Select((calls, i) => Task.Run(() => isIdempotent ? SetAsync(i, calls) : CountAsync(i, calls))),
            .. _reads.Select((calls, i) => Task.Run(() => ReadAsync(i, calls))),
        ];
    }

    internal string Tag { get; }

    /// <summary>Whatever must not be: a failed read, a write that failed without being honest about it, a reply that is not the caller's.</summary>
    internal ConcurrentQueue<string> Problems { get; } = [];

    /// <summary>Writes whose outcome nobody knows.</summary>
    internal ConcurrentQueue<RedisException> Unknown { get; } = [];

    internal int Writes => _writes.Sum(static calls => calls.Count);

    internal int Reads => _reads.Sum(static calls => calls.Count);

    /// <param name="redis">The client, or a view of it.</param>
    /// <param name="tag">A text whose slot is the shard's.</param>
    /// <param name="writers">How many write.</param>
    /// <param name="readers">How many read.</param>
    /// <param name="pause">How long each caller rests between its calls, so that the servers are not starved by their clients.</param>
    /// <param name="isIdempotent">Whether writers set instead of counting, so that a write may be repeated.</param>
    internal static async Task<ShardLoad> StartAsync(ICommandExecutor redis, string tag, int writers = 8, int readers = 4, TimeSpan? pause = null, bool isIdempotent = false)
    {
        for (int i = 0; i < readers; i++) await redis.StringSetAsync($"{{{tag}}}:still:{i}", $"{tag} {i}");
        ShardLoad load = new(redis, tag, writers, readers, pause ?? TimeSpan.FromMilliseconds(5), isIdempotent);
        await load.WaitForMoreAsync(10 * (writers + readers));
        return load;
    }

    /// <summary>Waits until so many more calls have succeeded.</summary>
    internal async Task WaitForMoreAsync(long calls)
    {
        long goal = Volatile.Read(ref _done) + calls;
        long started = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _done) < goal)
        {
            if (Stopwatch.GetElapsedTime(started) > _limit) throw new TimeoutException($"The callers of {Tag} made no progress for {_limit}. {string.Join("; ", Problems.Take(5))}");
            await Task.Delay(5);
        }
    }

    internal Task StopAsync()
    {
        _isStopping = true;
        return Task.WhenAll(_callers);
    }

    /// <summary>From a moment to the end of the first write that ended after it; once stopped.</summary>
    internal TimeSpan FirstWriteAfter(long moment) => Stopwatch.GetElapsedTime(moment, _writes.SelectMany(static calls => calls).Where(call => call.Ended > moment).Min(static call => call.Ended));

    /// <summary>From a moment until every writer has written again; once stopped.</summary>
    internal TimeSpan EveryWriterAfter(long moment) => Stopwatch.GetElapsedTime(moment, _writes.Max(calls => calls.Find(call => call.Ended > moment).Ended));

    /// <summary>The longest time without a write of the shard that succeeded, in a stretch of time, from its begin on; once stopped.</summary>
    internal TimeSpan LongestPause(long from, long to = long.MaxValue)
    {
        long[] ends = [from, .. _writes.SelectMany(static calls => calls).Select(static call => call.Ended).Where(ended => ended > from && ended < to).Order()];
        return ends.Zip(ends.Skip(1), static (one, next) => Stopwatch.GetElapsedTime(one, next)).Max();
    }

    /// <summary>How long calls of a stretch of time took, writes and reads; once stopped.</summary>
    /// <param name="quantile">0.99 for the 99th percentile; 1 for the worst.</param>
    /// <param name="from">Calls begun from here on count.</param>
    /// <param name="to">Calls begun before this count.</param>
    internal TimeSpan Latency(double quantile, long from, long to)
    {
        TimeSpan[] took = [.. _writes.Concat(_reads).SelectMany(static calls => calls).Where(call => call.Began >= from && call.Began < to)
            .Select(static call => Stopwatch.GetElapsedTime(call.Began, call.Ended)).Order()];
        return took[(int)Math.Min(took.Length - 1, quantile * took.Length)];
    }

    /// <summary>No read failed, every reply was its caller's, and no write failed but those that were on the wire.</summary>
    internal void AssertHonest(int mostUnknown)
    {
        Assert.Empty(Problems);
        Assert.InRange(Unknown.Count, 0, mostUnknown);
        Assert.All(Unknown, static failure => Assert.IsType<RedisConnectionException>(failure));
    }

    private async Task CountAsync(int writer, List<Call> calls)
    {
        RedisKey key = $"{{{Tag}}}:counter:{writer}";
        long start = Interlocked.Increment(ref _ranges) * Range;
        await _redis.StringSetAsync(key, start);
        long last = start, unknown = 0;
        while (!_isStopping)
        {
            long began = Stopwatch.GetTimestamp();
            try
            {
                long value = await _redis.StringIncrementAsync(key);
                Succeeded(calls, began);
                if (value <= 0 || value > last + 1 + unknown || (value < start && value > unknown + calls.Count)) Problems.Enqueue($"{key} rose from {last} to {value} with {unknown} unknown");
                (last, unknown) = (value, 0);
            }
            catch (RedisException failure) when (failure.Outcome == Outcome.Unknown)
            {
                unknown++;
                Unknown.Enqueue(failure);
            }
            catch (Exception failure)
            {
                Problems.Enqueue($"INCR {key}: {failure.GetType().Name}: {failure.Message}");
            }

            await Task.Delay(_pause);
        }
    }

    private async Task SetAsync(int writer, List<Call> calls)
    {
        RedisKey key = $"{{{Tag}}}:set:{writer}";
        for (long round = 0; !_isStopping; round++)
        {
            long began = Stopwatch.GetTimestamp();
            try
            {
                if (!await _redis.StringSetAsync(key, round)) Problems.Enqueue($"SET {key} gave false");
                Succeeded(calls, began);
                if (await _redis.StringGetAsync<long>(key) is var read && read != round) Problems.Enqueue($"{key} gave {read} instead of {round}");
            }
            catch (Exception failure)
            {
                Problems.Enqueue($"SET {key}: {failure.GetType().Name}: {failure.Message}");
            }

            await Task.Delay(_pause);
        }
    }

    private async Task ReadAsync(int reader, List<Call> calls)
    {
        RedisKey key = $"{{{Tag}}}:still:{reader}";
        while (!_isStopping)
        {
            long began = Stopwatch.GetTimestamp();
            try
            {
                string? value = await _redis.StringGetAsync(key);
                Succeeded(calls, began);
                if (value != $"{Tag} {reader}") Problems.Enqueue($"{key} read as {value}");
            }
            catch (Exception failure)
            {
                Problems.Enqueue($"GET {key}: {failure.GetType().Name}: {failure.Message}");
            }

            await Task.Delay(_pause);
        }
    }

    private void Succeeded(List<Call> calls, long began)
    {
        calls.Add(new(began, Stopwatch.GetTimestamp()));
        Interlocked.Increment(ref _done);
    }

    private readonly record struct Call(long Began, long Ended);
}
