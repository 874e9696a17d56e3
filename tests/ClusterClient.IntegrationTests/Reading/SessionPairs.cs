// Sessions that count a number up and read it back, and notice at once when they see an older one.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

/// <summary>What a number of sessions saw.</summary>
/// <param name="Pairs">Writes that were followed by two reads.</param>
/// <param name="Stale">Answers that were older than what the session had written or read, without the session having said that writes may be lost.</param>
/// <param name="Told">Sessions that said writes may be lost.</param>
/// <param name="Lost">Sessions that saw that something was lost.</param>
/// <param name="CriedWolf">Sessions that said so, saw nothing of it, and of no call of which the outcome was unknown.</param>
/// <param name="Failures">Calls that failed.</param>
internal sealed record SessionPairs(long Pairs, long Stale, int Told, int Lost, int CriedWolf, long Failures)
{
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Pairs} write-and-read pairs, {Stale} stale or backward answers, {Told} sessions told that writes may be lost ({Lost} saw it, {CriedWolf} without cause), {Failures} calls failed");
}

/// <summary>Runs them: each session has a key of its own and goes as fast as it can.</summary>
internal sealed class SessionLoad
{
    public const int Sessions = 64;

    /// <summary>Whether somebody has the time for the long rows: CLUSTERCLIENT_LONG asks for a million pairs.</summary>
    public static readonly bool IsLong = Environment.GetEnvironmentVariable("CLUSTERCLIENT_LONG") is not null;

    private readonly CancellationTokenSource _stop = new();
    private readonly Task<Seen>[] _sessions;
    private long _pairs;

    public SessionLoad(RedisClient redis, Func<int, string>? keyOf = null)
        => _sessions = [.. Enumerable.Range(0, Sessions).Select(i => Task.Run(() => RunAsync(redis.CreateSession(), keyOf?.Invoke(i) ?? $"pair:{i}")))];

    public long Pairs => Interlocked.Read(ref _pairs);

    /// <summary>What failed.</summary>
    public ConcurrentQueue<RedisException> Problems { get; } = new();

    /// <summary>So many pairs, or a million.</summary>
    public static long OrAMillion(long pairs) => IsLong ? 1_000_000 : pairs;

    /// <summary>Returns when so many more pairs are done. They stop by themselves only on a bug, which is thrown here.</summary>
    public async Task WaitForMoreAsync(long more)
    {
        long goal = Pairs + more, last = Pairs, movedAt = Stopwatch.GetTimestamp();
        while (Pairs < goal)
        {
            if (Array.Find(_sessions, static session => session.IsCompleted) is { } ended) await ended;
            if (Pairs != last) (last, movedAt) = (Pairs, Stopwatch.GetTimestamp());
            Assert.True(Stopwatch.GetElapsedTime(movedAt) < TimeSpan.FromSeconds(30), $"No pair was done for 30 s ({Problems.LastOrDefault()?.Message}).");
            await Task.Delay(10);
        }
    }

    public async Task<SessionPairs> StopAsync()
    {
        await _stop.CancelAsync();
        Seen[] seen = await Task.WhenAll(_sessions);
        return new(Pairs, seen.Sum(static one => one.Stale), seen.Count(static one => one.WasTold), seen.Count(static one => one.HasLost), seen.Count(static one => one is { WasTold: true, HasLost: false, HasFailed: false }), Problems.Count);
    }

    /// <summary>Sessions that pause between their calls, one in ten of them a write.</summary>
    /// <returns>How many reads were stale.</returns>
    public static async Task<long> RunWithPausesAsync(RedisClient redis, int sessions, TimeSpan pause, TimeSpan time, Func<int, string> keyOf)
    {
        long stale = 0;
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, sessions).Select(i => Task.Run(async () =>
        {
            RedisSession session = redis.CreateSession();
            string key = keyOf(i);
            long written = 0;
            for (int call = i; Stopwatch.GetElapsedTime(started) < time; call++)
            {
                if (call % 10 == 0) await session.StringSetAsync(key, ++written);
                else if ((await session.StringGetAsync<long>(key) ?? 0) != written) Interlocked.Increment(ref stale);
                await Task.Delay(pause);
            }
        })));
        return stale;
    }

    private async Task<Seen> RunAsync(RedisSession session, string key)
    {
        Seen seen = new();
        for (long last = 0; !_stop.IsCancellationRequested; Interlocked.Increment(ref _pairs))
        {
            try
            {
                last = seen.Note(await session.StringIncrementAsync(key), last + 1, session);
                for (int reads = 0; reads < 2; reads++) last = seen.Note(await session.StringGetAsync<long>(key) ?? 0, last, session);
            }
            catch (RedisException problem)
            {
                seen.HasFailed = true;
                Problems.Enqueue(problem);
            }
        }

        seen.WasTold = session.MayHaveLostWrites;
        return seen;
    }

    private sealed class Seen
    {
        private readonly Queue<(long Least, long Answer)> _last = new();

        public long Stale { get; private set; }

        public bool HasLost { get; private set; }

        public bool HasFailed { get; set; }

        public bool WasTold { get; set; }

        /// <summary>Notes an answer, and what it must be at the least.</summary>
        public long Note(long answer, long least, RedisSession session)
        {
            _last.Enqueue((least, answer));
            if (_last.Count > 12) _last.Dequeue();
            if (answer >= least) return answer;
            HasLost = true;
            if (session.MayHaveLostWrites) return answer;
            Stale++;
            Console.WriteLine($"STALE: of a session's answers the last are (at least, was): {string.Join(" ", _last)}");
            return answer;
        }
    }
}
