// The operations that wait for a better moment: for a node that serves them, or for a pause to pass.
using ClusterClient.Connections;

namespace ClusterClient.Routing;

/// <summary>
/// A bounded place for operations that no node can take right now. One timer serves all of them; a new topology wakes them
/// at once.
/// </summary>
internal sealed class RetryLine : IOperationParking, IDisposable
{
    private readonly Lock _gate = new();
    private readonly int _maxCommands;
    private readonly Action<Operation> _resume;
    private readonly Func<Exception?>? _obstacle;
    private readonly Timer _timer;
    private PriorityQueue<Operation, (long ResumeAt, long Turn)> _line = new();
    private long _lastTurn;
    private bool _isClosed;
    private int _abandoned;
    private long _timerAt = long.MaxValue;

    /// <param name="maxCommands">How many may wait.</param>
    /// <param name="resume">Takes an operation whose time has come; it is in the phase Dispatching.</param>
    /// <param name="obstacle">Why there is no topology to route by, if it is known.</param>
    internal RetryLine(int maxCommands, Action<Operation> resume, Func<Exception?>? obstacle = null)
    {
        (_maxCommands, _resume, _obstacle) = (maxCommands, resume, obstacle);
        using (ExecutionContext.SuppressFlow())
            _timer = new Timer(static state => ((RetryLine)state!).OnTimer(), this, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>Parks a dispatching operation until <paramref name="pause"/> has passed or the topology changes.</summary>
    /// <returns>False when the line is closed; the operation is still the caller's then.</returns>
    internal bool TryAdd(Operation operation, CommandStage stage, TimeSpan pause, bool awaitsMaster = false)
    {
        long resumeAt = pause == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + Math.Max(1, (long)Math.Ceiling(pause.TotalMilliseconds));
        bool isFull;
        bool isParked = false;
        lock (_gate)
        {
            if (_isClosed) return false;
            isFull = _line.Count - _abandoned >= _maxCommands;
            if (!isFull && (isParked = operation.TryPark(stage, this, awaitsMaster)))
            {
                // Kept over further waits, lest those who came first and were tried in vain stand behind those who came last.
                if (operation.Turn == 0) operation.Turn = ++_lastTurn;
                _line.Enqueue(operation, (resumeAt, operation.Turn));
                SetTimer(resumeAt);
            }
        }

        if (isFull) operation.Fail(Overloaded(operation));
        else if (!isParked) operation.Abort();
        return true;
    }

    /// <summary>Wakes those for whom something has changed, in the order in which they came.</summary>
    /// <param name="isConcerned">Runs under the line's lock.</param>
    internal void Wake(Func<Operation, bool> isConcerned)
    {
        List<(Operation Operation, (long ResumeAt, long Turn) Place)> concerned = [];
        List<Operation> woken = [];
        lock (_gate)
        {
            foreach ((Operation operation, (long ResumeAt, long Turn) place) in _line.UnorderedItems)
            {
                if (isConcerned(operation)) concerned.Add((operation, place));
            }

            if (concerned.Count == 0) return;
            concerned.Sort(static (one, other) => one.Place.Turn.CompareTo(other.Place.Turn));
            _line = new(_line.UnorderedItems.ExceptBy(concerned.Select(static one => one.Place), static item => item.Priority));
            foreach ((Operation operation, _) in concerned)
            {
                if (operation.TryUnpark()) woken.Add(operation);
                else _abandoned--;
            }
        }

        foreach (Operation operation in woken) _resume(operation);
    }

    /// <summary>Empties and closes the line; those still wanted are in the phase Dispatching and the caller's.</summary>
    internal List<Operation> Close()
    {
        List<Operation> taken = [];
        lock (_gate)
        {
            _isClosed = true;
            Take(long.MaxValue, taken);
        }

        return taken;
    }

    /// <summary>Ends the timer; the line is closed before.</summary>
    public void Dispose() => _timer.Dispose();

    Exception? IOperationParking.Obstacle => _obstacle?.Invoke();

    void IOperationParking.OnAbandoned(int size)
    {
        lock (_gate)
        {
            if (++_abandoned * 2 <= _line.Count) return;
            PriorityQueue<Operation, (long ResumeAt, long Turn)> wanted = new();
            foreach ((Operation operation, (long ResumeAt, long Turn) place) in _line.UnorderedItems)
            {
                if (!operation.IsGivenUp)
                {
                    wanted.Enqueue(operation, place);
                    continue;
                }

                _abandoned--;
                operation.TryUnpark();
            }

            _line = wanted;
        }
    }

    private void OnTimer()
    {
        lock (_gate) _timerAt = long.MaxValue;
        Wake(Environment.TickCount64);
    }

    private void Wake(long now)
    {
        List<Operation> woken = [];
        lock (_gate) Take(now, woken);
        foreach (Operation operation in woken) _resume(operation);
    }

    private void Take(long now, List<Operation> taken)
    {
        while (_line.TryPeek(out Operation? operation, out (long ResumeAt, long Turn) place) && place.ResumeAt <= now)
        {
            _line.Dequeue();
            if (operation.TryUnpark()) taken.Add(operation);
            else _abandoned--;
        }

        if (_line.TryPeek(out _, out (long ResumeAt, long Turn) next)) SetTimer(next.ResumeAt);
    }

    private void SetTimer(long resumeAt)
    {
        if (_isClosed || resumeAt >= _timerAt) return;
        _timerAt = resumeAt;
        _timer.Change(Math.Max(1, resumeAt - Environment.TickCount64), Timeout.Infinite);
    }

    private RedisException Overloaded(Operation operation)
        => OperationErrors.Overloaded(operation, $"as many commands as may ({_maxCommands}) already wait for a node that serves them", "Slow down, or raise maxWaitingCommands.");
}
