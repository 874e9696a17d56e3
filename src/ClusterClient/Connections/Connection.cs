// One connection to one server for the time of its life: commands go in, replies come out in the same order.
using System.Text;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;

namespace ClusterClient.Connections;

/// <summary>
/// A pipelined connection shared by all callers. Under one short lock a command's bytes join the send queue and its
/// operation joins the line of pending replies, so that order is one thing. It knows no cluster: what it cannot answer
/// goes to the operation's owner.
/// </summary>
internal sealed class Connection
{
    /// <summary>How long a peer that takes no more bytes is listened to.</summary>
    private const int LastWordsMilliseconds = 250;

    [ThreadStatic]
    private static byte[]? _scratch;

    private readonly Lock _gate = new();
    private readonly Transport _transport;
    private readonly SendQueue _sendQueue;
    private readonly PendingReplies _pending = new();
    private readonly ReplyReader _reader;
    private readonly ConnectionLimits _limits;
    private readonly TaskCompletionSource<RedisConnectionException> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _appendedSequence;
    private long _appendedBytes;
    private long _completedSequence;
    private long _completedBytes;
    private bool _isRetired;
    private bool _isReadOnly;
    private ReplicationSampler? _sampler;
    private RedisConnectionException? _cause;

    internal Connection(Transport transport, NodeEndpoint endpoint, ConnectionLimits limits, RespLimits replyLimits)
    {
        _transport = transport;
        Endpoint = endpoint;
        Node = endpoint.ToString();
        _limits = limits;
        _sendQueue = new SendQueue(_gate, transport, OnTransportFailed);
        _reader = new ReplyReader(this, transport, replyLimits);
        Opened = Environment.TickCount64;
    }

    /// <summary>Whom it connects to.</summary>
    internal NodeEndpoint Endpoint { get; }

    /// <summary>Where to count what happens on it; null while nobody does.</summary>
    internal NodeTelemetry? Telemetry { get; init; }

    /// <summary>The node's name, for errors: <c>host:port</c>.</summary>
    internal string Node { get; }

    /// <summary>When it was opened, on the clock of <see cref="Environment.TickCount64"/>.</summary>
    internal long Opened { get; }

    /// <summary>Completes when the connection has ended and every operation on it has been handed on.</summary>
    internal Task<RedisConnectionException> Ended => _ended.Task;

    /// <summary>Runs on the reader whenever replies made room; it must not block.</summary>
    internal Action? CapacityFreed { get; set; }

    /// <summary>Takes what answers no command: pushes, and in RESP2 everything once a subscription has begun. Null drops pushes.</summary>
    internal IUnaskedFrames? Unasked { get; set; }

    /// <summary>Whether commands may still be appended.</summary>
    internal bool IsOpen => Volatile.Read(ref _cause) is null && !Volatile.Read(ref _isRetired);

    internal long InFlight => Volatile.Read(ref _appendedSequence) - Volatile.Read(ref _completedSequence);

    /// <summary>When the last byte came, on the clock of <see cref="Environment.TickCount64"/>.</summary>
    internal long LastReceived => _reader.LastReceived;

    internal long Sends => _sendQueue.Sends;

    internal long Receives => _reader.Receives;

    /// <summary>Asks the server on this connection how far it has come.</summary>
    internal ReplicationSampler Sampler => Volatile.Read(ref _sampler) ?? Interlocked.CompareExchange(ref _sampler, new ReplicationSampler(this), null) ?? _sampler!;

    /// <summary>Whether it was told READONLY; kept by <see cref="ReadFitness"/>.</summary>
    internal bool IsReadOnly
    {
        get => Volatile.Read(ref _isReadOnly);
        set => Volatile.Write(ref _isReadOnly, value);
    }

    /// <summary>How many commands were on the wire when it ended; known once <see cref="Ended"/> has completed.</summary>
    internal int LostOnTheWire { get; private set; }

    internal long Completed => Volatile.Read(ref _completedSequence);

    /// <summary>Begins to read. The loop never fails: whatever ends it becomes the connection's cause of ending.</summary>
    internal void Start()
    {
        using (ExecutionContext.SuppressFlow()) _ = RunAsync();
    }

