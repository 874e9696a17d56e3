// The one clock that ends calls whose deadline has passed.
namespace ClusterClient.Connections;

/// <summary>
/// Sees every operation of the process, wherever it is parked, because it keeps the register of all that were ever made.
/// One timer serves them all: it is set to the earliest deadline known, a call costs one comparison, and the timer rests
/// while nothing is on its way. Deadlines are met within about 10 ms, the grain of the system's timer.
/// </summary>
internal static class DeadlineSweeper
{
    /// <summary>The longest pause between two sweeps while calls are made: it bounds how long a forgotten result is kept.</summary>
    private const int MaxGapMilliseconds = 1000;

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

        // A call first writes its birth, then compares its deadline with the goal. A processor may do the two the other way round: it would see
        // the old goal, and this sweep would not see the call. The barrier for all threads, once a sweep, spares each call one of its own.
        Interlocked.MemoryBarrierProcessWide();
        Operation?[] register = Volatile.Read(ref _register);
        int count = Math.Min(Volatile.Read(ref _count), register.Length);
        long now = Environment.TickCount64;
        long earliest = long.MaxValue;
        for (int i = 0; i < count; i++)
        {
            if (Volatile.Read(ref register[i]) is { } operation)
                earliest = Math.Min(earliest, operation.Sweep(now));
        }

        if (earliest != long.MaxValue) Advance(earliest);
    }

    private static Timer CreateTimer()
    {
        // The timer outlives every caller, so it must not hold on to the execution context of the first.
        using (ExecutionContext.SuppressFlow())
            return new Timer(static _ => Sweep(), null, Timeout.Infinite, Timeout.Infinite);
    }
}
