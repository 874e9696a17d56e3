// Callers that write and read their own keys all the time, and notice everything that is not as it should be.
using System.Diagnostics;
using ClusterClient;

namespace Quickstart;

/// <summary>Each caller owns its keys, so it knows what every read must give.</summary>
internal sealed class Load : IAsyncDisposable
{
    private const int Callers = 16;
    private const int KeysOfCaller = 64;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _callers;
    private long _pairs;
    private long _errors;
    private long _wrong;
    private long _worstTicks;
    private Exception? _firstError;

    internal Load(RedisClient redis)
        => _callers = [.. Enumerable.Range(0, Callers).Select(caller => Task.Run(() => RunAsync(redis, caller)))];

    /// <summary>Stops the callers and says what they saw.</summary>
    internal async Task ReportAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_callers);
        Report.Line($"{Callers} callers made {_pairs:N0} write-read pairs meanwhile; the slowest took {Stopwatch.GetElapsedTime(0, _worstTicks).TotalMilliseconds:F0} ms");
        Report.Check(_errors == 0, $"{_errors} errors{(_firstError is null ? string.Empty : ": " + _firstError.Message)}");
        Report.Check(_wrong == 0, $"{_wrong} wrong values");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_callers);
        _stop.Dispose();
    }

    private async Task RunAsync(RedisClient redis, int caller)
    {
        for (long round = 0; !_stop.IsCancellationRequested; round++)
        {
            string key = $"load:{caller}:{round % KeysOfCaller}";
            long began = Stopwatch.GetTimestamp();
            try
            {
                await redis.StringSetAsync(key, round);
                if (await redis.StringGetAsync<long>(key) != round) Interlocked.Increment(ref _wrong);
                Interlocked.Increment(ref _pairs);
            }
            catch (RedisException error)
            {
                Interlocked.Increment(ref _errors);
                Interlocked.CompareExchange(ref _firstError, error, null);
            }

            long took = Stopwatch.GetTimestamp() - began;
            for (long worst = Volatile.Read(ref _worstTicks); took > worst;)
            {
                long seen = Interlocked.CompareExchange(ref _worstTicks, took, worst);
                if (seen == worst) break;
                worst = seen;
            }
        }
    }
}
