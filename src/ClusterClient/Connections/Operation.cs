// One call on its way: the pooled object that carries a command from its caller through parking, sending, redirects and retries to its reply.
using System.Diagnostics;
using ClusterClient.Protocol;

namespace ClusterClient.Connections;

/// <summary>
/// One call in flight. Caller, parking places, connection, sweeper and canceller all hold it; one versioned state word,
/// changed only by compare-and-swap, says who may do what, and the object is recycled when all have let go.
/// </summary>
/// <remarks>
/// Phases: Free → Dispatching (one thread owns it outright) → Parked (in a waiting line) or Appended (on a connection) →
/// Completed → Free. A parking place or connection that still refers to a completed operation has the bit Contained set;
/// the last of consumer and container to let go recycles. The life number in the upper bits makes a stale sweeper or
/// canceller harmless, and the hop number tells one stay on a connection from the next within a life: in both cases
/// the compare-and-swap of whoever looked before fails.
/// </remarks>
internal abstract class Operation : OperationRecord
{
    /// <summary>After this time a result that was not fetched counts as forgotten; a consumer that is merely slow costs one object then.</summary>
    private const int ForgottenAfterMilliseconds = 1000;

    /// <summary>How often a call whose deadline stands still is looked at.</summary>
    private const int StandingMilliseconds = 50;

    private const int PhaseMask = 0x7;
    private const int Free = 0;
    private const int Dispatching = 1;
    private const int Parked = 2;
    private const int Appended = 3;
    private const int Completed = 4;
    private const int Contained = 0x8;
    private const int ConsumerGone = 0x10;
    private const int CancelRequested = 0x20;
    private const int ExpireRequested = 0x40;
    private const int Struck = 0x80;
    private const int AbortMask = CancelRequested | ExpireRequested;
    private const int HopUnit = 0x100;
    private const int HopMask = 0xFF00;
    private const int LifeUnit = 0x10000;
    private const int LifeMask = unchecked((int)0xFFFF0000);

    private int _state;
    private CancellationToken _token;
    private CancellationTokenRegistration _cancellation;
    private IOperationParking? _parking;
    private long _parkedAt;

    // The sweeper's own notes: the finished state it saw last, and when it saw it first.
    private int _finishedState;
    private long _finishedSince;

    /// <summary>Whether it was completed while a container still holds it.</summary>
    internal bool IsGivenUp => (Volatile.Read(ref _state) & PhaseMask) == Completed;

    /// <summary>Tells one call of this pooled object from the next.</summary>
    internal int Life => Volatile.Read(ref _state) & LifeMask;

    /// <summary>Starts a life: the caller's thread owns it from here on.</summary>
    protected void Begin(in Command command, OperationOwner owner, int timeoutMilliseconds)
    {
        FillRecord(command, owner, timeoutMilliseconds);
        Volatile.Write(ref _state, (_state & LifeMask) | Dispatching);
        DeadlineSweeper.Notice(Deadline);
    }

    /// <summary>Hears of the caller's cancellation. The registration costs nothing when the token cannot be cancelled.</summary>
    internal void ListenTo(CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled) return;

