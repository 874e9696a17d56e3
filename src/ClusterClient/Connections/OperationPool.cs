// Where operations rest between two calls.
namespace ClusterClient.Connections;

/// <summary>
/// The pool of operations of one reply type. Each thread keeps a few (a caller's continuation usually runs where its next
/// call is made), and trades them with a shared, bounded store in blocks: a thread that only begins calls and one that
/// only ends them would otherwise allocate and hoard.
/// </summary>
internal static class OperationPool<T>
{
    /// <summary>How many resting operations the process keeps for one reply type beyond those the threads hold.</summary>
    internal const int MaxShared = 16 * 1024;

    private const int LocalSize = 64;
    private const int BlockSize = LocalSize / 2;
    private static readonly Lock _gate = new();
    private static readonly Stack<Operation<T>> _shared = new();

    [ThreadStatic]
    private static LocalStore? _local;

    internal static Operation<T> Rent()
    {
        LocalStore local = _local ??= new LocalStore();
        if (local.Count == 0) local.Refill();
        if (local.Count > 0)
        {
            Operation<T> operation = local.Items[--local.Count]!;
            local.Items[local.Count] = null;
            return operation;
        }

        Operation<T> created = new();
        DeadlineSweeper.Register(created);
        return created;
    }

    internal static void Return(Operation<T> operation)
    {
        LocalStore local = _local ??= new LocalStore();
        if (local.Count == LocalSize) local.Spill(BlockSize);
        local.Items[local.Count++] = operation;
    }

    private sealed class LocalStore
    {
        internal readonly Operation<T>?[] Items = new Operation<T>?[LocalSize];
        internal int Count;

        // A thread that ended leaves its store to the collector; its operations go back to the others. Nothing else
        // tells that a thread has ended, so this is what a finalizer is for.
#pragma warning disable MA0055
        ~LocalStore() => Spill(Count);
#pragma warning restore MA0055

        internal void Refill()
        {
            lock (_gate)
            {
                while (Count < BlockSize && _shared.TryPop(out Operation<T>? operation)) Items[Count++] = operation;
            }
        }

        internal void Spill(int count)
        {
            lock (_gate)
            {
                for (; count > 0; count--)
                {
                    Operation<T> operation = Items[--Count]!;
                    Items[Count] = null;
                    if (_shared.Count < MaxShared) _shared.Push(operation);
                    else DeadlineSweeper.Unregister(operation);
                }
            }
        }
    }
}
