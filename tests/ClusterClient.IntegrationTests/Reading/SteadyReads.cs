// Callers that read one key all the time, and the longest time without an answer.
using System.Collections.Concurrent;
using System.Diagnostics;
using ClusterClient.IntegrationTests.Testing;

namespace ClusterClient.IntegrationTests.Reading;

internal sealed class SteadyReads
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _callers;
    private long _last = Stopwatch.GetTimestamp();
    private long _longest;
    private int _count;

    public SteadyReads(ICommandExecutor view, string key, int callers = 4)
        => _callers = Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => ReadAsync(view, key))));

    public ConcurrentQueue<Exception> Problems { get; } = new();

    /// <summary>The longest time in which no read was answered, since <see cref="Measure"/> or the start.</summary>
    public TimeSpan LongestPause => TimeSpan.FromSeconds((double)Volatile.Read(ref _longest) / Stopwatch.Frequency);

    public async Task WaitForAsync(int more)
    {
        int goal = Volatile.Read(ref _count) + more;
        await Eventually.TrueAsync(() => Volatile.Read(ref _count) >= goal, $"{more} more reads ({Problems.FirstOrDefault()?.Message})");
    }

    /// <summary>Begins to look for the longest pause now.</summary>
    public void Measure()
    {
        Volatile.Write(ref _last, Stopwatch.GetTimestamp());
        Volatile.Write(ref _longest, 0);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _callers;
    }

    private async Task ReadAsync(ICommandExecutor view, string key)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if ((string?)await view.StringGetAsync(key) != key) Problems.Enqueue(new InvalidOperationException("A read gave another value."));
            }
            catch (RedisException problem)
            {
                Problems.Enqueue(problem);
                continue;
            }

            Interlocked.Increment(ref _count);
            long now = Stopwatch.GetTimestamp();
            long pause = now - Interlocked.Exchange(ref _last, now);
            for (long longest = Volatile.Read(ref _longest); pause > longest; longest = Volatile.Read(ref _longest)) Interlocked.CompareExchange(ref _longest, pause, longest);
        }
    }
}
