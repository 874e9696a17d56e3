// Callers that write and read their own keys at a steady pace, and remember what went wrong.
using System.Collections.Concurrent;
using System.Diagnostics;
using ClusterClient;

namespace ClusterWatch;

/// <summary>Each caller owns its keys, so it knows what a read may give.</summary>
internal sealed class Load : IAsyncDisposable
{
    private const int Callers = 12;
    private const int KeysOfCaller = 60;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(2);

    private volatile bool _isStopping;
    private readonly Task[] _callers;
    private readonly RedisClient _redis;
    private readonly EventLog _log;
    private readonly ConcurrentDictionary<string, long> _errors = [];
    private long _writes;
    private long _wrong;
    private long _longestGap;

    internal Load(RedisClient redis, EventLog log)
    {
        (_redis, _log) = (redis, log);
        _callers = [.. Enumerable.Range(0, Callers).Select(caller => Task.Run(() => RunAsync(caller)))];
    }

    internal long Writes => Volatile.Read(ref _writes);

    /// <summary>Reads that gave what nobody wrote there, or less than was acknowledged.</summary>
    internal long WrongValues => Volatile.Read(ref _wrong);

    /// <summary>How often each failure came, with what is known of its effect.</summary>
    internal IReadOnlyDictionary<string, long> Errors => _errors;

    /// <summary>The longest a caller waited from one success to the next.</summary>
    internal TimeSpan LongestGap => TimeSpan.FromMilliseconds(Volatile.Read(ref _longestGap));

    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        await Task.WhenAll(_callers);
    }

    /// <summary>A hash tag that keeps all keys of a caller in one slot, so that callers of other shards are seen to go on; the callers are spread evenly.</summary>
    private static string TagOf(int caller)
        => Enumerable.Range(0, int.MaxValue).Select(static i => $"{{{i}}}").First(tag => HashSlot.Of(tag) * Callers / HashSlot.Count == caller);

    private async Task RunAsync(int caller)
    {
        string tag = TagOf(caller);
        long succeeded = Stopwatch.GetTimestamp();
        for (long round = 0; !_isStopping; round++)
        {
            string key = $"watch:{tag}:{round % KeysOfCaller}";
            try
            {
                await _redis.StringSetAsync(key, round);
                Interlocked.Increment(ref _writes);

                // A failover may lose what its master had acknowledged and not yet replicated; but nobody else writes here.
                if (await _redis.StringGetAsync<long>(key) is { } read && (read > round || read % KeysOfCaller != round % KeysOfCaller)) Interlocked.Increment(ref _wrong);
                Note((long)Stopwatch.GetElapsedTime(succeeded).TotalMilliseconds);
                succeeded = Stopwatch.GetTimestamp();
            }
            catch (RedisException error)
            {
                string name = $"{error.GetType().Name}, {error.Outcome}";
                if (_errors.AddOrUpdate(name, 1, static (_, count) => count + 1) == 1) _log.Add(EventKind.Error, $"{error.CommandName} on {error.Node}: {name}");
            }

            await Task.Delay(_pause);
        }
    }

    private void Note(long gap)
    {
        for (long longest = Volatile.Read(ref _longestGap); gap > longest;)
        {
            long seen = Interlocked.CompareExchange(ref _longestGap, gap, longest);
            if (seen == longest) return;
            longest = seen;
        }
    }
}
