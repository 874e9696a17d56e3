// Calls back those who await a reply: where they asked, and with what flows with them.
using System.Runtime.ExceptionServices;

namespace ClusterClient.Connections;

/// <summary>The rules of <see cref="ValueTask"/> for continuations: context, scheduler, and the flow of the execution context.</summary>
internal static class ReplyAwaiter
{
    /// <summary>The context or scheduler that an awaiter is on; null for the thread pool.</summary>
    internal static object? CurrentScheduler()
    {
        if (SynchronizationContext.Current is { } synchronization && synchronization.GetType() != typeof(SynchronizationContext)) return synchronization;
        TaskScheduler scheduler = TaskScheduler.Current;
        return scheduler != TaskScheduler.Default ? scheduler : null;
    }

    /// <summary>Calls back on this thread, unless the awaiter has asked for a scheduler of its own.</summary>
    internal static void Run(Action<object?> continuation, object? state, object? scheduler, ExecutionContext? context)
    {
        if (scheduler is not null) Queue(continuation, state, scheduler, context);
        else if (context is null) continuation(state);
        else ExecutionContext.Run(context, static callback => ((Callback)callback!).Invoke(), new Callback(continuation, state, null));
    }

    /// <summary>Has the awaiter called back by its scheduler or the thread pool. Never throws: a broken context is its awaiter's own trouble.</summary>
    internal static void Queue(Action<object?> continuation, object? state, object? scheduler, ExecutionContext? context)
    {
        try
        {
            if (scheduler is null && context is null) ThreadPool.UnsafeQueueUserWorkItem(continuation, state, preferLocal: true);
            else if (context is null) new Callback(continuation, state, scheduler).Queue();
            else ExecutionContext.Run(context, static callback => ((Callback)callback!).Queue(), new Callback(continuation, state, scheduler));
        }
        catch (Exception failure)
        {
            ThrowElsewhere(failure);
        }
    }

    /// <summary>What an awaiter throws is its own; run by the thread pool it would have ended the process, and so it does.</summary>
    internal static void ThrowElsewhere(Exception failure)
        => ThreadPool.UnsafeQueueUserWorkItem(static thrown => ExceptionDispatchInfo.Throw(thrown), failure, preferLocal: false);

    private sealed class Callback(Action<object?> continuation, object? state, object? scheduler)
    {
        internal void Invoke() => continuation(state);

        /// <summary>In the execution context that shall flow.</summary>
        internal void Queue()
        {
            switch (scheduler)
            {
                case SynchronizationContext synchronization:
#pragma warning disable VSTHRD001 // The awaiter's own context, which it asked to be called back on.
                    synchronization.Post(static callback => ((Callback)callback!).Invoke(), this);
#pragma warning restore VSTHRD001
                    break;
                case TaskScheduler tasks:
                    // The task runs the awaiter's continuation, whose failure is the awaiter's own.
                    _ = Task.Factory.StartNew(continuation, state, CancellationToken.None, TaskCreationOptions.DenyChildAttach, tasks);
                    break;
                default:
                    ThreadPool.QueueUserWorkItem(continuation, state, preferLocal: true);
                    break;
            }
        }
    }
}
