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
    /// <summary>
    /// How long the others are waited for once one has answered: a frozen node must not hold up what the living know. Where somebody is waited for who was too slow
    /// for that the last time, twice as long: the farthest places on earth are 300 ms away.
    /// </summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Ends the round at once when it says so of an answer.</summary>
    public Func<T, bool> IsEnough { get; init; } = static _ => false;

    /// <summary>Nodes nobody waits for: they count if they answer before the others have.</summary>
    public IReadOnlySet<NodeEndpoint> Optional { get; init; } = new HashSet<NodeEndpoint>();

    /// <summary>Whether others have answered already, in a round before: the grace begins with this one then.</summary>
    public bool HasAnswer { get; init; }

    /// <summary>Who was silent in the rounds before, whom nobody waits for either; it learns from this one.</summary>
    public SilentNodes Silent { get; init; } = new();

    /// <summary>When a node was last heard of; null while it is not connected.</summary>
    public Func<NodeEndpoint, long?> LastHeard { get; init; } = static _ => null;

    /// <summary>Asks. Failures are collected, never thrown; who is still asked when the round ends is cancelled.</summary>
    public async ValueTask<RoundResult<T>> AskAsync(IReadOnlyCollection<NodeEndpoint> nodes, Func<NodeEndpoint, CancellationToken, ValueTask<T>> ask, CancellationToken cancellationToken)
    {
        var answers = new List<NodeAnswer<T>>();
        var failures = new List<FailedQuery>();
        HashSet<NodeEndpoint> awaited = [.. nodes.Where(node => !Optional.Contains(node) && !Silent.IsSilent(node, LastHeard(node)))];
        TimeSpan patience = awaited.Any(Silent.IsSlow) ? 2 * Grace : Grace;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Dictionary<Task, (NodeEndpoint Node, Task<T> Task)> asked = [];
        foreach (NodeEndpoint node in nodes)
        {
            Task<T> task = AskOneAsync(node, ask, end.Token);
            asked.Add(task, (node, task));
        }

        long graceBegan = time.GetTimestamp();
        Task? grace = HasAnswer ? Task.Delay(patience, time, end.Token) : null;
        try
        {
            while (asked.Values.Any(one => awaited.Contains(one.Node)) || (!HasAnswer && answers.Count == 0 && asked.Count > 0))
            {
                Task first = await Task.WhenAny(grace is null ? asked.Keys : asked.Keys.Append(grace)).WaitAsync(cancellationToken).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested(); // Whoever was cut short is not to be blamed for it.
                if (!asked.Remove(first, out (NodeEndpoint Node, Task<T> Task) one)) break;
                if (one.Task.IsCompletedSuccessfully)
                {
                    T value = await one.Task.ConfigureAwait(false);
                    answers.Add(new(one.Node, value));

                    // Then nobody has had the time to be slow.
                    if (IsEnough(value)) return Result(answers, failures, asked.Values);
                    if (grace is null) (grace, graceBegan) = (Task.Delay(patience, time, end.Token), time.GetTimestamp());
                    if (time.GetElapsedTime(graceBegan) <= Grace) Silent.NotePrompt(one.Node);
                    else Silent.NoteSlow(one.Node);
                }
                else
                {
                    failures.Add(new(one.Node, Cause(one)));
                    NoteFailure(failures[^1]);
                }
            }

            foreach ((NodeEndpoint node, Task<T> task) in asked.Values)
            {
                long? lastHeard = LastHeard(node);
                if (task.IsCompleted) Silent.NoteSlow(node); // just now: that may be what was heard
                else Silent.NoteSilent(node, lastHeard, awaited.Contains(node));
            }

            return Result(answers, failures, asked.Values);
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            foreach ((NodeEndpoint _, Task<T> task) in asked.Values) Forget(task);
        }
    }

    private static RoundResult<T> Result(List<NodeAnswer<T>> answers, List<FailedQuery> failures, IEnumerable<(NodeEndpoint Node, Task<T> Task)> silent)
        => new(answers, failures, [.. silent.Select(static one => one.Node)]);

    // The delegate may throw before its first await: that is this node's failure, not the round's.
    private static async Task<T> AskOneAsync(NodeEndpoint node, Func<NodeEndpoint, CancellationToken, ValueTask<T>> ask, CancellationToken cancellationToken) =>
        await ask(node, cancellationToken).ConfigureAwait(false);

    private static Exception Cause((NodeEndpoint Node, Task<T> Task) one) => one.Task.Exception?.InnerException
        ?? new RedisTimeoutException($"{one.Node} gave no answer: the question was cancelled.", CommandStage.AwaitingReply, Outcome.Unknown) { Node = one.Node.ToString() };

    // The round is over and named the node as silent; its late failure says nothing more.
    private static void Forget(Task task) => _ = task.ContinueWith(
        static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    // A refusal is an answer. A question to a node without a connection fails with the attempt to make one, and the next waits for the next attempt: whoever fails
    // so is waited for again when it is connected.
    private void NoteFailure(FailedQuery failure)
    {
        if (failure.Error is RedisServerException) Silent.NotePrompt(failure.Node);
        else if (failure.Error is RedisTimeoutException) Silent.NoteSilent(failure.Node, LastHeard(failure.Node), wasWaitedFor: true);
        else Silent.NoteSlow(failure.Node);
    }
}
