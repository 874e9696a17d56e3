// The words of the errors that end an operation: what was tried, where, at which stage, with what outcome, and what to do.
using System.Globalization;

namespace ClusterClient.Connections;

/// <summary>Words the failures of operations.</summary>
internal static class OperationErrors
{
    private const int LateMilliseconds = 1000;

    internal static RedisTimeoutException DeadlinePassed(Operation operation, CommandStage stage, Outcome outcome)
    {
        string name = operation.Command.Info.Name;
        long elapsed = Environment.TickCount64 - operation.Started;
        string where = operation.Node is { } node ? $" of {node}" : string.Empty;
        string doing = stage switch
        {
            CommandStage.WaitingForTopology => "waiting for a node that serves it",
            CommandStage.WaitingForConnection => $"waiting for a connection to {operation.Node ?? "its node"}",
            CommandStage.WaitingForCapacity => $"waiting in line for {operation.Node ?? "its node"}, whose bounds on work in flight are reached",
            CommandStage.WaitingToRetry => $"waiting to try again{(operation.Node is { } n ? " on " + n : string.Empty)}",
            CommandStage.Sending => $"waiting to be handed to the socket{where}",
            _ => $"waiting for the reply{where}",
        };
        string connection = stage is CommandStage.Sending or CommandStage.AwaitingReply && operation.Connection is { } c ? $" {ConnectionErrors.Describe(c)}" : string.Empty;
        return new RedisTimeoutException(
            string.Create(CultureInfo.InvariantCulture, $"{name} reached its deadline after {elapsed} ms while {doing}.{History(operation)}{connection}{Lateness(operation)} {Explain(outcome)}"),
            stage, outcome, operation.LastFailure)
        {
            Node = operation.Node,
            CommandName = name,
        };
    }

    /// <summary>A deadline that is noticed late says that this process is short of threads, and that no server is to blame.</summary>
    private static string Lateness(Operation operation)
    {
        long late = Environment.TickCount64 - operation.Deadline;
        return late < LateMilliseconds
            ? string.Empty
            : string.Create(CultureInfo.InvariantCulture, $" Its deadline was {operation.Deadline - operation.Started} ms and was noticed {late} ms late: this process is short of processors or threads (its pool has {ThreadPool.ThreadCount} and {ThreadPool.PendingWorkItemCount} entries wait for one). Something may hold them: code that blocks on tasks, or long work without an await.");
    }

    internal static RedisCanceledException Cancelled(Operation operation, Outcome outcome, CancellationToken token)
        => new($"{operation.Command.Info.Name} was cancelled by its caller. {Explain(outcome)}", outcome, token);

    internal static RedisConnectionException Lost(Operation operation, RedisConnectionException cause, Outcome outcome)
        => new($"{operation.Command.Info.Name} was on the connection to {operation.Node} when it ended: {cause.Message}{(operation.History is { } history ? $" Before that: {history}." : string.Empty)} {Explain(outcome)}",
            cause.Failure, outcome, cause.InnerException ?? cause)
        {
            Node = operation.Node,
            CommandName = operation.Command.Info.Name,
        };

    /// <summary>Waiting for a connection is of no use: none will be given.</summary>
    internal static RedisConnectionException NoConnection(Operation operation, RedisConnectionException cause)
        => new($"{operation.Command.Info.Name} waited for a connection that cannot be made: {cause.Message}{(operation.History is { } history ? $" Before that: {history}." : string.Empty)} {Explain(operation.UnsentOutcome)}",
            cause.Failure, operation.UnsentOutcome, cause.InnerException ?? cause)
        {
            Node = operation.Node,
            CommandName = operation.Command.Info.Name,
            LeavesNodeAlive = cause.LeavesNodeAlive,
        };

    /// <summary>There is no room to wait. A call that may have run in an earlier try did not just fail for want of room: its outcome is what counts.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="reason">How many wait already, and for what.</param>
    /// <param name="advice">What the user can do, as a sentence.</param>
    internal static RedisException Overloaded(Operation operation, string reason, string advice)
    {
        string message = $"{operation.Command.Info.Name} was refused: {reason}.{History(operation)} {Explain(operation.UnsentOutcome)} {advice}";
        return operation.MayHaveRun
            ? new RedisConnectionException(message, ConnectionFailure.Lost, Outcome.Unknown, operation.LastFailure) { Node = operation.Node, CommandName = operation.Command.Info.Name }
            : new RedisOverloadedException(message) { Node = operation.Node, CommandName = operation.Command.Info.Name };
    }

    internal static RedisServerException Refused(Operation operation, string error, Outcome outcome, bool isOfNamedNode = false)
        => new(error, Explanation(operation), outcome)
        {
            IsOfNamedNode = isOfNamedNode,
            Node = operation.Node,
            CommandName = operation.Command.Info.Name,
        };

    /// <summary>One sentence that a person at 3 a.m. can act on.</summary>
    internal static string Explain(Outcome outcome) => outcome switch
    {
        Outcome.NotExecuted => "Outcome: not executed; it is safe to send it again.",
        Outcome.Rejected => "Outcome: rejected by the server.",
        Outcome.PartlyExecuted => "Outcome: partly executed; look at what is there before repeating it.",
        _ => "Outcome: unknown; it was handed to the network, so it may have run and may still run later.",
    };

    private static string Explanation(Operation operation)
        => $"{operation.Command.Info.Name} on {operation.Node}{(operation.History is { } history ? "; before: " + history : string.Empty)}";

    private static string History(Operation operation)
        => (operation.History, operation.LastFailure) switch
        {
            (null, null) => string.Empty,
            ({ } history, null) => $" Before that: {history}.",
            (null, { } failure) => $" Last failure: {failure.Message}",
            ({ } history, { } failure) => $" Before that: {history}. Last failure: {failure.Message}",
        };
}
