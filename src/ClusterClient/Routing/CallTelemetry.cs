// Lets those who measure and trace see how a call ended.
using ClusterClient.Connections;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

internal static class CallTelemetry
{
    /// <summary>A call has ended; called for every failure, and for successes while somebody wants to know.</summary>
    internal static void Completed(Router router, Operation operation, Exception? failure)
    {
        CommandInfo command = operation.Command.Info;
        NodeTelemetry? node = operation.Connection?.Telemetry;
        if (failure is RedisException { Outcome: Outcome.Unknown } unknown and not (RedisProtocolException or UnexpectedReplyException))
        {
            router.Telemetry.UnknownOutcome(command.Name);
            if (operation.Connection is { } connection) Log.UnknownOutcome(router.Logger, command.Name, connection.Endpoint, unknown.GetType().Name);
        }

        if (failure is RedisTimeoutException { Stage: CommandStage.WaitingForConnection or CommandStage.WaitingForCapacity, Node: { } name }
            && NodeEndpoint.TryParse(name, out NodeEndpoint waitedFor)) router.Nodes.Find(waitedFor)?.Telemetry.WaitTimedOut();
        if (operation.TimedFrom != 0) router.Telemetry.RecordOperation(command.Name, operation.TimedFrom, node, failure);
        if (operation.Activity is not { } activity) return;
        if (node is not null) Telemetry.SetNode(activity, node);
        if (failure is null) Telemetry.Stop(activity);
        else Telemetry.Fail(activity, failure);
    }
}
