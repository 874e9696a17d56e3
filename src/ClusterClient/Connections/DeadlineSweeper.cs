// The one clock that ends calls whose deadline has passed.
namespace ClusterClient.Connections;

/// <summary>
/// Sees every operation of the process, wherever it is parked, because it keeps the register of all that were ever made.
/// One timer serves them all: it is set to the earliest deadline known, so a sweep over operations that are all young
/// costs nothing, and a call costs one comparison. Deadlines are met within about 10 ms of the system timer, and never
/// later than <see cref="MaxGapMilliseconds"/>.
/// </summary>
internal static class DeadlineSweeper
{
    /// <summary>
    /// The longest pause between two sweeps while any operation is alive. It bounds the one race that is left open on purpose: a
    /// call whose deadline was compared just before a sweep reset the goal, and whose birth that sweep did not see yet.
    /// </summary>
    internal const int MaxGapMilliseconds = 1000;

    private static readonly Lock _gate = new();
    private static readonly Lock _timerGate = new();
    private static readonly Stack<int> _vacant = new();
    private static readonly Timer _timer = CreateTimer();
    private static Operation?[] _register = new Operation?[64];
    private static int _count;
    private static long _nextSweep = long.MaxValue;

    /// <summary>Enters an operation into the register for the rest of its existence.</summary>
    internal static void Register(Operation operation)
    {
        lock (_gate)
        {
            if (!_vacant.TryPop(out int index))
            {
                index = _count;
                if (index == _register.Length) Array.Resize(ref _register, index * 2);
                _count = index + 1;
            }

            operation.RegisterIndex = index;
            Volatile.Write(ref _register[index], operation);
        }
    }

    /// <summary>Strikes out an operation that will never be used again.</summary>
    internal static void Unregister(Operation operation)
    {
        lock (_gate)
        {
            if (operation.RegisterIndex < 0) return;
            _register[operation.RegisterIndex] = null;
            _vacant.Push(operation.RegisterIndex);
            operation.RegisterIndex = -1;
        }
    }

    /// <summary>Hears of a call's deadline when the call begins.</summary>
    internal static void Notice(long deadline)
    {
        if (deadline < Volatile.Read(ref _nextSweep)) Advance(deadline);
    }

    private static void Advance(long time)
    {
        // A goal never lies further away than the longest gap, so that the timer always runs while calls are made. Goal and timer are set
        // together: of two callers, the one with the later goal must not be the last to set the timer.
        long now = Environment.TickCount64;
        long goal = Math.Min(time, now + MaxGapMilliseconds);
        lock (_timerGate)
        {
            if (goal >= _nextSweep) return;
            Volatile.Write(ref _nextSweep, goal);
            _timer.Change(Math.Max(1, goal - now), Timeout.Infinite);
        }
    }

    private static void Sweep()
    {
        lock (_timerGate) Volatile.Write(ref _nextSweep, long.MaxValue);
        Interlocked.MemoryBarrier();
        Operation?[] register = Volatile.Read(ref _register);
        int count = Math.Min(Volatile.Read(ref _count), register.Length);
        long now = Environment.TickCount64;
        long earliest = long.MaxValue;
        for (int i = 0; i < count; i++)
        {
            if (Volatile.Read(ref register[i]) is { } operation)
                earliest = Math.Min(earliest, operation.Sweep(now));
        }

        // It goes on while anything is registered: idle operations cost a look a second.
        if (earliest != long.MaxValue || count > 0) Advance(Math.Min(earliest, now + MaxGapMilliseconds));
    }

    private static Timer CreateTimer()
    {
        // The timer outlives every caller, so it must not hold on to the execution context of the first.
        using (ExecutionContext.SuppressFlow())
            return new Timer(static _ => Sweep(), null, Timeout.Infinite, Timeout.Infinite);
    }
}
