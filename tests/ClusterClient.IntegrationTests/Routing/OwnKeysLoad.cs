// Callers that each write and read back their own keys, and keep account of everything that is not as it should be.
using System.Collections.Concurrent;
using System.Diagnostics;

namespace ClusterClient.IntegrationTests.Routing;

/// <summary>Every key has one writer, so that writer knows what each read must give.</summary>
internal sealed class OwnKeysLoad
{
    private readonly Task[] _callers;
    private readonly TimeSpan _pause;
    private readonly Lock _gate = new();
    private TimeSpan _worst;
    private long _pairs;
    private volatile bool _isStopping;

    /// <param name="redis">The client, or a view of it.</param>
    /// <param name="callers">How many.</param>
    /// <param name="keyOf">The key of a caller's nth pair.</param>
    /// <param name="keysPerCaller">After so many the first comes again.</param>
    /// <param name="pause">How long each rests between its pairs; null for not at all.</param>
    internal OwnKeysLoad(ICommandExecutor redis, int callers, Func<int, int, RedisKey> keyOf, int keysPerCaller, TimeSpan? pause = null)
    {
        _pause = pause ?? TimeSpan.Zero;
        _callers = [.. Enumerable.Range(0, callers).Select(caller => Task.Run(() => RunAsync(redis, caller, keyOf, keysPerCaller)))];
    }

    internal long Pairs => Volatile.Read(ref _pairs);

    internal ConcurrentQueue<string> Problems { get; } = [];

    /// <summary>The longest that a write and the read after it took together, since <see cref="Measure"/>.</summary>
    internal TimeSpan Worst
    {
        get { lock (_gate) return _worst; }
    }

    /// <summary>Begins to measure anew: the first pairs of a process are compiled as they run.</summary>
    internal void Measure()
    {
        lock (_gate) _worst = TimeSpan.Zero;
    }

    /// <summary>Waits until so many more pairs were made: proof that the load is really on.</summary>
    internal async Task WaitForPairsAsync(long more)
    {
        long goal = Pairs + more;
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        while (Pairs < goal) await Task.Delay(5, limit.Token);
    }

    /// <summary>Nothing went wrong; what did is shown whole.</summary>
    /// <param name="redis">Whose topology's last events are told with it.</param>
    internal void AssertFlawless(RedisClient redis) => Assert.True(
        Problems.IsEmpty, $"{Problems.Count} problems:\n{string.Join("\n", Problems.Take(3))}\n{string.Join("\n", redis.RecentTopologyEvents.TakeLast(30))}");

    internal async Task StopAsync()
    {
        _isStopping = true;
        await Task.WhenAll(_callers);
    }

    private async Task RunAsync(ICommandExecutor redis, int caller, Func<int, int, RedisKey> keyOf, int keysPerCaller)
    {
        for (long round = 1; !_isStopping; round++)
        {
            RedisKey key = keyOf(caller, (int)(round % keysPerCaller));
            long began = Stopwatch.GetTimestamp();
            try
            {
                await redis.StringSetAsync(key, round);
                long? read = await redis.StringGetAsync<long>(key);
                if (read != round) Problems.Enqueue($"{key} gave {read} instead of {round}");
                Interlocked.Increment(ref _pairs);
                lock (_gate)
                {
                    if (Stopwatch.GetElapsedTime(began) is var took && took > _worst) _worst = took;
                }
            }
            catch (Exception failure)
            {
                Problems.Enqueue($"{DateTimeOffset.UtcNow:HH:mm:ss.fff} {key}: {failure.GetType().Name}: {failure.Message}");
            }

            if (_pause > TimeSpan.Zero) await Task.Delay(_pause);
        }
    }
}
