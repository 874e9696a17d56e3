// A call in flight together with the type of its reply: the ValueTask source that its consumer awaits.
using System.Diagnostics.CodeAnalysis;
using System.Threading.Tasks.Sources;
using ClusterClient.Protocol;

namespace ClusterClient.Connections;

/// <summary>The pooled source behind a call's <see cref="ValueTask{TResult}"/>. Whoever awaits it never holds up the connection's reader.</summary>
internal sealed class Operation<T> : Operation, IValueTaskSource<T>
{
    private ReplySource<T> _source;
    private ReplyParser<T>? _parser;

    /// <summary>The task of the call's present life; to be awaited once.</summary>
    internal ValueTask<T> Task => new(this, _source.Version);

    /// <summary>Takes an operation from the pool and starts its life: the caller's thread owns it and must dispatch it.</summary>
    internal static Operation<T> Begin(in Command command, ReplyParser<T> parser, OperationOwner owner, int timeoutMilliseconds)
    {
        Operation<T> operation = OperationPool<T>.Rent();
        operation._parser = parser;
        operation.Begin(command, owner, timeoutMilliseconds);
        return operation;
    }

    public T GetResult(short token)
    {
        // An await of a task whose call is over must fail without touching the object's present life, and whoever asks for a
        // result before it is there must not end the life of a call that is still on its way.
        if (token != _source.Version) ThrowAwaitedTwice();
        if (_source.GetStatus(token) == ValueTaskSourceStatus.Pending) ThrowTooEarly();
        try
        {
            return _source.GetResult();
        }
        finally
        {
            ReleaseConsumer();
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _source.OnCompleted(continuation, state, token, flags);

    internal override bool Deliver(ReadOnlySpan<byte> frame, FrameBuffer? buffer)
    {
        T result;
        try
        {
            if (buffer is null || !_parser!.TryTake(frame, buffer, out result))
            {
                RespReader reader = new(frame);
                reader.Read();
                result = _parser!.Parse(ref reader);
            }
        }
        catch (RedisException failure) when (failure is not UnexpectedReplyException)
        {
            Conclude(failure);
            return false;
        }
        catch (Exception failure)
        {
            Conclude(new UnexpectedReplyException(
                $"The reply to {Command.Info.Name} from {Node} cannot be read as {UnexpectedReplyException.NameOf(typeof(T))}: {failure.Message}", failure)
            {
                Node = Node,
                CommandName = Command.Info.Name,
            });
            return false;
        }

        ObserveSuccess();
        return _source.SetResult(result);
    }

    internal override void RunContinuation() => _source.RunContinuation();

    protected override void SetFailure(Exception failure) => _source.SetFailure(failure);

    protected override void Recycle(bool isReusable)
    {
        // Reset in any case: an await of the task that has ended must find another version.
        _parser = null;
        _source.Reset();
        if (isReusable) OperationPool<T>.Return(this);
    }

    [DoesNotReturn]
    private static void ThrowAwaitedTwice()
        => throw new InvalidOperationException("This ValueTask was awaited already. Await it once, or call AsTask() to await it several times.");

    [DoesNotReturn]
    private static void ThrowTooEarly()
        => throw new InvalidOperationException("This call has not ended yet: await its ValueTask. Result and GetResult() do not wait.");
}