    /// <summary>Puts a dispatching operation on the connection, if there is room. The arguments are encoded before this returns.</summary>
    internal AppendResult TryAppend(Operation operation)
    {
        if (!IsOpen) return AppendResult.Closed;
        if (!HasRoomFor(operation)) return AppendResult.Full;
        long bound = CommandEncoder.MaxLength(operation.Command);
        if (bound > SendPage.ResidentSize) return TryAppendLarge(operation, bound);

        // Encoding happens outside the lock; under it only the finished bytes are copied.
        byte[] scratch = _scratch ??= GC.AllocateUninitializedArray<byte>(SendPage.ResidentSize);
        int length = CommandEncoder.Write(operation.Command, scratch);
        bool inline, drains;
        int abandoned = 0;
        lock (_gate)
        {
            if (!IsOpen) return AppendResult.Closed;
            if (!HasRoomFor(operation)) return AppendResult.Full;
            if (operation.Asking) AppendAsking();
            SendPage page = _sendQueue.PageFor(length);
            scratch.AsSpan(0, length).CopyTo(page.Buffer.AsSpan(page.Length));
            if (!Place(operation, page, length, out int appended)) abandoned = appended;
            drains = ClaimDrain(out inline);
        }

        // First, so that what was given up before it was sent is blanked and not sent.
        if (abandoned != 0) operation.AbortAppended(abandoned);
        if (drains) Drain(inline);
        return AppendResult.Appended;
    }

    /// <summary>
    /// Completes an appended operation whose caller gave up. Bytes that have not been handed to the socket are replaced by a
    /// PING of the same length, so that the command certainly never runs; the reply to either is dropped when it comes.
    /// </summary>
    /// <param name="operation">The operation.</param>
    /// <param name="state">The state it was seen in; if anything has happened since, nothing is done.</param>
    /// <param name="wasHanded">Whether its bytes have left, or may have.</param>
    internal bool TryWithdraw(Operation operation, int state, out bool wasHanded)
    {
        lock (_gate)
        {
            wasHanded = operation.Sequence <= _sendQueue.HandedSequence || !CommandEncoder.CanBlank(operation.EncodedLength);
            if (operation.Connection != this || !operation.TryCompleteAppended(state)) return false;
            if (!wasHanded) CommandEncoder.Blank(operation.Page!.Buffer.AsSpan(operation.PageOffset, operation.EncodedLength));
            return true;
        }
    }

    /// <summary>Sends one of the client's own commands on this very connection.</summary>
    internal ValueTask<T> ExecuteAsync<T>(in Command command, ReplyParser<T> parser, int timeoutMilliseconds, bool isAsking = false, CancellationToken cancellationToken = default)
    {
        Operation<T> operation = Operation<T>.Begin(command, parser, ControlOwner.Instance, timeoutMilliseconds);
        ValueTask<T> task = operation.Task;
        (operation.Node, operation.Asking) = (Node, isAsking);
        operation.ListenTo(cancellationToken);
        if (TryAppend(operation) != AppendResult.Appended) operation.Fail(OperationErrors.Lost(operation, _cause ?? ConnectionErrors.Superseded(Node), Outcome.NotExecuted));
        return task;
    }

    /// <summary>Sends encoded commands whose replies go to <see cref="Unasked"/>: SUBSCRIBE and its kin, which are answered by pushes or by several replies.</summary>
    internal void SendUnanswered(ReadOnlySpan<byte> encoded)
    {
        bool drains;
        lock (_gate)
        {
            if (!IsOpen) return;
            SendPage page = _sendQueue.PageFor(encoded.Length);
            encoded.CopyTo(page.Buffer.AsSpan(page.Length));
            page.Length += encoded.Length;
            page.LastSequence = _appendedSequence;
            drains = _sendQueue.TryStartDrain();
        }

        if (drains) _sendQueue.Drain(inline: false);
    }

