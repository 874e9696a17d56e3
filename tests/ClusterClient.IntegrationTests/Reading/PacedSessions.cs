// Sessions that pause between their calls, as requests of people do: replicas answer most of their reads, and each notices at once when it sees an older value.
using System.Collections.Concurrent;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Reading;

/// <summary>What a number of such sessions saw.</summary>
/// <param name="Writes">Writes that were acknowledged.</param>
/// <param name="Reads">Reads that were answered.</param>
/// <param name="Stale">Answers that were older than what the session had written or read, without the session having said that writes may be lost.</param>
/// <param name="Told">Sessions that said writes may be lost.</param>
/// <param name="Lost">Sessions that saw that something was lost.</param>
/// <param name="StepsBack">How often the same key went back under one session, at the most.</param>
internal sealed record PacedPairs(long Writes, long Reads, long Stale, int Told, int Lost, int StepsBack)
{
    public override string ToString() => $"{PacedSessions.Sessions} paced sessions: {Writes} writes, {Reads} reads, {Stale} stale or backward answers, {Told} told ({Lost} saw it)";
}

/// <summary>
/// A write, then twenty reads 1 to 10 ms apart, over three keys of a session: the first read after a write is the master's, which is then asked how far it had come, and those behind
/// it are the replicas'. Every second session is used by two callers at once. They read by GETRANGE, which nothing else here does: the servers' own count tells who answered.
/// </summary>
internal sealed class PacedSessions
{
    public const int Sessions = 24;

    /// <summary>How many calls may be on their way at once.</summary>
    public const int Callers = Sessions * 3 / 2;

    /// <summary>The command they read by, as servers count it.</summary>
    public const string ReadCommand = "getrange";

    private const int Keys = 3;
    private const int ReadsPerWrite = 20;

    private readonly CancellationTokenSource _stop = new();
    private readonly Task<Paced>[] _sessions;
    private long _writes;
    private long _reads;

    /// <param name="redis">The client.</param>
    /// <param name="keyOf">The n-th key of a session; null for keys anywhere.</param>
    public PacedSessions(RedisClient redis, Func<int, int, string>? keyOf = null)
        => _sessions = [.. Enumerable.Range(0, Sessions).Select(i => Task.Run(() => RunAsync(redis.CreateSession(), i, keyOf ?? (static (session, n) => $"paced:{session}:{n}"))))];

    public long Reads => Interlocked.Read(ref _reads);

    /// <summary>What failed.</summary>
    public ConcurrentQueue<RedisException> Problems { get; } = new();

    /// <summary>Why sessions said that writes may be lost, by what they knew; once they have stopped.</summary>
    public IReadOnlyList<string> Losses { get; private set; } = [];

    public async Task<PacedPairs> StopAsync()
    {
        await _stop.CancelAsync();
        Paced[] seen = await Task.WhenAll(_sessions);
        Losses = [.. seen.Select(static one => one.Session.Loss).OfType<string>()];
        return new(
            Interlocked.Read(ref _writes), Reads, seen.Sum(static one => one.Keys.Sum(static key => key.Stale)), seen.Count(static one => one.Session.MayHaveLostWrites),
            seen.Count(static one => one.Keys.Any(static key => key.StepsBack > 0)), seen.Max(static one => one.Keys.Max(static key => key.StepsBack)));
    }

    private async Task<Paced> RunAsync(RedisSession session, int number, Func<int, int, string> keyOf)
    {
        SeenKey[] keys = [.. Enumerable.Range(0, Keys).Select(n => new SeenKey(session, keyOf(number, n)))];
        await Task.WhenAll(Enumerable.Range(0, 1 + (number % 2)).Select(caller => CallAsync(session, keys, new Random((2 * number) + caller))));
        return new(session, keys);
    }

    private async Task CallAsync(RedisSession session, SeenKey[] keys, Random random)
    {
        for (int call = random.Next(ReadsPerWrite); !_stop.IsCancellationRequested; call++)
        {
            SeenKey key = keys[random.Next(keys.Length)];
            SeenKey.Before before = key.Begin();
            try
            {
                if (call % (ReadsPerWrite + 1) == 0)
                {
                    key.End(before, await session.StringIncrementAsync(key.Name), by: 1);
                    Interlocked.Increment(ref _writes);
                }
                else
                {
                    RedisValue read = await session.StringGetRangeAsync(key.Name, 0, -1);
                    key.End(before, read.IsNullOrEmpty ? 0 : (long)read, by: 0);
                    Interlocked.Increment(ref _reads);
                }
            }
            catch (RedisException problem)
            {
                Problems.Enqueue(problem);
            }

            await Task.Delay(random.Next(1, 11));
        }
    }

    private sealed record Paced(RedisSession Session, SeenKey[] Keys);

    /// <summary>What a session has seen of one key; of any number of callers at once.</summary>
    private sealed class SeenKey(RedisSession session, string name)
    {
        private readonly Lock _gate = new();
        private Before _seen;

        public string Name => name;

        public long Stale { get; private set; }

        public int StepsBack => _seen.Losses;

        /// <summary>A call begins: what has ended before it must be seen by it.</summary>
        public Before Begin()
        {
            lock (_gate) return _seen;
        }

        /// <summary>It was answered.</summary>
        /// <param name="before">What had ended before it began.</param>
        /// <param name="answer">The number.</param>
        /// <param name="by">By how much the call itself raised it.</param>
        public void End(Before before, long answer, long by)
        {
            bool wasTold = session.MayHaveLostWrites;
            lock (_gate)
            {
                // Another caller has found out meanwhile that something was lost: this answer may be of before that.
                if (before.Losses != _seen.Losses) return;
                if (answer >= before.Highest + by)
                {
                    _seen = _seen with { Highest = Math.Max(_seen.Highest, answer) };
                    return;
                }

                _seen = new(answer, _seen.Losses + 1);
                if (wasTold) return;
                Stale++;
                Console.WriteLine($"STALE: {name}, of which {before.Highest} had been seen, was {answer} {(by == 0 ? "read" : "after it was counted up")}.");
            }
        }

        /// <param name="Highest">The highest number seen since something was lost for the last time.</param>
        /// <param name="Losses">How often something was.</param>
        public readonly record struct Before(long Highest, int Losses);
    }
}
