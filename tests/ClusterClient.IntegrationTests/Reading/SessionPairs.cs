// Sessions that write a number and read it back, and notice at once when they read an older one.
using System.Diagnostics;

namespace ClusterClient.IntegrationTests.Reading;

/// <summary>What a number of sessions saw.</summary>
/// <param name="Pairs">Writes that were followed by a read.</param>
/// <param name="Stale">Reads that gave an older number than the session had written or read, without the session having said that writes may be lost.</param>
/// <param name="Told">Sessions that said writes may be lost.</param>
/// <param name="Failures">Calls that failed.</param>
internal sealed record SessionPairs(long Pairs, long Stale, int Told, long Failures)
{
    /// <summary>Each session has a key of its own and goes as fast as it can.</summary>
    /// <param name="redis">The client.</param>
    /// <param name="sessions">How many sessions.</param>
    /// <param name="isEnough">Whether so many pairs, all sessions together, are enough.</param>
    /// <param name="keyOf">The key of a session.</param>
    public static async Task<SessionPairs> RunAsync(RedisClient redis, int sessions, Func<long, bool> isEnough, Func<int, string> keyOf)
    {
        long done = 0, stale = 0, failures = 0;
        int told = 0;
        await Task.WhenAll(Enumerable.Range(0, sessions).Select(i => Task.Run(async () =>
        {
            RedisSession session = redis.CreateSession();
            string key = keyOf(i);
            long seen = 0;
            for (long n = 1; !isEnough(Interlocked.Read(ref done)); n++)
            {
                try
                {
                    await session.StringSetAsync(key, n);
                    seen = Math.Max(seen, n);
                    for (int reads = 0; reads < 2; reads++)
                    {
                        long read = await session.StringGetAsync<long>(key) ?? 0;
                        if (read < seen && !session.MayHaveLostWrites) Interlocked.Increment(ref stale);
                        seen = read < seen ? read : Math.Max(seen, read);
                    }
                }
                catch (RedisException)
                {
                    Interlocked.Increment(ref failures);
                }

                Interlocked.Increment(ref done);
            }

            if (session.MayHaveLostWrites) Interlocked.Increment(ref told);
        })));
        return new SessionPairs(done, stale, told, failures);
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
}
