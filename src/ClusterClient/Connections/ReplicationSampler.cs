// Asks a server, on one connection, how far it has come in its history: on demand, one question at a time.
using System.Diagnostics;
using ClusterClient.Protocol;

namespace ClusterClient.Connections;

/// <summary>One answer.</summary>
/// <param name="Info">What the server said.</param>
/// <param name="Asked">When it was asked, on the clock of <see cref="Stopwatch"/>: all that had happened then is in the answer.</param>
internal sealed record ReplicationSample(ReplicationInfo Info, long Asked)
{
    /// <summary>When its answer was read, in the order of the connection's answers, on the same clock: what was answered before was executed before.</summary>
    internal long Answered { get; init; }

    /// <summary>The time since it was asked.</summary>
    internal TimeSpan Age => Stopwatch.GetElapsedTime(Asked);
}

/// <summary>
/// An answer speaks for the connection it came on: what is sent behind it on the same one is executed by the same process, which has come at least as
/// far. So each connection has its own, and a new connection knows nothing.
/// </summary>
internal sealed class ReplicationSampler(Connection connection)
{
    /// <summary>A server needs 4 µs for an answer; with this pause it spends less than 1 % of its time on one client, however many ask.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private const int TimeoutMilliseconds = 5000;
    private readonly ReplicationReply _reply = new();
    private readonly Lock _gate = new();
    private ReplicationSample? _latest;
    private ReplicationSample? _latestAsMaster;
    private ReplicationSample? _latestAsReplica;
    private ReplicationSample? _asReplicaBefore;
    private long _outstandingSince;
    private TaskCompletionSource<ReplicationSample>? _next;
    private bool _isAsking;
    private object? _coverage;

    /// <summary>The last answer; null before the first.</summary>
    internal ReplicationSample? Latest => Volatile.Read(ref _latest);

    /// <summary>The last answer in which it called itself a master; null before the first.</summary>
    internal ReplicationSample? LatestAsMaster => Volatile.Read(ref _latestAsMaster);

    /// <summary>An answer in which it called itself a replica, asked for after one moment and given before another; null for none, on the clock of <see cref="Stopwatch"/>.</summary>
    internal ReplicationSample? AsReplicaBetween(long from, long until)
    {
        // The last, or the last of the time before it was a master: who was answered by that master may look only when it is a replica again.
        ReplicationSample? last = Volatile.Read(ref _latestAsReplica), before = Volatile.Read(ref _asReplicaBefore);
        return last is not null && last.Asked > from && last.Answered < until ? last
            : before is not null && before.Asked > from && before.Answered < until ? before
            : null;
    }

    /// <summary>For how long the question that is under way has gone unanswered; zero while none is.</summary>
    internal TimeSpan Outstanding => Volatile.Read(ref _outstandingSince) is var since and not 0 ? Stopwatch.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>What those who compare it with its master have found out on this connection; theirs to read.</summary>
    internal object? Coverage
    {
        get => Volatile.Read(ref _coverage);
        set => Volatile.Write(ref _coverage, value);
    }

    /// <summary>An answer to a question that is asked after this call, behind all that is on the connection by now. Those who ask meanwhile share it.</summary>
    /// <exception cref="RedisException">The server refused, or the connection ended.</exception>
    internal Task<ReplicationSample> SampleAsync()
    {
        TaskCompletionSource<ReplicationSample> mine;
        lock (_gate)
        {
            if (_isAsking) return (_next ??= NewAnswer()).Task;
            _isAsking = true;
            mine = NewAnswer();
        }

        _ = AskAsync(mine);
        return mine.Task;
    }

    /// <summary>Asks until nobody wants to know. Its failures are those of the tasks it completes.</summary>
    private async Task AskAsync(TaskCompletionSource<ReplicationSample> answer)
    {
        while (true)
        {
            long asked = Stopwatch.GetTimestamp();
            Volatile.Write(ref _outstandingSince, asked);
            try
            {
                ReplicationInfo info = await connection.ExecuteAsync(new Command(ControlCommands.Info, "replication"), _reply, TimeoutMilliseconds).ConfigureAwait(false);
                ReplicationSample sample = new(info, asked) { Answered = _reply.ParsedAt };
                Volatile.Write(ref _latest, sample);
                if (!info.IsMaster) Volatile.Write(ref _latestAsReplica, sample);
                else if (_latestAsReplica is { } replica) Volatile.Write(ref _asReplicaBefore, replica);
                if (info is { IsMaster: true, Id.Length: > 0 }) Volatile.Write(ref _latestAsMaster, sample);
                answer.SetResult(sample);
            }
            catch (Exception failure)
            {
                answer.SetException(failure);
                _ = answer.Task.Exception; // Seen: whoever asked may not be interested any more.
            }

            Volatile.Write(ref _outstandingSince, 0);
            TimeSpan left = Pause - Stopwatch.GetElapsedTime(asked);
            if (left > TimeSpan.Zero && IsWanted()) await Task.Delay(Pause).ConfigureAwait(false);
            lock (_gate)
            {
                if (_next is null)
                {
                    _isAsking = false;
                    return;
                }

                (answer, _next) = (_next, null);
            }
        }
    }

    private bool IsWanted()
    {
        lock (_gate) return _next is not null;
    }

    private static TaskCompletionSource<ReplicationSample> NewAnswer() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