    /// <summary>Holds back what is appended from here on, so that it travels together. False when a drain is under way, which sends what comes as well.</summary>
    internal bool TryHoldSends()
    {
        lock (_gate) return _sendQueue.TryStartDrain();
    }

    /// <summary>Sends what was held back.</summary>
    internal void ReleaseSends() => Drain(inline: true);

    /// <summary>Ends the connection. Operations on it go to their owners, in order, from the reader. Only the first cause counts.</summary>
    internal void Close(RedisConnectionException cause)
    {
        lock (_gate)
        {
            if (_cause is not null) return;
            Volatile.Write(ref _cause, cause);
        }

        _transport.Dispose();
    }

    /// <summary>Takes no more commands, and ends when the replies to those in flight have come.</summary>
    internal void Retire()
    {
        lock (_gate) Volatile.Write(ref _isRetired, true);
        CloseIfRetired();
    }

    /// <summary>Hands one whole frame to the operation it answers; on the reader.</summary>
    /// <param name="frame">The reply.</param>
    /// <param name="type">What it is.</param>
    /// <param name="buffer">The array it stands in, if whoever asked may take it.</param>
    internal void OnFrame(ReadOnlySpan<byte> frame, RespType type, FrameBuffer? buffer)
    {
        if (type == RespType.Push)
        {
            Unasked?.OnFrame(frame);
            return;
        }

        if (_pending.Pop() is not { } operation)
        {
            if (Unasked is not { } unasked) throw new RedisProtocolException($"{Node} sent a reply that no command asked for: {ByteText.Quote(frame, 64)}");
            unasked.OnFrame(frame);
            return;
        }

        if (operation is DiscardedReply)
        {
            _completedSequence++;
            return;
        }

        // Counted before the operation may be recycled. The writes are published by OnBatchEnd.
        _completedSequence++;
        _completedBytes += operation.EncodedLength;
        if (type is RespType.Error or RespType.BlobError)
        {
            if (operation.TryClaimForOwner()) OperationOwner.HandRefused(operation, RespError.TextOf(frame), this);
        }
        else if (operation.TryClaimForReply() && operation.Deliver(frame, buffer))
        {
            _reader.Answered(operation);
        }
    }

    /// <summary>All the frames received at once have been handed on; on the reader.</summary>
    internal void OnBatchEnd()
    {
        // A full fence: whoever counted itself as waiting before this sees the room, or is seen by CapacityFreed.
        Interlocked.MemoryBarrier();
        CapacityFreed?.Invoke();
        if (Volatile.Read(ref _isRetired)) CloseIfRetired();
    }

    private AppendResult TryAppendLarge(Operation operation, long bound)
    {
        if (bound > Array.MaxLength)
            throw new ArgumentException($"{operation.Command.Info.Name} needs up to {bound} bytes on the wire, more than one command can have.");
        SendPage page;
        lock (_gate) page = _sendQueue.TakeSpare();
        page.RentBuffer((int)bound);
        page.Length = CommandEncoder.Write(operation.Command, page.Buffer);
        bool inline, drains;
        int abandoned = 0;
        lock (_gate)
        {
            if (!IsOpen || !HasRoomFor(operation))
            {
                page.Release();
                _sendQueue.Keep(page);
                return IsOpen ? AppendResult.Full : AppendResult.Closed;
            }

            if (operation.Asking) AppendAsking();
            int length = page.Length;
            page.Length = 0;
            _sendQueue.Add(page);
            if (!Place(operation, page, length, out int appended)) abandoned = appended;
            drains = ClaimDrain(out inline);
        }

        // First, so that what was given up before it was sent is blanked and not sent.
        if (abandoned != 0) operation.AbortAppended(abandoned);
        if (drains) Drain(inline);
        return AppendResult.Appended;
    }

    /// <summary>Enters an operation whose bytes stand at the end of <paramref name="page"/>; under the lock.</summary>
    private bool Place(Operation operation, SendPage page, int length, out int appended)
    {
        operation.Connection = this;
        operation.Node = Node;
        operation.Page = page;
        operation.PageOffset = page.Length;
        operation.EncodedLength = length;
        operation.Sequence = ++_appendedSequence;
        page.Length += length;
        page.LastSequence = _appendedSequence;
        _appendedBytes += length;
        bool goesOn = operation.MarkAppended(out appended);
        _pending.Push(operation);
        return goesOn;
    }

