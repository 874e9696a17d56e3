// A reader and a writer that never stop, and when each was answered.
using System.Diagnostics;
using ClusterClient;

namespace ReadFromReplica;

internal sealed class Callers : IAsyncDisposable
{
    internal const string Key = "key";

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reader;
    private readonly Task _writer;
    private long _lastWrite;
    private long _longestReadPause;
    private int _reads;
    private int _writes;
    private int _failedReads;
    private int _failedWrites;

    internal Callers(IRedisView redis)
    {
        _reader = Task.Run(() => ReadAsync(redis));
        _writer = Task.Run(() => WriteAsync(redis));
    }

    internal int Reads => Volatile.Read(ref _reads);

    internal int Writes => Volatile.Read(ref _writes);

    internal int FailedReads => Volatile.Read(ref _failedReads);

    internal int FailedWrites => Volatile.Read(ref _failedWrites);

    internal TimeSpan LongestReadPause => TimeSpan.FromSeconds((double)Volatile.Read(ref _longestReadPause) / Stopwatch.Frequency);

    /// <summary>When the last write succeeded.</summary>
    internal long LastWrite => Volatile.Read(ref _lastWrite);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_reader, _writer);
        _stop.Dispose();
    }

    private async Task ReadAsync(IRedisView redis)
    {
        while (!_stop.IsCancellationRequested)
        {
            long begun = Stopwatch.GetTimestamp();
            try
            {
                await redis.StringGetAsync(Key);
                _reads++;
            }
            catch (RedisException)
            {
                _failedReads++;
            }

            _longestReadPause = Math.Max(_longestReadPause, Stopwatch.GetTimestamp() - begun);
            await Task.Delay(1);
        }
    }

    private async Task WriteAsync(IRedisView redis)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await redis.StringIncrementAsync("counter");
                _writes++;
                Volatile.Write(ref _lastWrite, Stopwatch.GetTimestamp());
            }
            catch (RedisException failure)
            {
                _failedWrites++;
                Report.Event($"a write failed: {failure.GetType().Name}, outcome {failure.Outcome}");
            }

            await Task.Delay(1);
        }
    }
}
