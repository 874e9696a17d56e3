// The deadline of a call that is made of several steps.
namespace ClusterClient.Routing;

/// <summary>One deadline for all steps. It stands still while the call waits unsent for a master, as that of an <c>Operation</c> does.</summary>
/// <param name="timeoutMilliseconds">From now.</param>
/// <param name="failoverTimeoutMilliseconds">How long altogether it may stand still (<see cref="RedisClientOptions.FailoverTimeout"/>).</param>
internal sealed class CallDeadline(int timeoutMilliseconds, int failoverTimeoutMilliseconds)
{
    private readonly long _started = Environment.TickCount64;
    private long _end = Environment.TickCount64 + timeoutMilliseconds;
    private long _mayStandStill = failoverTimeoutMilliseconds;

    internal bool HasPassed => Environment.TickCount64 >= _end;

    /// <summary>Milliseconds; at least 1.</summary>
    internal int Left => (int)Math.Max(1, _end - Environment.TickCount64);

    /// <summary>How long ago the call began, in milliseconds.</summary>
    internal long Elapsed => Environment.TickCount64 - _started;

    /// <summary>Since then the call has waited for a master.</summary>
    /// <param name="since">On the clock of <see cref="Environment.TickCount64"/>.</param>
    internal void StoodStill(long since)
    {
        long waited = Math.Min(Environment.TickCount64 - since, _mayStandStill);
        _end += waited;
        _mayStandStill -= waited;
    }
}
