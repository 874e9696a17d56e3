// The pulse of one node's connection: asks for life when it is silent, and says when it seems dead.
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Connections;

/// <summary>
/// Sends PING on a silent connection. Any byte is life: a server in a long script may answer PING with BUSY. Silence is
/// counted in ticks, not in time: a process that was itself suspended would otherwise wake up and condemn a healthy server.
/// </summary>
internal sealed class Heartbeat(NodeConnection node, ClientSettings settings, ILogger logger) : IAsyncDisposable
{
    private const int SuspectAfterTicks = 2;

    private readonly int _hungAfterTicks = Math.Max(SuspectAfterTicks, (int)Math.Ceiling(settings.HangTimeout / settings.HeartbeatInterval));
    private ITimer? _timer;
    private Connection? _watched;
    private long _lastReceived;
    private int _silentTicks;
    private int _isPingInFlight;
    private volatile bool _isSuspect;

    internal bool IsSuspect => _isSuspect;

    internal void Start()
    {
        // An ITimer, because that of the class Timer throws when it is set after its disposal.
        _timer = TimeProvider.System.CreateTimer(static state => ((Heartbeat)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(settings.HeartbeatInterval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A new connection is a new pulse.</summary>
    internal void Reset() => _isSuspect = false;

    public async ValueTask DisposeAsync()
    {
        if (_timer is { } timer) await timer.DisposeAsync().ConfigureAwait(false);
    }

    private void Tick()
    {
        Look();

        // Set anew only now: ticks that pile up behind a busy thread pool would count one silence several times.
        _timer?.Change(settings.HeartbeatInterval, Timeout.InfiniteTimeSpan);
    }

    private void Look()
    {
        node.CloseHungReplaced();
        if (node.Current is not { IsOpen: true } connection) return;
        node.Reads.OnHeartbeat(connection);
        long received = connection.LastReceived;
        if (!ReferenceEquals(connection, _watched) || received != _lastReceived)
        {
            if (_isSuspect) Log.NodeRecovered(logger, node.Endpoint, settings.HeartbeatInterval * _silentTicks);
            _watched = connection;
            _lastReceived = received;
            _silentTicks = 0;
            _isSuspect = false;
            return;
        }

        // Silent since the last tick. Only silence that a reply should have broken counts, so the first tick asks for one.
        if (Interlocked.Exchange(ref _isPingInFlight, 1) == 0) _ = PingAsync(connection);
        if (connection.InFlight == 0) return;
        _silentTicks++;
        if (_silentTicks == SuspectAfterTicks)
        {
            _isSuspect = true;
            Log.NodeSuspect(logger, node.Endpoint, settings.HeartbeatInterval * _silentTicks);
            node.OnSuspect();
        }

        if (_silentTicks >= _hungAfterTicks) connection.Close(ConnectionErrors.Hung(connection, settings.HangTimeout));
    }

    /// <summary>The reply itself does not matter, only that bytes come: an error is life, and no reply shows in the silence.</summary>
    private async Task PingAsync(Connection connection)
    {
        try
        {
            await connection.ExecuteAsync(new Command(ControlCommands.Ping), AnyReply.Instance, settings.HangTimeoutMilliseconds).ConfigureAwait(false);
        }
        catch (RedisException)
        {
            // Refused (BUSY, MISCONF, NOPERM): alive. Timed out or lost: the silence or the connection's end says so.
        }
        finally
        {
            Volatile.Write(ref _isPingInFlight, 0);
        }
    }
}
