// Asks several nodes at once and goes on without those that are slow.
namespace ClusterClient.Topology;

/// <summary>A node's answer.</summary>
internal readonly record struct NodeAnswer<T>(NodeEndpoint Node, T Value);

/// <summary>Why a node gave no answer.</summary>
internal readonly record struct FailedQuery(NodeEndpoint Node, Exception Error);

/// <summary>What a round brought: answers in the order they came, failures, and who was still silent when it ended.</summary>
internal sealed record RoundResult<T>(IReadOnlyList<NodeAnswer<T>> Answers, IReadOnlyList<FailedQuery> Failures, IReadOnlyList<NodeEndpoint> Silent);

/// <summary>One question to several nodes in parallel.</summary>
internal sealed class NodeRound<T>(TimeProvider time)
{
    /// <summary>How long the others are waited for once one has answered: a frozen node must not hold up what the living know.</summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Ends the round at once when it says so of an answer.</summary>
    public Func<T, bool> IsEnough { get; init; } = static _ => false;

    /// <summary>Nodes nobody waits for: they count if they answer before the others have.</summary>
    public IReadOnlySet<NodeEndpoint> Optional { get; init; } = new HashSet<NodeEndpoint>();

    /// <summary>Asks. Failures are collected, never thrown; who is still asked when the round ends is cancelled.</summary>
    public async ValueTask<RoundResult<T>> AskAsync(IReadOnlyCollection<NodeEndpoint> nodes, Func<NodeEndpoint, CancellationToken, ValueTask<T>> ask, CancellationToken cancellationToken)
    {
        var answers = new List<NodeAnswer<T>>();
        var failures = new List<FailedQuery>();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Dictionary<Task, (NodeEndpoint Node, Task<T> Task)> asked = [];
        foreach (NodeEndpoint node in nodes)
        {
            Task<T> task = AskOneAsync(node, ask, end.Token);
            asked.Add(task, (node, task));
        }

        Task? grace = null;
        try
        {
            while (asked.Values.Any(one => !Optional.Contains(one.Node)) || (answers.Count == 0 && asked.Count > 0))
            {
                Task first = await Task.WhenAny(grace is null ? asked.Keys : asked.Keys.Append(grace)).WaitAsync(cancellationToken).ConfigureAwait(false);
                if (!asked.Remove(first, out (NodeEndpoint Node, Task<T> Task) one)) break;
                if (one.Task.IsCompletedSuccessfully)
                {
                    T value = await one.Task.ConfigureAwait(false);
                    answers.Add(new(one.Node, value));
                    if (IsEnough(value)) break;
                    grace ??= Task.Delay(Grace, time, end.Token);
                }
                else
                {
                    failures.Add(new(one.Node, Cause(one)));
                }
            }
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            foreach ((NodeEndpoint _, Task<T> task) in asked.Values) Forget(task);
        }

        return new(answers, failures, [.. asked.Values.Select(static one => one.Node)]);
    }

    // The delegate may throw before its first await: that is this node's failure, not the round's.
    private static async Task<T> AskOneAsync(NodeEndpoint node, Func<NodeEndpoint, CancellationToken, ValueTask<T>> ask, CancellationToken cancellationToken) =>
        await ask(node, cancellationToken).ConfigureAwait(false);

    private static Exception Cause((NodeEndpoint Node, Task<T> Task) one) => one.Task.Exception?.InnerException
        ?? new RedisTimeoutException($"{one.Node} gave no answer: the question was cancelled.", CommandStage.AwaitingReply, Outcome.Unknown) { Node = one.Node.ToString() };

    // The round is over and named the node as silent; its late failure says nothing more.
    private static void Forget(Task task) => _ = task.ContinueWith(
        static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
