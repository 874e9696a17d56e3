// What is said on one subscription connection: commands in order, each matched with its confirmation or refusal.
using System.Buffers;
using ClusterClient.Configuration;
using ClusterClient.Protocol;

namespace ClusterClient.Connections.Subscriptions;

/// <summary>
/// Speaks RESP3 and RESP2 alike. Each command names one topic, so that a refusal has one too; the server answers in order, with a push, an array or an
/// error. In RESP2 a connection with subscriptions takes nothing but (P|S)SUBSCRIBE, (P|S)UNSUBSCRIBE and PING, which is all that is said here.
/// </summary>
internal sealed class SubscriptionConversation : IUnaskedFrames
{
    private const int SilentAfterTicks = 2;

    private readonly SubscriptionLink _link;
    private readonly ISubscriptionObserver _observer;
    private readonly Lock _gate = new();
    private readonly Queue<Question> _unanswered = new();
    private volatile bool _isSilent;

    internal SubscriptionConversation(SubscriptionLink link, Connection connection, ISubscriptionObserver observer)
    {
        _link = link;
        _observer = observer;
        Connection = connection;
        connection.Unasked = this;
        connection.CapacityFreed = () => _observer.OnBatchEnd(_link);
    }

    internal Connection Connection { get; }

    /// <summary>Whether the server has left a PING without an answer for a heartbeat.</summary>
    internal bool IsSilent => _isSilent;

    /// <summary>Asks for a subscription, or for its end.</summary>
    internal void Ask(Topic topic, bool isWanted)
    {
        lock (_gate) Send(new Question(topic, isWanted));
    }

    /// <summary>Asks for many subscriptions at once.</summary>
    internal void AskAll(IReadOnlyCollection<Topic> topics)
    {
        lock (_gate)
        {
            foreach (Topic topic in topics) Send(new Question(topic, IsWanted: true));
        }
    }

    /// <summary>Sends PING into silence, and ends the connection when that lasts longer than the hang timeout. Returns when the connection has ended.</summary>
    internal async ValueTask<RedisConnectionException> WatchAsync(ClientSettings settings)
    {
        int hungAfterTicks = Math.Max(SilentAfterTicks, (int)Math.Ceiling(settings.HangTimeout / settings.HeartbeatInterval));
        long received = Connection.LastReceived;
        int silentTicks = 0;
        using CancellationTokenSource end = new();
        while (!Connection.Ended.IsCompleted)
        {
            await Task.WhenAny(Connection.Ended, Task.Delay(settings.HeartbeatInterval, end.Token)).ConfigureAwait(false);
            if (received != Connection.LastReceived)
            {
                received = Connection.LastReceived;
                silentTicks = 0;
                _isSilent = false;
                continue;
            }

            // Counted in ticks, as the commands' heartbeat does: a process that was itself suspended must not condemn its servers.
            if (silentTicks++ == 0)
            {
                lock (_gate) Send(default);
            }

            if (silentTicks == SilentAfterTicks)
            {
                _isSilent = true;
                _observer.OnSilent(_link);
            }

            if (silentTicks >= hungAfterTicks) Connection.Close(ConnectionErrors.Hung(Connection, settings.HangTimeout));
        }

        await end.CancelAsync().ConfigureAwait(false);
        return await Connection.Ended.ConfigureAwait(false);
    }

    void IUnaskedFrames.OnFrame(ReadOnlySpan<byte> frame)
    {
        SubscriptionFrame read = SubscriptionFrame.Read(frame);
        switch (read.Kind)
        {
            case SubscriptionFrameKind.Message:
                _observer.OnMessage(_link, read);
                break;
            case SubscriptionFrameKind.Subscribed or SubscriptionFrameKind.Unsubscribed:
                OnChange(new Topic(read.Topic, read.Name), read.Kind == SubscriptionFrameKind.Subscribed);
                break;
            case SubscriptionFrameKind.Pong:
                TryAnswer(static question => question.Topic is null, out _);
                break;
            case SubscriptionFrameKind.Refused:
                OnRefused(read.Error!);
                break;
        }
    }

    private void OnChange(Topic topic, bool isSubscribed)
    {
        bool isAnswer = TryAnswer(question => question.IsWanted == isSubscribed && topic.Equals(question.Topic), out Question asked);
        if (isSubscribed)
        {
            if (isAnswer && _link.Wants(asked.Topic!)) _observer.OnSubscribed(_link, asked.Topic!);
        }
        else if (!isAnswer && _link.Forget(topic) is { } forgotten)
        {
            // Not asked for: the slot of a shard channel has left this node.
            _observer.OnRevoked(_link, forgotten);
        }
    }

    private void OnRefused(string error)
    {
        Question question;
        lock (_gate)
        {
            if (!_unanswered.TryDequeue(out question)) throw new RedisProtocolException($"{_link.Name} sent an error that answers nothing: {error}");
        }

        // A refused PING is a sign of life; that a subscription may not be ended changes nothing, for its messages are dropped.
        if (question is { Topic: { } topic, IsWanted: true } && _link.Wants(topic) && _link.Forget(topic) is not null) _observer.OnRefused(_link, topic, error);
    }

    /// <summary>Takes the oldest question away if this is its answer.</summary>
    private bool TryAnswer(Func<Question, bool> isAnswer, out Question oldest)
    {
        lock (_gate)
        {
            if (!_unanswered.TryPeek(out oldest) || !isAnswer(oldest)) return false;
            _unanswered.Dequeue();
            return true;
        }
    }

    /// <summary>Sends one question; under the lock, so that the order on the wire is that of the queue.</summary>
    private void Send(Question question)
    {
        Command command = question.Topic is not { } topic ? new Command(ControlCommands.Ping) : new Command(question.IsWanted ? topic.Subscribe : topic.Unsubscribe, topic.Name);
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)CommandEncoder.MaxLength(command));
        _unanswered.Enqueue(question);
        Connection.SendUnanswered(buffer.AsSpan(0, CommandEncoder.Write(command, buffer)));
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>A command without an answer yet; PING has no topic.</summary>
    private readonly record struct Question(Topic? Topic, bool IsWanted);
}
