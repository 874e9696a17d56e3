// A writer that numbers its writes and knows, by the master's own word, where each stands in the replication stream.
using System.Diagnostics;
using System.Globalization;
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Reading;

/// <summary>The only one that writes while it runs, on a thread of its own.</summary>
internal sealed class ReplicationClock
{
    public const string Key = "clock";

    private static readonly string s_padding = new('.', 200);

    private readonly LocalNode _master;
    private readonly long[] _endedAt = new long[2_000_000];
    private readonly long[] _offsets = new long[2_000_000];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<long> _run;
    private long _last;

    public ReplicationClock(LocalNode master)
    {
        _master = master;
        _run = ServerWatch.OnThreadOfItsOwn(Run);
    }

    /// <summary>The last write that has ended.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>When a write had ended, as its writer saw it.</summary>
    public long EndedAt(long write) => _endedAt[write];

    /// <summary>The length of the master's stream behind a write.</summary>
    public long OffsetOf(long write) => _offsets[write];

    /// <summary>The last write that had ended at a moment; 0 for none.</summary>
    public long LastAt(long moment)
    {
        long low = 0, high = Last;
        while (low < high)
        {
            long middle = (low + high + 1) / 2;
            if (_endedAt[middle] <= moment) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    /// <returns>How many writes there were.</returns>
    public async Task<long> StopAsync()
    {
        await _stop.CancelAsync();
        return await _run;
    }

    private long Run()
    {
        using RawConnection connection = new(_master);
        for (long n = 1; n < _endedAt.Length && !_stop.IsCancellationRequested; n++)
        {
            RawReply set = connection.Execute("SET", Key, $"{n}{s_padding}");
            if (set.IsError) throw new InvalidOperationException(set.Text);
            long ended = Stopwatch.GetTimestamp();
            _offsets[n] = connection.Info("replication").ReplicationOffset!.Value;
            _endedAt[n] = ended;
            Volatile.Write(ref _last, n);
        }

        return Last;
    }
}

/// <summary>What a replica itself says, asked every millisecond on a thread of its own.</summary>
internal static class ReplicaWatch
{
    /// <summary>The moment at which a replica has its link back and all that its master had a millisecond before; and from there, how long until somebody reads from it.</summary>
    public static Task<(long CaughtUp, TimeSpan UsedAgain)> CatchUp(LocalNode replica, LocalNode master) => ServerWatch.OnThreadOfItsOwn(() =>
    {
        using RawConnection connection = new(replica), other = new(master);
        long linkedAt = -1, had = 0;

        // A link that is up says little: after a full synchronisation up to a second passes before the master sends on what it has written meanwhile.
        Until(connection, "it has caught up", "replication", info =>
        {
            long offset = info.IsMasterLinkUp is true ? info.GetInt64("slave_repl_offset") ?? -1 : -1;
            bool hasAll = linkedAt >= 0 && offset > linkedAt && offset >= had;
            had = other.Info("replication").ReplicationOffset!.Value;
            if (offset >= 0 && linkedAt < 0) linkedAt = had;
            return hasAll;
        });
        long caughtUp = Stopwatch.GetTimestamp();
        long before = Gets(connection.Info("commandstats"));
        Until(connection, "it is read from", "commandstats", info => Gets(info) > before);
        return (caughtUp, Stopwatch.GetElapsedTime(caughtUp));
    });

    /// <summary>How long all replicas need, on average, until they have a write and have said so (WAIT), tried every 10 ms: where servers starve they lag, and nobody may read from them.</summary>
    public static Task<TimeSpan> MeanLag(LocalNode master, int replicas, CancellationToken end) => ServerWatch.OnThreadOfItsOwn(() =>
    {
        using RawConnection connection = new(master);
        long total = 0, tries = 0;
        for (; !end.IsCancellationRequested; tries++)
        {
            connection.Execute("SET", "lag", "1");
            long written = Stopwatch.GetTimestamp();
            connection.Execute("WAIT", replicas.ToString(CultureInfo.InvariantCulture), "1000");
            total += Stopwatch.GetTimestamp() - written;
            connection.AwaitEnd(10);
        }

        return TimeSpan.FromSeconds((double)total / Math.Max(1, tries) / Stopwatch.Frequency);
    });

    private static long Gets(ServerInfo statistics) => ServedCounts.Part(statistics["cmdstat_get"], "calls");

    private static void Until(RawConnection connection, string what, string section, Func<ServerInfo, bool> holds)
    {
        long started = Stopwatch.GetTimestamp();
        while (!holds(connection.Info(section)))
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(20), $"Not within 20 s: {what}.");
            connection.AwaitEnd(1);
        }
    }
}
