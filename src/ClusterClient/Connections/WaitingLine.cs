// The operations that wait for a node: for its connection, or for room on it.
using ClusterClient.Protocol;

namespace ClusterClient.Connections;

/// <summary>
/// A bounded first-in first-out line. Operations given up meanwhile stop counting at once and are swept out when they are
/// half of the line, so that a dead node's line neither fills with the dead nor costs a search per death.
/// </summary>
internal sealed class WaitingLine(int maxCommands, long maxBytes) : IOperationParking
{
    private readonly Lock _gate = new();
    private Queue<Operation> _line = new();
    private long _bytes;
    private int _abandoned;
    private volatile bool _isOccupied;

    /// <summary>Whether anybody waits: newcomers must get in line then.</summary>
    internal bool IsOccupied => _isOccupied;

    /// <summary>How many wait, those given up included until they are swept out.</summary>
    internal int Count
    {
        get { lock (_gate) return _line.Count; }
    }

    /// <summary>Puts a dispatching operation at the end of the line, or fails it when the line is full. What an ASK has sent here does not wait: its owner decides anew.</summary>
    internal void Add(Operation operation, CommandStage stage, string node)
    {
        if (operation.Asking)
        {
            OperationOwner.HandRerouted(operation);
            return;
        }

        int size = (int)Math.Min(CommandEncoder.MaxLength(operation.Command), int.MaxValue);
        bool isFull, isLong;
        bool isParked = false;
        lock (_gate)
        {
            int waiting = _line.Count - _abandoned;
            isLong = waiting >= maxCommands;
            isFull = isLong || (waiting > 0 && _bytes + size > maxBytes);
            if (!isFull)
            {
                operation.EncodedLength = size;
                isParked = operation.TryPark(stage, this, awaitsMaster: stage == CommandStage.WaitingForConnection);
                if (isParked)
                {
                    _line.Enqueue(operation);
                    _bytes += size;
                    _isOccupied = true;
                }
            }
        }

        if (isFull) operation.Fail(Overloaded(operation, node, isLong));
        else if (!isParked) operation.Abort();
    }

    /// <summary>Sends as many as the connection takes, in order.</summary>
    internal void Pump(Connection connection)
    {
        if (!_isOccupied) return;
        List<(Operation Operation, Exception? Failure)>? ended = null;
        lock (_gate)
        {
            while (connection.IsOpen && !connection.IsFull() && _line.TryDequeue(out Operation? operation))
            {
                if (!operation.TryUnpark())
                {
                    _abandoned--;
                    continue;
                }

                _bytes -= operation.EncodedLength;

                try
                {
                    // The bounds were looked at under this lock, and newcomers get in line: only an ending connection refuses now.
                    if (connection.TryAppend(operation) != AppendResult.Appended && !TryPutBack(operation)) (ended ??= []).Add((operation, null));
                }
                catch (Exception failure)
                {
                    // A memory that its caller took back cannot be encoded; the others go on.
                    (ended ??= []).Add((operation, failure));
                }
            }

            _isOccupied = _line.Count > 0;
        }

        foreach ((Operation operation, Exception? failure) in ended ?? [])
        {
            if (failure is null) operation.Abort();
            else operation.Fail(failure);
        }
    }

    /// <summary>Empties the line; those still wanted are in the phase Dispatching and the caller's.</summary>
    internal List<Operation> TakeAll() => Take(static _ => true);

    /// <summary>Takes some out of the line; those still wanted are in the phase Dispatching and the caller's.</summary>
    /// <param name="isTaken">Runs under the line's lock.</param>
    internal List<Operation> Take(Func<Operation, bool> isTaken)
    {
        List<Operation> taken = [];
        lock (_gate)
        {
            for (int left = _line.Count; left > 0; left--)
            {
                Operation operation = _line.Dequeue();
                if (!operation.IsGivenUp && !isTaken(operation))
                {
                    _line.Enqueue(operation);
                }
                else if (operation.TryUnpark())
                {
                    _bytes -= operation.EncodedLength;
                    taken.Add(operation);
                }
                else
                {
                    _abandoned--;
                }
            }

            _isOccupied = _line.Count > 0;
        }

        return taken;
    }

    /// <summary>Tells those who wait why they still do, for the error if it comes to one.</summary>
    internal void Explain(Exception failure)
    {
        lock (_gate)
        {
            foreach (Operation operation in _line) operation.LastFailure = failure;
        }
    }

    void IOperationParking.OnAbandoned(int size)
    {
        lock (_gate)
        {
            _bytes -= size;

            // The counter is paid back when the entry leaves the line, which may have happened already: it may dip below zero.
            if (++_abandoned * 2 <= _line.Count) return;
            Queue<Operation> wanted = new();
            while (_line.TryDequeue(out Operation? operation))
            {
                if (!operation.IsGivenUp)
                {
                    wanted.Enqueue(operation);
                    continue;
                }

                _abandoned--;
                operation.TryUnpark();
            }

            _line = wanted;
            _isOccupied = _line.Count > 0;
        }
    }

    /// <summary>The connection ended under our hands: the operation goes back to the front of the line, unless it was given up meanwhile.</summary>
    private bool TryPutBack(Operation operation)
    {
        if (!operation.TryPark(CommandStage.WaitingForConnection, this, awaitsMaster: true)) return false;
        Queue<Operation> line = new(_line.Count + 1);
        line.Enqueue(operation);
        while (_line.TryDequeue(out Operation? next)) line.Enqueue(next);
        _line = line;
        _bytes += operation.EncodedLength;
        return true;
    }

    private RedisException Overloaded(Operation operation, string node, bool isLong)
        => isLong
            ? OperationErrors.Overloaded(operation, $"as many commands as may ({maxCommands}) already wait for {node}", "Slow down, or raise maxWaitingCommands.")
            : OperationErrors.Overloaded(operation, $"the commands that already wait for {node} leave no room for its bytes ({maxBytes} may wait)", "Slow down, or raise maxWaitingBytes.");
}
