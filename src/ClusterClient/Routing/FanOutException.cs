// A command to several nodes that not all of them carried out.
namespace ClusterClient;

/// <summary>Why one of several nodes did not carry out a command.</summary>
/// <param name="Node">The node.</param>
/// <param name="Error">Its failure, with its own outcome.</param>
public sealed record NodeFailure(TopologyNode Node, Exception Error);

/// <summary>
/// A command that concerns several nodes of a cluster (FLUSHALL, DBSIZE, SCRIPT LOAD…) was sent to each of them, and not all of them carried it out.
/// Where all refused it in the same words, a <see cref="RedisServerException"/> says so instead.
/// </summary>
public sealed class FanOutException : RedisException
{
    /// <summary>Makes an exception for a command that not all nodes carried out.</summary>
    /// <param name="message">What failed.</param>
    /// <param name="outcome"><see cref="Outcome.PartlyExecuted"/> when some nodes carried it out; else what is known of all of them together.</param>
    /// <param name="failures">The nodes that did not, at least one.</param>
    /// <param name="succeeded">The nodes that did.</param>
    public FanOutException(string message, Outcome outcome, IReadOnlyList<NodeFailure> failures, IReadOnlyList<TopologyNode> succeeded)
        : base(message, outcome, failures.Count > 0 ? failures[0].Error : null)
    {
        Failures = failures;
        Succeeded = succeeded;
    }

    /// <summary>The nodes that did not carry it out, each with its own failure.</summary>
    public IReadOnlyList<NodeFailure> Failures { get; }

    /// <summary>The nodes that carried it out.</summary>
    public IReadOnlyList<TopologyNode> Succeeded { get; }

    /// <inheritdoc/>
    public override bool IsTransient => Failures.All(static failure => failure.Error is RedisException { IsTransient: true });
}
