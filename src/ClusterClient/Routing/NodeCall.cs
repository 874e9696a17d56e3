// One node's share of a command that goes to several: for this node and for no other.
using System.Diagnostics;
using System.Text;
using ClusterClient.Connections;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using ClusterClient.Topology;

namespace ClusterClient.Routing;

/// <summary>
/// Asks one node, and judges what comes back: an answer, a failure, a failure after which it may be asked again, or that others serve now what it
/// served. A master that was replaced is never waited for; who came in its place is asked by a call of its own.
/// </summary>
internal sealed class NodeCall(FanOut whole, TopologyNode node) : OperationOwner
{
    private bool _mayHaveRun;
    private volatile bool _mayAskAgain;

    internal TopologyNode Node => node;

    /// <summary>What the node answered; meaningless while <see cref="Failure"/> is set or <see cref="IsGone"/>.</summary>
    internal RespValue Reply { get; private set; }

    /// <summary>Why it did not carry the command out; null when it did, or is gone.</summary>
    internal Exception? Failure { get; private set; }

    /// <summary>Whether the node has lost its part before it carried the command out: it did not, and whoever serves its slots now must be asked.</summary>
    internal bool IsGone { get; private set; }

    /// <summary>Asks until there is an answer or none can come. Never throws.</summary>
    internal async Task RunAsync()
    {
        for (int attempt = 1; ; attempt++)
        {
            _mayAskAgain = false;
            try
            {
                Reply = await Begin().ConfigureAwait(false);
                Failure = null;
                return;
            }
            catch (Exception failure)
            {
                Failure = failure;
            }

            if (!_mayAskAgain) return;
            if (!whole.IsConcerned(node))
            {
                // What may have run on it may be run again: the rules allowed that when they let it be asked again.
                IsGone = true;
                Failure = null;
                return;
            }

            TimeSpan pause = Backoff.Next(attempt, TimeSpan.FromMilliseconds(4), TimeSpan.FromMilliseconds(100));
            if (whole.TimeLeft <= pause.TotalMilliseconds)
            {
                Failure = TooLate(Failure);
                return;
            }

            try
            {
                await Task.Delay(pause, whole.CancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                Outcome outcome = _mayHaveRun ? Outcome.Unknown : Outcome.NotExecuted;
                Failure = new RedisCanceledException($"{whole.Info.Name} was cancelled by its caller. {OperationErrors.Explain(outcome)}", outcome, whole.CancellationToken);
                return;
            }
        }
    }

    internal override void OnReroute(Operation operation)
    {
        if (whole.IsConcerned(node)) whole.Router.Dispatch(operation);
        else FailForNow(operation, OperationErrors.Lost(operation, NotServing(), operation.UnsentOutcome));
    }

    internal override void OnConnectionLost(Operation operation, bool wasHanded, RedisConnectionException cause)
    {
        if (whole.Router.IsDisposed)
        {
            operation.Fail(wasHanded ? OperationErrors.Lost(operation, cause, Outcome.Unknown) : Router.Disposed(operation));
            return;
        }

        if (!wasHanded)
        {
            FailForNow(operation, OperationErrors.Lost(operation, cause, operation.UnsentOutcome));
        }
        else if (operation.BrokeItsConnection || !RetryRules.MayRunAgain(whole.Info, whole.Retry))
        {
            operation.Fail(OperationErrors.Lost(operation, cause, Outcome.Unknown));
        }
        else
        {
            _mayHaveRun = true;
            FailForNow(operation, OperationErrors.Lost(operation, cause, Outcome.Unknown));
        }
    }

    internal override void OnErrorReply(Operation operation, ReadOnlySpan<byte> error, Connection from)
    {
        Rejection rejection = Rejection.Read(error, whole.Info);
        string text = Encoding.UTF8.GetString(error);
        if (rejection.Kind is not (RejectionKind.ReadOnly or RejectionKind.MasterDown or RejectionKind.Redirect or RejectionKind.ClusterDown or RejectionKind.TryLater))
        {
            Outcome outcome = operation.MayHaveRun && !whole.Info.Is(CommandFlags.ReadOnly) ? Outcome.Unknown : rejection.FinalOutcome(error, whole.Info);
            operation.Fail(OperationErrors.Refused(operation, text, outcome));
            return;
        }

        if (rejection.Kind == RejectionKind.ReadOnly) whole.IsReplica(node);
        Redirects.Report(whole.Router, from.Endpoint, rejection, $"{from.Node} answered {text}");
        FailForNow(operation, OperationErrors.Refused(operation, text, operation.UnsentOutcome));
    }

    internal override void OnCompleted(Operation operation, Exception? failure) => whole.View.OnCompleted(operation, failure);

    private ValueTask<RespValue> Begin()
    {
        Router router = whole.Router;
        Operation<RespValue> operation = Operation<RespValue>.Begin(whole.Command, TreeParser.Instance, this, (int)Math.Max(1, whole.TimeLeft));
        ValueTask<RespValue> task = operation.Task;
        operation.IsBulk = whole.IsBulk;
        operation.MayHaveRun = _mayHaveRun;
        operation.LastFailure = Failure;
        if (Telemetry.IsOperationTimed) operation.TimedFrom = Stopwatch.GetTimestamp();
        if (Telemetry.IsTraced) operation.Activity = router.Telemetry.StartCommand(whole.Info.Name);
        NodeConnection connection = router.Nodes.GetOrAdd(node.Endpoint);
        operation.Target = connection;
        operation.ListenTo(whole.CancellationToken);
        router.Dispatch(operation);

        // It may have lost its part just before it was put in line there, and nobody would come to fetch it.
        if (!whole.IsConcerned(node)) (whole.IsBulk ? connection.Bulk : connection).Reroute(waiting => ReferenceEquals(waiting.Owner, this));
        return task;
    }

    private void FailForNow(Operation operation, Exception failure)
    {
        _mayAskAgain = true;
        operation.Fail(failure);
    }

    private RedisConnectionException NotServing()
        => new($"{node.Endpoint} is not what it was: others serve now what it served.", ConnectionFailure.Superseded, Outcome.NotExecuted) { Node = node.Endpoint.ToString() };

    private RedisTimeoutException TooLate(Exception last)
    {
        Outcome outcome = _mayHaveRun ? Outcome.Unknown : Outcome.NotExecuted;
        return new($"{whole.Info.Name} reached its deadline while waiting to try again on {node.Endpoint}. Last failure: {last.Message} {OperationErrors.Explain(outcome)}", CommandStage.WaitingToRetry, outcome, last)
        {
            Node = node.Endpoint.ToString(),
            CommandName = whole.Info.Name,
        };
    }
}
