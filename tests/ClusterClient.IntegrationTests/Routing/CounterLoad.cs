// Callers that count up counters of their own and read them, with a record of how every call ended.
using System.Collections.Concurrent;

namespace ClusterClient.IntegrationTests.Routing;

/// <summary>
/// Each counter has one writer and one reader, and a range of numbers of its own: a reply that reached the wrong caller shows at once. A count that
/// does not rise by exactly one shows a write that was lost, or that ran twice.
/// </summary>
internal sealed class CounterLoad
{
    private const long Range = 1_000_000_000;
    private readonly ICommandExecutor _redis;
    private readonly Counter[] _counters;
    private readonly Task[] _callers;
    private TaskCompletionSource<long> _nextWrite = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _writing;
    private long _reads;
    private volatile bool _isStopping;

    private CounterLoad(ICommandExecutor redis, Counter[] counters)
    {
        _redis = redis;
        _counters = counters;
        _open.SetResult();
        _callers = [.. counters.Select(counter => Task.Run(() => WriteAsync(counter))), .. counters.Select(counter => Task.Run(() => ReadAsync(counter)))];
    }

    /// <summary>Whatever must not be: a failed read, a failure of a write other than the honest one, a value out of turn.</summary>
    internal ConcurrentQueue<string> Problems { get; } = [];

    /// <summary>Writes that were on the wire to a node that did not answer.</summary>
    internal ConcurrentQueue<RedisConnectionException> Unknown { get; } = [];

    internal long Reads => Volatile.Read(ref _reads);

    internal long Writes => _counters.Sum(counter => Volatile.Read(ref counter.Value) - counter.Start);

    internal static async Task<CounterLoad> StartAsync(ICommandExecutor redis, string tag, int counters, int firstRange)
    {
        Counter[] all = [.. Enumerable.Range(0, counters).Select(i => new Counter($"{{{tag}}}:counter:{i}", (firstRange + i) * Range))];
        foreach (Counter counter in all) await redis.StringSetAsync(counter.Key, counter.Start);
        return new CounterLoad(redis, all);
    }

    /// <summary>Holds the writers back and waits until none of their writes is under way.</summary>
    internal async Task HoldWritesAsync()
    {
        _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        while (Volatile.Read(ref _writing) > 0) await Task.Delay(1);
    }

    /// <summary>Lets the writers go on and waits until each of them has a write under way.</summary>
    internal async Task ReleaseWritesAsync()
    {
        _open.TrySetResult();
        while (Volatile.Read(ref _writing) < _counters.Length) await Task.Delay(1);
    }

    /// <summary>The moment (a timestamp) at which the next write succeeds.</summary>
    internal Task<long> NextWriteAsync()
    {
        TaskCompletionSource<long> next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _nextWrite, next);
        return next.Task;
    }

    /// <summary>Waits until so many more writes and reads were made.</summary>
    internal async Task WaitForMoreAsync(long calls)
    {
        (long writes, long reads) = (Writes + calls, Reads + calls);
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        while (Writes < writes || Reads < reads) await Task.Delay(5, limit.Token);
    }

    /// <summary>Ends the load; then every counter must stand where its writer's last success left it.</summary>
    internal async Task StopAsync()
    {
        _isStopping = true;
        await Task.WhenAll(_callers);
        foreach (Counter counter in _counters)
        {
            long? end = await _redis.StringGetAsync<long>(counter.Key);
            if (end != counter.Value) Problems.Enqueue($"{counter.Key} ends at {end}, its writer at {counter.Value}");
        }
    }

    private async Task WriteAsync(Counter counter)
    {
        while (!_isStopping)
        {
            Interlocked.Increment(ref _writing);
            Task open = _open.Task;
            if (!open.IsCompleted)
            {
                Interlocked.Decrement(ref _writing);
                await open;
                continue;
            }

            try
            {
                long value = await _redis.StringIncrementAsync(counter.Key);
                if (value != counter.Value + 1) Problems.Enqueue($"{counter.Key} rose from {counter.Value} to {value}");
                Volatile.Write(ref counter.Value, value);
                Volatile.Read(ref _nextWrite).TrySetResult(System.Diagnostics.Stopwatch.GetTimestamp());
            }
            catch (RedisConnectionException lost) when (lost.Outcome == Outcome.Unknown)
            {
                Unknown.Enqueue(lost);
            }
            catch (Exception failure)
            {
                Problems.Enqueue($"INCR {counter.Key}: {failure.GetType().Name}: {failure.Message}");
            }
            finally
            {
                Interlocked.Decrement(ref _writing);
            }
        }
    }

    private async Task ReadAsync(Counter counter)
    {
        for (long last = counter.Start; !_isStopping;)
        {
            try
            {
                long? value = await _redis.StringGetAsync<long>(counter.Key);
                if (value is not { } read || read < last || read >= counter.Start + Range) Problems.Enqueue($"{counter.Key} read as {value} after {last}");
                last = value ?? last;
                Interlocked.Increment(ref _reads);
            }
            catch (Exception failure)
            {
                Problems.Enqueue($"GET {counter.Key}: {failure.GetType().Name}: {failure.Message}");
            }
        }
    }

    private sealed class Counter(RedisKey key, long start)
    {
        internal readonly RedisKey Key = key;
        internal readonly long Start = start;
        internal long Value = start;
    }
}
