// What the servers themselves do during a fault, seen without the client: it is what the client's figures are held against.
using System.Diagnostics;
using System.Net.Sockets;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Failover;

internal static class ServerWatch
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    /// <summary>The moment (a timestamp) at which a replica first says that it is a master; asked about once a millisecond.</summary>
    internal static Task<long> PromotionOf(LocalNode replica) => OnThreadOfItsOwn(() =>
    {
        using CancellationTokenSource end = new(_limit);
        long promoted = 0;
        AskOn(
            replica,
            restMilliseconds: 1,
            connection =>
            {
                if (IsMaster(connection)) promoted = Stopwatch.GetTimestamp();
                return promoted == 0;
            },
            end.Token);
        return promoted != 0 ? promoted : throw new TimeoutException($"{replica} was not promoted within {_limit}.");
    });

    /// <summary>Whether a node says that it is a master.</summary>
    internal static bool IsMaster(RawConnection connection) => connection.Execute("ROLE").Items[0].Text is "master";

    /// <summary>Asks a node again and again, on the caller's thread; connects anew where the server closes the connection, as Sentinel has it do, or is not there.</summary>
    /// <param name="node">The node.</param>
    /// <param name="restMilliseconds">How long it is left alone between two questions.</param>
    /// <param name="ask">Asks; whether to go on asking.</param>
    /// <param name="end">Ends it.</param>
    internal static void AskOn(LocalNode node, int restMilliseconds, Func<RawConnection, bool> ask, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                using RawConnection connection = new(node);
                while (!end.IsCancellationRequested)
                {
                    if (!ask(connection)) return;
                    connection.AwaitEnd(restMilliseconds);
                }
            }
            catch (Exception failure) when (IsOfServer(failure))
            {
                end.WaitHandle.WaitOne(restMilliseconds);
            }
        }
    }

    internal static Task<T> OnThreadOfItsOwn<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    /// <summary>Whether what failed is the server's doing.</summary>
    internal static bool IsOfServer(Exception failure) => failure is IOException or SocketException;
}

/// <summary>
/// Notes how late this process's own timers ran: where several test runs share two processors, that is no delay of the client's.
/// </summary>
internal sealed class Hiccups
{
    private readonly Task _run;
    private TimeSpan _worst;
    private volatile bool _isStopping;

    private Hiccups() => _run = Task.Run(RunAsync);

    internal static Hiccups Start() => new();

    /// <summary>Ends the watch.</summary>
    /// <returns>The longest time by which a continuation came late.</returns>
    internal async Task<TimeSpan> StopAsync()
    {
        _isStopping = true;
        await _run;
        return _worst;
    }

    private async Task RunAsync()
    {
        while (!_isStopping)
        {
            long began = Stopwatch.GetTimestamp();
            await Task.Delay(1);
            if (Stopwatch.GetElapsedTime(began) is var took && took > _worst) _worst = took;
        }
    }
}

/// <summary>Writes one key as often as the servers take it, to whichever of two nodes does: the longest pause is the servers' own.</summary>
internal sealed class WriteProbe
{
    private readonly LocalNode[] _nodes;
    private readonly string _key;
    private readonly Task<TimeSpan> _run;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WriteProbe(string key, LocalNode[] nodes)
    {
        (_key, _nodes) = (key, nodes);
        _run = ServerWatch.OnThreadOfItsOwn(Run);
    }

    /// <summary>Starts, and returns once it has written.</summary>
    internal static async Task<WriteProbe> StartAsync(string key, params LocalNode[] nodes)
    {
        WriteProbe probe = new(key, nodes);
        await Task.WhenAny(probe._run, probe._begun.Task);
        return probe;
    }

    /// <summary>Ends the probe.</summary>
    /// <returns>The longest time between two writes that succeeded one after the other.</returns>
    internal async Task<TimeSpan> StopAsync()
    {
        await _stop.CancelAsync();
        return await _run;
    }

    private TimeSpan Run()
    {
        TimeSpan longest = TimeSpan.Zero;
        long last = 0;
        for (int turn = 0; !_stop.IsCancellationRequested; turn++)
        {
            try
            {
                using RawConnection connection = new(_nodes[turn % _nodes.Length]);
                while (!_stop.IsCancellationRequested)
                {
                    if (connection.Execute("SET", _key, "probe").IsError)
                    {
                        // CLUSTERDOWN and LOADING pass here; MOVED and READONLY say that the other node has it.
                        if (_nodes.Length > 1) break;
                    }
                    else
                    {
                        long now = Stopwatch.GetTimestamp();
                        if (last != 0 && Stopwatch.GetElapsedTime(last, now) is var gap && gap > longest) longest = gap;
                        last = now;
                        _begun.TrySetResult();
                    }

                    connection.AwaitEnd(1);
                }
            }
            catch (Exception failure) when (ServerWatch.IsOfServer(failure))
            {
                _stop.Token.WaitHandle.WaitOne(1);
            }
        }

        return longest;
    }
}
