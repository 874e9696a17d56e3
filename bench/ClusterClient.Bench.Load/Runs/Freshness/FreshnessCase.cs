// One way to read, and who reads so.
namespace ClusterClient.Bench.Load;

/// <param name="Load">The callers, as the table names them.</param>
/// <param name="Name">How fresh their reads are.</param>
/// <param name="Clients">Clients (<see cref="RedisClient"/>) in this process.</param>
/// <param name="Callers">Callers, spread over the clients; each has a key and a view, or a session, of its own.</param>
/// <param name="Pause">What each waits between its calls; zero for none.</param>
/// <param name="Writes">Whether one call in ten is a write.</param>
/// <param name="View">What a caller calls.</param>
internal sealed record FreshnessCase(string Load, string Name, int Clients, int Callers, TimeSpan Pause, bool Writes, Func<RedisClient, ICommandExecutor> View)
{
    private const int WriteEvery = 10;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

    /// <summary>In the order of the table; what is compared stands together.</summary>
    public static IReadOnlyList<FreshnessCase> All { get; } =
    [
        .. Reads("64 callers of one client, at full speed", 1, 64, TimeSpan.Zero, isTight: false),
        .. Mixed("64 callers of one client, one write in ten", 1, 64, TimeSpan.Zero),
        .. Mixed("1,000 callers of one client, 50 ms between calls, one write in ten", 1, 1000, _pause),
        .. Reads("1,000 clients, 50 ms between calls", 1000, 1000, _pause, isTight: true),
        .. Mixed("1,000 clients, 50 ms between calls, one write in ten", 1000, 1000, _pause),
    ];

    public static string KeyOf(int caller) => $"fresh:{caller}";

    public async Task CallAsync(RedisClient redis, int caller, byte[] value, RunWindow window)
    {
        ICommandExecutor view = View(redis);
        CallerRecorder recorder = window.AddRecorder();
        string key = KeyOf(caller);
        if (Pause > TimeSpan.Zero) await Task.Delay(Pause * ((double)caller / Callers));
        for (int turn = caller; !recorder.Stopped; turn++)
        {
            long start = recorder.Start();
            bool isRight = Writes && turn % WriteEvery == 0 ? await view.StringSetAsync(key, value) : !(await view.StringGetAsync(key)).IsNull;
            if (!isRight) throw new InvalidDataException($"The reply for {key} is not what was stored there.");
            recorder.Complete(start);
            if (Pause > TimeSpan.Zero) await Task.Delay(Pause);
        }
    }

    private static IEnumerable<FreshnessCase> Reads(string load, int clients, int callers, TimeSpan pause, bool isTight)
    {
        yield return new(load, "master", clients, callers, pause, Writes: false, static redis => redis);
        yield return new(load, "replicas, any age", clients, callers, pause, Writes: false, static redis => redis.WithReadFrom(ReadFrom.ReplicaPreferred));
        yield return new(load, "MaxStaleness 100 ms", clients, callers, pause, Writes: false, static redis => redis.WithReadFrom(ReadFrom.ReplicaPreferred.WithMaxStaleness(TimeSpan.FromMilliseconds(100))));
        if (isTight) yield return new(load, "MaxStaleness 10 ms", clients, callers, pause, Writes: false, static redis => redis.WithReadFrom(ReadFrom.ReplicaPreferred.WithMaxStaleness(TimeSpan.FromMilliseconds(10))));
    }

    private static IEnumerable<FreshnessCase> Mixed(string load, int clients, int callers, TimeSpan pause)
    {
        yield return new(load, "replicas, any age", clients, callers, pause, Writes: true, static redis => redis.WithReadFrom(ReadFrom.ReplicaPreferred));
        yield return new(load, "a session each", clients, callers, pause, Writes: true, static redis => redis.CreateSession());
    }
}
