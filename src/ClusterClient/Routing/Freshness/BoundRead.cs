// A read that must run on one connection and no other, since what is known of its freshness is known of that connection alone.
using System.Diagnostics;
using System.Text;
using ClusterClient.Connections;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;

namespace ClusterClient.Routing.Freshness;

/// <summary>Owns such reads: whatever comes between ends them, and whoever sent them asks the master instead.</summary>
internal sealed class BoundRead(Router router) : OperationOwner
{
    /// <summary>Sends a read; null when the connection takes no more commands.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="command">The read; it changes nothing, or it would have no business here.</param>
    /// <param name="reply">How to read the reply.</param>
    /// <param name="timeoutMilliseconds">What is left of the call's deadline.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    internal ValueTask<T>? TrySend<T>(Connection connection, in Command command, ReplyParser<T> reply, int timeoutMilliseconds, CancellationToken cancellationToken)
    {
        if (!connection.IsOpen || connection.IsFull()) return null;
        Operation<T> operation = Operation<T>.Begin(command, reply, this, timeoutMilliseconds);
        ValueTask<T> task = operation.Task;
        operation.Node = connection.Node;
        if (Telemetry.IsOperationTimed) operation.TimedFrom = Stopwatch.GetTimestamp();
        if (Telemetry.IsTraced) operation.Activity = router.Telemetry.StartCommand(command.Info.Name);
        operation.ListenTo(cancellationToken);
        if (connection.TryAppend(operation) != AppendResult.Appended) operation.Fail(OperationErrors.Lost(operation, Gone(connection), Outcome.NotExecuted));
        return task;
    }

    internal override void OnErrorReply(Operation operation, ReadOnlySpan<byte> error, Connection from)
        => operation.Fail(OperationErrors.Refused(operation, Encoding.UTF8.GetString(error), Outcome.Rejected));

    internal override void OnConnectionLost(Operation operation, bool wasHanded, RedisConnectionException cause)
        => operation.Fail(OperationErrors.Lost(operation, cause, Outcome.NotExecuted));

    internal override void OnCompleted(Operation operation, Exception? failure) => CallTelemetry.Completed(router, operation, failure);

    private static RedisConnectionException Gone(Connection connection)
        => new($"the connection to {connection.Node} takes no more commands", ConnectionFailure.Lost, Outcome.NotExecuted) { Node = connection.Node };
}