        // Kept apart from the registration: a token that is cancelled just now gives none.
        _token = cancellationToken;
        _cancellation = cancellationToken.UnsafeRegister(static state => ((Operation)state!).Cancel(), this);
    }

    /// <summary>Dispatching → Parked. False when the call was given up meanwhile: then the caller must <see cref="Abort"/>.</summary>
    /// <param name="stage">What it waits for.</param>
    /// <param name="parking">Where.</param>
    /// <param name="awaitsMaster">Whether its shard has no master that can be reached, so that its deadline may stand still.</param>
    internal bool TryPark(CommandStage stage, IOperationParking parking, bool awaitsMaster)
    {
        Stage = stage;
        _parking = parking;
        _parkedAt = awaitsMaster ? Environment.TickCount64 : 0;
        int state = Volatile.Read(ref _state);
        Debug.Assert((state & PhaseMask) == Dispatching, "Only the owner of a dispatching operation parks it.");
        return (state & AbortMask) == 0
            && Interlocked.CompareExchange(ref _state, (state & ~PhaseMask) | Parked | Contained, state) == state;
    }

    /// <summary>Parked → Dispatching, by the parking place that held it. False when it was given up meanwhile; the place has let go then.</summary>
    internal bool TryUnpark()
    {
        int state = Volatile.Read(ref _state);

        // Before the swap, lest the sweeper meet the old deadline behind it; the place still holds the object, so it is nobody else's.
        if (_parkedAt != 0) PutOffDeadline();
        if ((state & PhaseMask) == Parked
            && Interlocked.CompareExchange(ref _state, (state & ~(PhaseMask | Contained)) | Dispatching, state) == state)
        {
            _parking = null;
            return true;
        }

        ReleaseContained();
        return false;
    }

    /// <summary>
    /// Dispatching → Appended, under the connection's lock. False when the call was given up meanwhile: hand
    /// <paramref name="appended"/> to <see cref="AbortAppended"/>, outside the lock.
    /// </summary>
    internal bool MarkAppended(out int appended)
    {
        int state = _state;
        while (true)
        {
            appended = (state & ~(PhaseMask | HopMask)) | ((state + HopUnit) & HopMask) | Appended | Contained;
            int seen = Interlocked.CompareExchange(ref _state, appended, state);
            if (seen == state) return (state & AbortMask) == 0;
            state = seen;
        }
    }

    /// <summary>Appended → Completed, by the reader that has its reply. False when it was given up meanwhile: the reply is to be dropped.</summary>
    internal bool TryClaimForReply()
    {
        int state = Volatile.Read(ref _state);
        while ((state & PhaseMask) == Appended)
        {
            int seen = Interlocked.CompareExchange(ref _state, (state & ~(PhaseMask | Contained)) | Completed, state);
            if (seen == state) return true;
            state = seen;
        }

        ReleaseContained();
        return false;
    }

    /// <summary>Appended → Dispatching, by the reader that must hand it to its owner. False when it was given up meanwhile.</summary>
    internal bool TryClaimForOwner()
    {
        int state = Volatile.Read(ref _state);
        while ((state & PhaseMask) == Appended)
        {
            int seen = Interlocked.CompareExchange(ref _state, (state & ~(PhaseMask | Contained)) | Dispatching, state);
            if (seen == state) return true;
            state = seen;
        }

        ReleaseContained();
        return false;
    }

    /// <summary>Dispatching → Completed with a failure; by its owner.</summary>
    internal void Fail(Exception failure)
    {
        int state = Volatile.Read(ref _state);
        while (true)
        {
            Debug.Assert((state & PhaseMask) == Dispatching, "Only the owner of a dispatching operation fails it.");
            int seen = Interlocked.CompareExchange(ref _state, (state & ~PhaseMask) | Completed, state);
            if (seen == state) break;
            state = seen;
        }

        Conclude(failure);
    }

    /// <summary>Ends a call whose owner failed to decide about it, unless it had passed the call on already.</summary>
    /// <param name="life">The life it was handed over in.</param>
    /// <param name="failure">Why the owner failed.</param>
    internal void FailUndecided(int life, Exception failure)
    {
        int state = Volatile.Read(ref _state);
        while ((state & LifeMask) == life && (state & PhaseMask) == Dispatching)
        {
            int seen = Interlocked.CompareExchange(ref _state, (state & ~PhaseMask) | Completed, state);
            if (seen == state)
            {
                Conclude(failure);
                return;
            }

            state = seen;
        }
    }

    /// <summary>Ends a call that its owner found given up (see <see cref="TryPark"/>); the phase is Dispatching.</summary>
    internal void Abort()
        => Fail((Volatile.Read(ref _state) & CancelRequested) != 0 ? Cancelled(UnsentOutcome) : DeadlinePassed(Stage, UnsentOutcome));

    /// <summary>Ends a call that was found given up when it was appended (see <see cref="MarkAppended"/>), unless it has moved on since.</summary>
    internal void AbortAppended(int appended) => TryAbortAppended(appended, (appended & CancelRequested) != 0);

    /// <summary>Ends the call if its deadline has passed; gives the time to look again, or <see cref="long.MaxValue"/>.</summary>
    internal long Sweep(long now)
    {
        int state = Volatile.Read(ref _state);
        if ((state & PhaseMask) == Completed) return StrikeIfForgotten(state, now);
        if ((state & PhaseMask) == Free) return long.MaxValue;
        long deadline = Deadline;
        if (deadline > now) return deadline;
        if ((state & PhaseMask) == Parked && StandsStill(now)) return now + StandingMilliseconds;
        Request(state, ExpireRequested, isCancelled: false);
        return (Volatile.Read(ref _state) & PhaseMask) is Free or Completed ? now + ForgottenAfterMilliseconds : now + 5;
    }

    // What is read may be of the next call already: then the sweeper only looks again somewhat later.
    private bool StandsStill(long now) => _parkedAt != 0 && Owner is { FailoverTimeoutMilliseconds: > 0 and var most } && now < Deadline + most - Extension;

    private void PutOffDeadline()
    {
        long waited = Math.Min(Environment.TickCount64 - _parkedAt, Owner.FailoverTimeoutMilliseconds - Extension);
        _parkedAt = 0;
        if (waited <= 0) return;
        Extension += waited;
        Deadline += waited;
    }

    /// <summary>
    /// A result that nobody fetches (a call that was fired and forgotten) must not be kept by the register. The bit tells a consumer who
    /// comes after all that the object is not registered any more and cannot serve again.
    /// </summary>
    /// <returns>When to look again.</returns>
    private long StrikeIfForgotten(int state, long now)
    {
        if (state != _finishedState)
        {
            _finishedState = state;
            _finishedSince = now;
        }
        else if (now - _finishedSince >= ForgottenAfterMilliseconds && Interlocked.CompareExchange(ref _state, state | Struck, state) == state)
        {
            DeadlineSweeper.Unregister(this);
            _cancellation.Unregister(); // a token that lives as long as the application would keep every forgotten call
            return long.MaxValue;
        }

        return _finishedSince + ForgottenAfterMilliseconds;
    }

    /// <summary>Sets the outcome and wakes the consumer; the phase is Completed and nobody else will touch the result.</summary>
    protected abstract void SetFailure(Exception failure);

    /// <summary>Reads the reply and publishes the result; the phase is Completed. True when <see cref="RunContinuation"/> must be called for the consumer.</summary>
    /// <param name="frame">The reply.</param>
    /// <param name="buffer">The array it stands in, if it may be taken.</param>
    internal abstract bool Deliver(ReadOnlySpan<byte> frame, FrameBuffer? buffer);

    /// <summary>Runs what awaits the result, here and now.</summary>
    internal abstract void RunContinuation();

    /// <summary>Ends the object's life; puts it back for another if it may have one.</summary>
    protected abstract void Recycle(bool isReusable);

    /// <summary>The consumer has its result: lets go, and recycles when no container holds on.</summary>
    protected void ReleaseConsumer()
    {
        if (!_cancellation.Equals(default) && !_cancellation.Unregister())
        {
            // The canceller is running, or has run and is the reason of the end. It may still look at this object, so
            // the object is never used again; better one object for the collector than a wait in the consumer.
            DeadlineSweeper.Unregister(this);
            return;
        }

        // What the arguments refer to is the caller's again, even if a reply to drop is still to come.
        ForgetCommand();
        int state = Volatile.Read(ref _state);
        while ((state & Contained) != 0)
        {
            int seen = Interlocked.CompareExchange(ref _state, state | ConsumerGone, state);
            if (seen == state) return;
            state = seen;
        }

        Reset();
    }

    /// <summary>Lets those who measure see a call that went well, if anybody does.</summary>
    protected void ObserveSuccess()
    {
        if (TimedFrom != 0) Observe(failure: null);
    }

    /// <summary>Ends a call whose phase is Completed already with a failure: counted, then handed to the consumer.</summary>
    protected void Conclude(Exception failure)
    {
        Observe(failure);
        SetFailure(failure);
    }

    private void Observe(Exception? failure)
    {
        try
        {
            Owner.OnCompleted(this, failure);
        }
        catch
        {
            // A metrics listener, a trace listener or a log provider of the application threw. That is theirs to see; the call has ended
            // as it has, and its caller must hear of that.
        }
    }

    private void Cancel() => Request(Volatile.Read(ref _state), CancelRequested, isCancelled: true);

    /// <summary>Ends the call from outside: at once when it is parked or appended, through its dispatcher when one has it just now.</summary>
    private void Request(int state, int request, bool isCancelled)
    {
        int life = state & LifeMask;
        for (; (state & LifeMask) == life; state = Volatile.Read(ref _state))
        {
            switch (state & PhaseMask)
            {
                case Dispatching:
                    if (Interlocked.CompareExchange(ref _state, state | request, state) == state) return;
                    break;
                case Parked:
                    if (Interlocked.CompareExchange(ref _state, (state & ~PhaseMask) | Completed, state) != state) break;
                    IOperationParking? parking = _parking;
                    int size = EncodedLength;
                    LastFailure ??= Stage == CommandStage.WaitingForTopology ? parking?.Obstacle : null;
                    Conclude(isCancelled ? Cancelled(UnsentOutcome) : DeadlinePassed(Stage, UnsentOutcome));
                    parking?.OnAbandoned(size);
                    return;
                case Appended:
                    if (TryAbortAppended(state, isCancelled)) return;
                    break;
                default:
                    return;
            }
        }
    }

    private bool TryAbortAppended(int state, bool isCancelled)
    {
        // The connection decides under its lock whether the bytes have left; an unsent command is withdrawn there.
        if (Connection is not { } connection || !connection.TryWithdraw(this, state, out bool wasHanded)) return false;
        Outcome outcome = wasHanded ? Outcome.Unknown : UnsentOutcome;
        Conclude(isCancelled
            ? Cancelled(outcome)
            : DeadlinePassed(wasHanded ? CommandStage.AwaitingReply : CommandStage.Sending, outcome));
        return true;
    }

    /// <summary>Appended → Completed (still contained), under the connection's lock, if nothing has happened since <paramref name="state"/> was read.</summary>
    internal bool TryCompleteAppended(int state)
        => (state & PhaseMask) == Appended
        && Interlocked.CompareExchange(ref _state, (state & ~PhaseMask) | Completed, state) == state;

    private RedisCanceledException Cancelled(Outcome outcome) => OperationErrors.Cancelled(this, outcome, _token);

    private RedisTimeoutException DeadlinePassed(CommandStage stage, Outcome outcome) => OperationErrors.DeadlinePassed(this, stage, outcome);

    private void ReleaseContained()
    {
        int state = Volatile.Read(ref _state);
        while (true)
        {
            if ((state & ConsumerGone) != 0)
            {
                Reset();
                return;
            }

            int seen = Interlocked.CompareExchange(ref _state, state & ~Contained, state);
            if (seen == state) return;
            state = seen;
        }
    }

    private void Reset()
    {
        _token = default;
        _cancellation = default;
        _parking = null;
        ClearRecord();

        // An exchange, not a write: the sweeper may strike the object out at this very moment, and one of the two must see the other.
        int last = Interlocked.Exchange(ref _state, (_state & LifeMask) + LifeUnit);
        Recycle(isReusable: (last & Struck) == 0);
    }
}
