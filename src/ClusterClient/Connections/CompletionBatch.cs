// The calls that one receive has answered: runs what awaits them, together, off the reader's way.
using Microsoft.Extensions.ObjectPool;

namespace ClusterClient.Connections;

/// <summary>
/// Runs the continuations of calls whose replies came together. One by one through the thread pool, each would cost a queue entry and
/// often a wake; here the thread that received runs them all, after the next receive has been begun, so that the reader never waits for them.
/// </summary>
/// <remarks>
/// User code may block in a continuation. So, before one is run while others are left or while a drain is owed, a helper waits in the thread
/// pool: it takes over what is left. What the continuations send is sent when the batch is through or the helper comes: the commands of a
/// batch of callers travel together, as their replies did.
/// </remarks>
internal sealed class CompletionBatch : IThreadPoolWorkItem
{
    /// <summary>So many are run together at most.</summary>
    internal const int Capacity = 1024;

    /// <summary>What so many have sent is enough for one send: the server may begin with it while the others go on.</summary>
    private const int SendEvery = 64;

    /// <summary>
    /// Kept for all connections together. On a busy machine many are out, since each waits for its helper to find that nothing is left; one that has
    /// grown to <see cref="Capacity"/> holds 16 KiB.
    /// </summary>
    private const int MaximumRetained = 256;

    private static readonly DefaultObjectPool<CompletionBatch> _pool = new(new DefaultPooledObjectPolicy<CompletionBatch>(), MaximumRetained);

    [ThreadStatic]
    private static CompletionBatch? _current;

    private Answered[] _answered = new Answered[64];
    private int _count;
    private int _taken;
    private int _holders;
    private int _isHelperQueued;
    private SendQueue? _owed;

    /// <summary>The batch whose continuations this thread runs just now.</summary>
    internal static CompletionBatch? Current => _current;

    internal int Count => _count;

    internal static CompletionBatch Rent() => _pool.Get();

    internal void Add(Operation operation)
    {
        if (_count == _answered.Length) Array.Resize(ref _answered, _count * 2);
        _answered[_count++] = new Answered(operation, operation.Life);
    }

    /// <summary>Runs the continuations on this thread. The next receive must be under way.</summary>
    internal void Run()
    {
        _holders = 1;
        if (_count == 1)
        {
            // A lonely caller: nothing is left to others, and what it sends goes its usual way.
            _taken = 1;
            RunOne(0);
            Release();
            return;
        }

        Work();
    }

    /// <summary>Has the continuations run by the thread pool.</summary>
    internal void RunElsewhere()
    {
        _isHelperQueued = 1;
        _holders = 1;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Takes over the duty to drain a queue that a continuation of this batch has appended to.</summary>
    internal void Owe(SendQueue queue)
    {
        SendQueue? first = Volatile.Read(ref _owed);
        while (true)
        {
            queue.NextOwed = first;
            SendQueue? seen = Interlocked.CompareExchange(ref _owed, queue, first);
            if (ReferenceEquals(seen, first)) break;
            first = seen;
        }

        EnsureHelper();
    }

    void IThreadPoolWorkItem.Execute()
    {
        // A full fence: whoever owes after this look at what is owed sees that no helper is queued.
        Interlocked.Exchange(ref _isHelperQueued, 0);
        DrainOwed();
        Work();
    }

    private void Work()
    {
        _current = this;
        for (int i; (i = Interlocked.Increment(ref _taken) - 1) < _count;)
        {
            if (i + 1 < _count) EnsureHelper();
            RunOne(i);
            if (i % SendEvery == SendEvery - 1) DrainOwed();
        }

        _current = null;
        DrainOwed();
        Release();
    }

    private void RunOne(int index)
    {
        Answered answered = _answered[index];
        _answered[index] = default;
        ExecutionContext? clean = ExecutionContext.Capture();
        try
        {
            // A consumer that took its result without waiting for its own continuation has ended that life: it is not called in the next.
            if (answered.Operation.Life == answered.Life) answered.Operation.RunContinuation();
        }
        catch (Exception failure)
        {
            // What an awaiter throws is its own; run by the thread pool it would have ended the process, and so it does.
            ReplyAwaiter.ThrowElsewhere(failure);
        }

        // As the thread pool does between two of its entries: what one caller leaves on the thread is not the next one's.
        if (clean is not null && !ReferenceEquals(ExecutionContext.Capture(), clean)) ExecutionContext.Restore(clean);
        if (SynchronizationContext.Current is not null) SynchronizationContext.SetSynchronizationContext(null);
    }

    private void EnsureHelper()
    {
        if (Volatile.Read(ref _isHelperQueued) != 0 || Interlocked.Exchange(ref _isHelperQueued, 1) != 0) return;
        Interlocked.Increment(ref _holders);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void DrainOwed()
    {
        if (Volatile.Read(ref _owed) is null) return;
        SendQueue? queue = Interlocked.Exchange(ref _owed, null);
        while (queue is not null)
        {
            // Read first: once drained, it may be owed again.
            SendQueue? next = queue.NextOwed;
            queue.NextOwed = null;
            queue.Drain(inline: true);
            queue = next;
        }
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0) return;
        _count = 0;
        _taken = 0;
        _pool.Return(this);
    }

    /// <summary>A call in the life in which it was answered.</summary>
    private readonly record struct Answered(Operation Operation, int Life);
}
