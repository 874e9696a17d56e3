// The result of one call and whoever awaits it: the core of a pooled ValueTask source whose continuation others can run.
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;

namespace ClusterClient.Connections;

/// <summary>
/// What <see cref="ManualResetValueTaskSourceCore{TResult}"/> does, except that publishing a result and running the continuation are
/// two steps: the reader publishes each reply as it is read, and the continuations of a whole batch run later, together
/// (see <see cref="CompletionBatch"/>). A mutable struct: keep it in a field that is not readonly.
/// </summary>
internal struct ReplySource<T>
{
    private static readonly Action<object?> _ended = static _ => throw new InvalidOperationException("This mark is not a continuation.");

    private T? _result;
    private ExceptionDispatchInfo? _failure;

    // Null at first; then the continuation, or the mark of the end, whichever comes first.
    private Action<object?>? _continuation;
    private object? _state;
    private object? _scheduler;
    private ExecutionContext? _context;
    private short _version;
    private volatile bool _isEnded;

    /// <summary>Tells one life from the next.</summary>
    internal readonly short Version => _version;

    /// <summary>Publishes a result. True when somebody has registered a continuation: <see cref="RunContinuation"/> must be called once then.</summary>
    internal bool SetResult(T result)
    {
        _result = result;
        return End();
    }

    /// <summary>Publishes a failure and has the continuation run by the thread pool.</summary>
    internal void SetFailure(Exception failure)
    {
        _failure = ExceptionDispatchInfo.Capture(failure);
        if (End()) ReplyAwaiter.Queue(_continuation!, _state, _scheduler, _context);
    }

    /// <summary>Runs the continuation here, unless its awaiter has asked for a scheduler of its own.</summary>
    /// <remarks>Reads all it needs first: the continuation may end this life and the next one may begin.</remarks>
    internal readonly void RunContinuation()
    {
        Action<object?>? continuation = Volatile.Read(in _continuation);
        object? state = _state;

        // A consumer that asked for a callback and looked for itself as well may have ended this life.
        if (continuation is null || ReferenceEquals(continuation, _ended)) return;
        if (_scheduler is null && _context is null) continuation(state);
        else ReplyAwaiter.Run(continuation, state, _scheduler, _context);
    }

    internal readonly ValueTaskSourceStatus GetStatus(short token)
    {
        ThrowIfOver(token);
        // Both, or a consumer that looks between the two steps of the end could finish this life, and the second step would mark the next.
        if (Volatile.Read(in _continuation) is null || !_isEnded) return ValueTaskSourceStatus.Pending;
        return _failure is null ? ValueTaskSourceStatus.Succeeded
            : _failure.SourceException is OperationCanceledException ? ValueTaskSourceStatus.Canceled : ValueTaskSourceStatus.Faulted;
    }

    internal readonly T GetResult()
    {
        _failure?.Throw();
        return _result!;
    }

    internal void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        ThrowIfOver(token);
        ExecutionContext? context = flags.HasFlag(ValueTaskSourceOnCompletedFlags.FlowExecutionContext) ? ExecutionContext.Capture() : null;
        object? scheduler = flags.HasFlag(ValueTaskSourceOnCompletedFlags.UseSchedulingContext) ? ReplyAwaiter.CurrentScheduler() : null;
        _state = state;
        _context = context;
        _scheduler = scheduler;
        Action<object?>? before = Interlocked.CompareExchange(ref _continuation, continuation, null);
        if (before is null) return;
        if (!ReferenceEquals(before, _ended)) throw new InvalidOperationException("This ValueTask is awaited already. Await it once, or call AsTask() to await it several times.");
        ReplyAwaiter.Queue(continuation, state, scheduler, context);
    }

    /// <summary>Makes it ready for another life.</summary>
    internal void Reset()
    {
        _version++;
        _result = default;
        _failure = null;
        _continuation = null;
        _state = null;
        _scheduler = null;
        _context = null;
        _isEnded = false;
    }

    private bool End()
    {
        // The end is written before the exchange: an awaiter that finds the mark finds the result, too.
        _isEnded = true;
        return Volatile.Read(ref _continuation) is not null || Interlocked.CompareExchange(ref _continuation, _ended, null) is not null;
    }

    private readonly void ThrowIfOver(short token)
    {
        if (token != _version) ThrowAwaitedTwice();
    }

    [DoesNotReturn]
    private static void ThrowAwaitedTwice()
        => throw new InvalidOperationException("This ValueTask was awaited already. Await it once, or call AsTask() to await it several times.");
}
