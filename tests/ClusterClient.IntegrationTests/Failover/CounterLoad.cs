// Writers that count up counters and keep books: what was acknowledged, and what nobody knows of.
using System.Collections.Concurrent;
using ClusterClient.Protocol;
using ClusterClient.Routing;

namespace ClusterClient.IntegrationTests.Failover;

/// <summary>
/// Each INCR travels with a WAIT 1 behind it on a connection of its own. It counts as acknowledged once a replica has confirmed it; one that was answered but not
/// confirmed, or not answered, counts as unknown; one that certainly did not run does not count.
/// </summary>
internal sealed class CounterLoad
{
    private const int KeysPerWriter = 12;
    private const int ConfirmMilliseconds = 500;
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(3);

    private readonly LeasedCall _redis;
    private readonly Counter[][] _counters;
    private readonly Task[] _writers;
    private readonly CommandInfo _increment = CommandTable.Get("INCR");
    private readonly CommandInfo _wait = CommandTable.Get("WAIT");
    private volatile bool _isStopping;

    internal CounterLoad(RedisClient redis, int writers)
    {
        _redis = redis.Leased(_timeout, _timeout);
        _counters = [.. Enumerable.Range(0, writers).Select(static writer => Enumerable.Range(0, KeysPerWriter).Select(i => new Counter($"counter:{writer}:{i}")).ToArray())];
        _writers = [.. _counters.Select((counters, writer) => Task.Run(() => RunAsync(counters, new Random(writer))))];
    }

    /// <summary>Whatever must not be.</summary>
    internal ConcurrentQueue<string> Problems { get; } = [];

    /// <summary>Calls that failed and did not run, in words.</summary>
    internal ConcurrentQueue<string> NotExecuted { get; } = [];

    internal long Acknowledged => _counters.Sum(static counters => counters.Sum(static counter => Volatile.Read(ref counter.Acknowledged)));

    internal long Unknown => _counters.Sum(static counters => counters.Sum(static counter => Volatile.Read(ref counter.Unknown)));

    internal Task StopAsync()
    {
        _isStopping = true;
        return Task.WhenAll(_writers);
    }

    /// <summary>acknowledged ≤ value ≤ acknowledged + unknown, for each counter.</summary>
    internal async Task CheckAsync(RedisClient redis)
    {
        foreach (Counter counter in _counters.SelectMany(static counters => counters))
        {
            long value = await redis.StringGetAsync<long>(counter.Key) ?? 0;
            if (value < counter.Acknowledged || value > counter.Acknowledged + counter.Unknown)
                Problems.Enqueue($"{counter.Key} is {value}, of which {counter.Acknowledged} were acknowledged and {counter.Unknown} are unknown");
        }
    }

    private async Task RunAsync(Counter[] counters, Random random)
    {
        while (!_isStopping)
        {
            Counter counter = counters[random.Next(counters.Length)];
            try
            {
                (_, long replicas, _) = await _redis.ExecuteAsync(new Command(_increment, counter.Key), Replies.Int64, new Command(_wait, 1, ConfirmMilliseconds), Replies.Int64);
                if (replicas > 0) Interlocked.Increment(ref counter.Acknowledged);
                else Interlocked.Increment(ref counter.Unknown);
            }
            catch (RedisException failure) when (failure.Outcome == Outcome.Unknown)
            {
                Interlocked.Increment(ref counter.Unknown);
            }
            catch (RedisException failure) when (failure.Outcome == Outcome.NotExecuted)
            {
                NotExecuted.Enqueue(failure.Message);
            }
            catch (Exception failure)
            {
                Problems.Enqueue($"{counter.Key}: {failure.GetType().Name}: {failure.Message}");
            }

            await Task.Delay(_pause);
        }
    }

    private sealed class Counter(RedisKey key)
    {
        internal readonly RedisKey Key = key;
        internal long Acknowledged;
        internal long Unknown;
    }
}
