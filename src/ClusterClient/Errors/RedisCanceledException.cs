// A call that its caller gave up.
namespace ClusterClient;

/// <summary>The caller's token was cancelled. Like every other failure it says what is known of the command's effect.</summary>
public sealed class RedisCanceledException : OperationCanceledException
{
    /// <summary>Makes an exception for a call given up by its caller.</summary>
    public RedisCanceledException(string message, Outcome outcome, CancellationToken cancellationToken) : base(message, cancellationToken)
        => Outcome = outcome;

    /// <summary>What is known about the effect of the command: <see cref="Outcome.NotExecuted"/> when it had not been sent yet, else <see cref="Outcome.Unknown"/>.</summary>
    public Outcome Outcome { get; }
}
