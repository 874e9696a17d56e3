// One command of a batch: its task exists before it is sent.
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using ClusterClient.Connections;
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>One command of a batch, whatever the type of its reply.</summary>
internal abstract class BatchItem
{
    /// <summary>How many bytes it may take on the wire.</summary>
    internal long Size { get; init; }

    /// <summary>Sends it; its task ends as the call does, and the batch hears of that.</summary>
    internal abstract void Send(ICommandExecutor executor, RedisBatch batch);

    /// <summary>Fails it: it was never sent.</summary>
    internal abstract void Abandon(string reason);
}

/// <summary>The source of the task that a batch gives for a command; not pooled, since the batch cannot know for how long it is held.</summary>
internal sealed class BatchItem<T> : BatchItem, IValueTaskSource<T>
{
    private readonly ReplyParser<T> _reply;
    private readonly CancellationToken _cancellationToken;
    private ManualResetValueTaskSourceCore<T> _source;
    private Command _command;
    private ConfiguredValueTaskAwaitable<T>.ConfiguredValueTaskAwaiter _call;
    private RedisBatch? _batch;

    internal BatchItem(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken)
    {
        _command = command;
        _reply = reply;
        _cancellationToken = cancellationToken;
        Size = CommandEncoder.MaxLength(command);
    }

    internal ValueTask<T> Task => new(this, _source.Version);

    internal override void Send(ICommandExecutor executor, RedisBatch batch)
    {
        _batch = batch;
        try
        {
#pragma warning disable CA2012 // The awaiter is consumed once, by Finish: an async method would allocate more for each command.
            _call = executor.ExecuteAsync(_command, _reply, _cancellationToken).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        }
        catch (Exception refused)
        {
            End(refused);
            return;
        }

        // Also what has ended already ends elsewhere: whoever awaits it must not run in the middle of sending the others.
        if (_call.IsCompleted) ThreadPool.UnsafeQueueUserWorkItem(static item => item.Finish(), this, preferLocal: false);
        else _call.UnsafeOnCompleted(Finish);
    }

    internal override void Abandon(string reason)
    {
        _source.RunContinuationsAsynchronously = true;
        _source.SetException(new RedisException($"{_command.Info.Name} was not sent: {reason}. {OperationErrors.Explain(Outcome.NotExecuted)}", Outcome.NotExecuted) { CommandName = _command.Info.Name });
    }

    T IValueTaskSource<T>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<T>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _source.OnCompleted(continuation, state, token, flags);

    private void Finish()
    {
        T result;
        try
        {
#pragma warning disable VSTHRD002 // Completed: this only takes the result.
            result = _call.GetResult();
#pragma warning restore VSTHRD002
        }
        catch (Exception failure)
        {
            End(failure);
            return;
        }

        _call = default;
        _command = default;
        _source.SetResult(result);
        _batch!.OnEnded(this);
    }

    private void End(Exception failure)
    {
        _source.RunContinuationsAsynchronously = true;
        _source.SetException(failure);
        _batch!.OnEnded(this);
    }
}