    private void AppendAsking()
    {
        ReadOnlySpan<byte> asking = CommandEncoder.Asking;
        SendPage page = _sendQueue.PageFor(asking.Length);
        asking.CopyTo(page.Buffer.AsSpan(page.Length));
        page.Length += asking.Length;
        page.LastSequence = ++_appendedSequence;
        _pending.Push(DiscardedReply.Instance);
    }

    /// <summary>
    /// Whether the caller must start the drain, and how. A command on an idle connection is sent at once; where replies have
    /// lately come in batches, others are about to follow, and waiting one hop for them is worth more.
    /// </summary>
    private bool ClaimDrain(out bool inline)
    {
        inline = _reader.LastBatch <= 1 && _appendedSequence - Volatile.Read(ref _completedSequence) <= 2;
        return _sendQueue.TryStartDrain();
    }

    private void Drain(bool inline)
    {
        // A caller that goes on because its last reply came with those of others: all that they send now goes together.
        if (!inline && CompletionBatch.Current is { } batch) batch.Owe(_sendQueue);
        else _sendQueue.Drain(inline);
    }

    /// <summary>Whether the bounds on work in flight are reached; exact under the lock, a good guess outside it.</summary>
    internal bool IsFull()
    {
        long inFlight = Volatile.Read(ref _appendedSequence) - Volatile.Read(ref _completedSequence);
        return inFlight >= _limits.MaxInFlightCommands
            || (inFlight > 0 && Volatile.Read(ref _appendedBytes) - Volatile.Read(ref _completedBytes) >= _limits.MaxInFlightBytes);
    }

    /// <summary>The client's own questions pass a full connection: there are few of them, and without handshake, heartbeat and topology nothing would ever change.</summary>
    private bool HasRoomFor(Operation operation) => !IsFull() || operation.Owner is ControlOwner;

    private void CloseIfRetired()
    {
        if (InFlight == 0) Close(ConnectionErrors.Superseded(Node));
    }

    /// <summary>
    /// A send failed, so the peer is gone. What it said before may still wait to be received: replies to commands that ran, or why it
    /// admits nobody. The reader takes them and then meets the end by itself, and soon.
    /// </summary>
    private void OnTransportFailed(Exception failure)
    {
        lock (_gate)
        {
            if (_cause is not null) return;
            Volatile.Write(ref _cause, ConnectionErrors.Lost(Node, failure));
        }

        _ = DisposeAfterLastWordsAsync();
    }

    private async Task DisposeAfterLastWordsAsync()
    {
        await Task.WhenAny(Ended, Task.Delay(LastWordsMilliseconds)).ConfigureAwait(false);
        _transport.Dispose();
    }

    private async Task RunAsync()
    {
        Exception failure = await _reader.RunAsync().ConfigureAwait(false);
        Close(ConnectionErrors.Lost(Node, failure));
        RedisConnectionException cause = _cause!;

        // Nothing is appended any more, so the line of pending replies is this reader's alone.
        long handed;
        lock (_gate)
        {
            // Whoever else gave the cause may not have closed the transport yet: without the seal a drain could still send what is handed back here as unsent.
            _sendQueue.Seal();
            handed = _sendQueue.HandedSequence;
        }

        bool isBroken = cause.Failure == ConnectionFailure.Protocol;
        while (_pending.Pop() is { } operation)
        {
            // The reply that could not be read was the next one's.
            bool isCulprit = isBroken;
            isBroken = false;
            if (operation is DiscardedReply) continue;
            bool wasHanded = operation.Sequence <= handed;
            if (!operation.TryClaimForOwner()) continue;
            operation.BrokeItsConnection = isCulprit;
            if (wasHanded) LostOnTheWire++;
            OperationOwner.HandLost(operation, wasHanded, cause);
        }

        _ended.SetResult(cause);
    }
}
