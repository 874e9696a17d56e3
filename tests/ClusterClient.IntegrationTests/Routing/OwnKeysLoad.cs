// Callers that each write and read back their own keys, and keep account of everything that is not as it should be.
using System.Collections.Concurrent;

namespace ClusterClient.IntegrationTests.Routing;

/// <summary>Every key has one writer, so that writer knows what each read must give.</summary>
internal sealed class OwnKeysLoad
{
    private readonly Task[] _callers;
    private long _pairs;
    private volatile bool _isStopping;

    internal OwnKeysLoad(ICommandExecutor redis, int callers, Func<int, int, RedisKey> keyOf, int keysPerCaller)
        => _callers = [.. Enumerable.Range(0, callers).Select(caller => Task.Run(() => RunAsync(redis, caller, keyOf, keysPerCaller)))];

    internal long Pairs => Volatile.Read(ref _pairs);

    internal ConcurrentQueue<string> Problems { get; } = [];

    /// <summary>Waits until so many more pairs were made: proof that the load is really on.</summary>
    internal async Task WaitForPairsAsync(long more)
    {
        long goal = Pairs + more;
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        while (Pairs < goal) await Task.Delay(5, limit.Token);
    }

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
            try
            {
                await redis.StringSetAsync(key, round);
                long? read = await redis.StringGetAsync<long>(key);
                if (read != round) Problems.Enqueue($"{key} gave {read} instead of {round}");
                Interlocked.Increment(ref _pairs);
            }
            catch (Exception failure)
            {
                Problems.Enqueue($"{key}: {failure.GetType().Name}: {failure.Message}");
            }
        }
    }
}
