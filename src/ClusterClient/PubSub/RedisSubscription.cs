// One consumer's subscription: a stream of messages, and what became of it.
using ClusterClient.Connections.Subscriptions;
using ClusterClient.Diagnostics;
using ClusterClient.PubSub;
using Microsoft.Extensions.Logging;

namespace ClusterClient;

/// <summary>
/// A subscription: read its messages with <c>await foreach</c>, one reader at a time. It is kept through lost connections, failovers and moved slots until
/// it is disposed. The stream ends without an error when the subscription or its client is disposed.
/// </summary>
/// <remarks>Pub/sub delivers at most once: what is published while a connection is down is lost, and <see cref="Gap"/> says so.</remarks>
public sealed class RedisSubscription : IAsyncEnumerable<RedisMessage>, IAsyncDisposable
{
    private readonly SubscribedTopic _topic;
    private readonly SubscriptionDirectory _directory;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _gaps;
    private int _isRead;

    internal RedisSubscription(SubscribedTopic topic, SubscriptionDirectory directory, SubscriptionOptions options, ILogger logger)
    {
        _topic = topic;
        _directory = directory;
        _logger = logger;
        Buffer = new MessageBuffer(options);
    }

    /// <summary>
    /// Messages may have been lost; raised when the subscription works again, on the thread pool. An exception it throws is logged and otherwise ignored.
    /// </summary>
    public event EventHandler<SubscriptionGap>? Gap;

    /// <summary>What <see cref="Channel"/> is the name of.</summary>
    public SubscriptionKind Kind => _topic.Kind;

    /// <summary>The channel, the pattern or the shard channel.</summary>
    public RedisChannel Channel => new(_topic.Name);

    /// <summary>How many messages were dropped because this consumer was too slow.</summary>
    public long Dropped => Buffer.Dropped;

    /// <summary>How many gaps there were so far, those of a slow consumer included.</summary>
    public long Gaps => Volatile.Read(ref _gaps);

    /// <summary>How many messages wait for the consumer.</summary>
    public int Waiting => Buffer.Count;

    /// <summary>Whether no server sends its messages at the moment: the connection is lost, or the node that has to be asked is not known.</summary>
    public bool IsInterrupted => !_topic.IsConfirmed;

    /// <summary>Ends with the subscription: without an error when it or the client was disposed, else with the reason.</summary>
    public Task Completion => _completion.Task;

    internal MessageBuffer Buffer { get; }

    /// <summary>Reads the messages as they come.</summary>
    /// <param name="cancellationToken">Ends the reading with an <see cref="OperationCanceledException"/>; the subscription itself goes on.</param>
    /// <exception cref="InvalidOperationException">Somebody reads it already, or a handler does.</exception>
    public IAsyncEnumerator<RedisMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isRead, 1) != 0)
            throw new InvalidOperationException($"The subscription to {Channel} has a reader already. Subscribe again for a second one: both share one subscription on the server.");
        return new MessageEnumerator(Buffer, () => Volatile.Write(ref _isRead, 0), cancellationToken);
    }

    /// <summary>Ends the subscription; on the server when it was the last one to that name. What waits unread is dropped.</summary>
    public ValueTask DisposeAsync()
    {
        _directory.Remove(_topic, this);
        End(null, isDiscarding: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends the stream; the directory has let go of this already, or will.</summary>
    internal void End(Exception? failure, bool isDiscarding = false)
    {
        Buffer.End(failure, isDiscarding);
        if (failure is null) _completion.TrySetResult();
        else if (_completion.TrySetException(failure)) _ = _completion.Task.Exception; // Whoever reads is told; nobody has to look at Completion.
    }

    /// <summary>Takes a message; on the reader of a connection. True when the consumer is to be woken.</summary>
    internal bool Deliver(in RedisMessage message)
    {
        switch (Buffer.Add(message))
        {
            case BufferedMessage.AddedForWaiting:
                return true;
            case BufferedMessage.FirstDropped:
                Report(new SubscriptionGap(SubscriptionGapReason.SlowConsumer, TimeSpan.Zero, null));
                break;
            case BufferedMessage.Overflowed:
                RedisOverloadedException overload = new($"The subscription to {Channel} ended: its consumer is too slow, and {Waiting} messages waited for it when the next one came (SubscriptionOptions).");
                Log.SubscriptionEnded(_logger, Kind.ToString(), overload);
                _directory.Remove(_topic, this);
                End(overload);
                break;
        }

        return false;
    }

    /// <summary>The subscription was interrupted and works again.</summary>
    internal void OnRestored(SubscriptionGap gap)
    {
        Buffer.MarkGap();
        Report(gap);
    }

    /// <summary>Runs a handler for each message until the subscription ends.</summary>
    internal void Handle(Func<RedisMessage, ValueTask> handler)
    {
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(() => HandleAsync(handler));
    }

    private async Task HandleAsync(Func<RedisMessage, ValueTask> handler)
    {
        try
        {
            await foreach (RedisMessage message in ((IAsyncEnumerable<RedisMessage>)this).ConfigureAwait(false))
            {
                try
                {
                    await handler(message).ConfigureAwait(false);
                }
                catch (Exception failure)
                {
                    Log.SubscriptionHandlerFailed(_logger, Kind.ToString(), failure);
                }
            }
        }
        catch (RedisException)
        {
            // Completion has it, and the log.
        }
    }

    private void Report(SubscriptionGap gap)
    {
        Interlocked.Increment(ref _gaps);
        if (Gap is null) return;
        ThreadPool.UnsafeQueueUserWorkItem(
            static told =>
            {
                foreach (EventHandler<SubscriptionGap> handler in Delegate.EnumerateInvocationList(told.Self.Gap))
                {
                    try
                    {
                        handler(told.Self, told.Gap);
                    }
                    catch (Exception failure)
                    {
                        Log.SubscriptionHandlerFailed(told.Self._logger, told.Self.Kind.ToString(), failure);
                    }
                }
            },
            (Self: this, Gap: gap), preferLocal: false);
    }
}
