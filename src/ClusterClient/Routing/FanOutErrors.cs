// The words of the errors of commands that concern several nodes.
using System.Diagnostics.CodeAnalysis;
using ClusterClient.Connections;
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>Judges the calls of a fan-out together, and words what is wrong.</summary>
internal static class FanOutErrors
{
    [DoesNotReturn]
    internal static void ThrowMustBePinned(CommandInfo command)
        => throw new NotSupportedException(
            $"{command.Name} was not sent: it concerns the one node it reaches, and in a cluster you must say which. Use OnNode(node) for a node of Topology.Nodes, or OnEachMasterAsync or OnEachNodeAsync for all of them.{(command.Name is "SCAN" ? " ScanAsync scans the whole cluster." : string.Empty)}");

    /// <param name="whole">The fan-out.</param>
    /// <param name="calls">The calls that have just ended.</param>
    /// <param name="before">Those that carried it out before.</param>
    internal static void ThrowIfAnyFailed(FanOut whole, NodeCall[] calls, IEnumerable<NodeCall> before)
    {
        NodeFailure[] failures = [.. calls.Where(static call => call.Failure is not null).Select(static call => new NodeFailure(call.Node, call.Failure!))];
        if (failures.Length == 0) return;
        string name = whole.Info.Name;
        TopologyNode[] done = [.. before.Concat(calls).Where(static call => call is { Failure: null, IsGone: false }).Select(static call => call.Node)];
        TopologyNode[] succeeded = [.. done.DistinctBy(static node => node.Endpoint).Where(node => !Array.Exists(failures, failure => failure.Node.Endpoint == node.Endpoint))];
        Outcome outcome = PartOutcomes.Of(failures.Select(static failure => failure.Error), isAnyDone: done.Length > 0);
        if (Array.Find(failures, static failure => failure.Error is RedisCanceledException) is { Error: RedisCanceledException cancelled })
        {
            throw new RedisCanceledException(
                $"{name} was cancelled by its caller when {succeeded.Length} of {succeeded.Length + failures.Length} nodes had carried it out. {OperationErrors.Explain(outcome)}", outcome, cancelled.CancellationToken);
        }

        if (Array.TrueForAll(failures, static failure => failure.Error is ObjectDisposedException)) throw failures[0].Error;
        Exception first = failures[0].Error;
        if (done.Length == 0 && first is RedisServerException refusal
            && Array.TrueForAll(failures, failure => failure.Error is RedisServerException other && string.Equals(other.ServerMessage, refusal.ServerMessage, StringComparison.Ordinal)))
        {
            throw new RedisServerException(refusal.ServerMessage, $"{name} on {Names(failures.Select(static failure => failure.Node))}, alike", outcome) { Node = refusal.Node, CommandName = name };
        }

        throw new FanOutException(
            $"{name} was sent to {succeeded.Length + failures.Length} nodes and failed on {Names(failures.Select(static failure => failure.Node))}; {(succeeded.Length == 0 ? "none" : Names(succeeded))} carried it out. The first failure: {first.Message} All together: {OperationErrors.Explain(outcome)}",
            outcome, failures, succeeded)
        { CommandName = name, Node = (first as RedisException)?.Node };
    }

    /// <summary>All who were known carried it out, and whether there are others cannot be told.</summary>
    internal static Exception NotConfirmed(FanOut whole, IReadOnlyCollection<NodeCall> done, Exception failure)
    {
        Outcome outcome = done.Count > 0 ? Outcome.PartlyExecuted : Outcome.NotExecuted;
        string what = $"{whole.Info.Name} was carried out by {Names(done.Select(static call => call.Node))}, but the topology could not be read again to see whether there are others";
        return failure switch
        {
            ObjectDisposedException => failure,
            OperationCanceledException when whole.CancellationToken.IsCancellationRequested
                => new RedisCanceledException($"{what}: the caller cancelled. {OperationErrors.Explain(outcome)}", outcome, whole.CancellationToken),
            TimeoutException => new RedisTimeoutException($"{what}: the deadline passed. {OperationErrors.Explain(outcome)}", CommandStage.WaitingForTopology, outcome) { CommandName = whole.Info.Name },
            _ => new RedisException($"{what}: {failure.Message} {OperationErrors.Explain(outcome)}", outcome, failure) { CommandName = whole.Info.Name },
        };
    }

    /// <summary>A few names; of a thousand nodes nobody reads all.</summary>
    private static string Names(IEnumerable<TopologyNode> nodes)
    {
        const int Shown = 5;
        string[] names = [.. nodes.Select(static node => node.Endpoint.ToString())];
        return names.Length <= Shown ? string.Join(", ", names) : $"{string.Join(", ", names.Take(Shown))} and {names.Length - Shown} more";
    }
}
