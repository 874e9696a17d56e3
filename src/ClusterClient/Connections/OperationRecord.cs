// What a call carries with it: the command, its deadline, where it has been and where it stands.
using System.Diagnostics;
using ClusterClient.Protocol;

namespace ClusterClient.Connections;

/// <summary>The luggage of an <see cref="Operation"/>. Who may touch it when is the operation's business.</summary>
internal abstract class OperationRecord
{
    private Command _command;

    /// <summary>The command and its borrowed arguments.</summary>
    internal ref readonly Command Command => ref _command;

    /// <summary>When the call must have ended, on the clock of <see cref="Environment.TickCount64"/>.</summary>
    internal long Deadline { get; private protected set; }

    /// <summary>When the call began, on the same clock.</summary>
    internal long Started { get; private protected set; }

    /// <summary>Who decides about redirects and retries.</summary>
    internal OperationOwner Owner { get; private protected set; } = null!;

    /// <summary>The hash slot of its keys; −1 when it has none or nobody needs it.</summary>
    internal int Slot { get; set; }

    /// <summary>Whether it goes over the node's second connection, among other large values.</summary>
    internal bool IsBulk { get; set; }

    /// <summary>How often it was sent on or put back so far.</summary>
    internal int Attempts { get; set; }

    /// <summary>How many redirects it has followed.</summary>
    internal int Redirects { get; set; }

    /// <summary>Its place among those that waited for another try, given when it first did; 0 when it never did.</summary>
    internal long Turn { get; set; }

    /// <summary>Whether an earlier try may have run: its outcome can never be "not executed" again.</summary>
    internal bool MayHaveRun { get; set; }

    /// <summary>Whether it was its reply that broke the protocol: sent again, it would break the next connection too.</summary>
    internal bool BrokeItsConnection { get; set; }

    /// <summary>Whether a read policy decides where it goes.</summary>
    internal bool IsSteered { get; set; }

    /// <summary>The node that a read policy chose for this try; null when the topology or a redirect did.</summary>
    internal NodeConnection? Reader { get; set; }

    /// <summary>The marks of the nodes that have failed this read.</summary>
    internal ulong Avoided { get; set; }

    /// <summary>Whether ASKING must stand directly before it, this time only.</summary>
    internal bool Asking { get; set; }

    private OperationHistory _history;

    /// <summary>Why it had to wait or was sent on, for the error if it comes to one; null at first.</summary>
    internal string? History => _history.Text;

    /// <summary>The failure that made it wait, if any: the inner exception of a timeout.</summary>
    internal Exception? LastFailure { get; set; }

    /// <summary>The node it is at, for errors.</summary>
    internal string? Node { get; set; }

    /// <summary>The node a redirect sends it to, this time only; null lets the topology decide.</summary>
    internal NodeConnection? Target { get; set; }

    /// <summary>By how much its deadline was put off while it waited for a master, in milliseconds.</summary>
    internal long Extension { get; private protected set; }

    /// <summary>Where it waits, while it is parked.</summary>
    internal CommandStage Stage { get; private protected set; }

    /// <summary>The connection it was appended to; written and read under that connection's lock.</summary>
    internal Connection? Connection { get; set; }

    internal SendPage? Page { get; set; }

    internal int PageOffset { get; set; }

    internal int EncodedLength { get; set; }

    internal long Sequence { get; set; }

    /// <summary>Its place in the sweeper's register; −1 when it is not there.</summary>
    internal int RegisterIndex { get; set; } = -1;

    /// <summary>Its timestamp and trace span while somebody listens.</summary>
    internal long TimedFrom { get; set; }

    internal Activity? Activity { get; set; }

    /// <summary>Told who has answered, if somebody wants to know.</summary>
    internal CallTrace? Trace { get; set; }

    /// <summary>What is known of its effect if it fails now without having been sent in this try.</summary>
    internal Outcome UnsentOutcome => MayHaveRun ? Outcome.Unknown : Outcome.NotExecuted;

    /// <summary>Adds an event to <see cref="History"/>.</summary>
    internal void Note(string what) => _history.Add(what);

    private protected void FillRecord(in Command command, OperationOwner owner, int timeoutMilliseconds)
    {
        _command = command;
        Owner = owner;
        Slot = -1;
        Started = Environment.TickCount64;
        Deadline = timeoutMilliseconds == Timeout.Infinite ? long.MaxValue : Started + timeoutMilliseconds;
    }

    /// <summary>Lets go of the borrowed arguments.</summary>
    private protected void ForgetCommand() => _command = default;

    private protected void ClearRecord()
    {
        _command = default;
        Owner = null!;
        _history = default;
        LastFailure = null;
        Node = null;
        Target = null;
        Connection = null;
        Page = null;
        Activity = null;
        Trace = null;
        TimedFrom = 0;
        Attempts = 0;
        Redirects = 0;
        Turn = 0;
        IsBulk = false;
        MayHaveRun = false;
        Asking = false;
        BrokeItsConnection = false;
        if (Extension != 0) Extension = 0;
        if (!IsSteered) return;
        IsSteered = false;
        Reader = null;
        Avoided = 0;
    }
}
