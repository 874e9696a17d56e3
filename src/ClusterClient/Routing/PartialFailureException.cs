// A command on many keys of which some were served and others not.
namespace ClusterClient;

/// <summary>Why the part of a command that one key belongs to failed.</summary>
/// <param name="Key">The key.</param>
/// <param name="Error">The failure of the part that the key travelled in, with its own outcome; keys of one slot share it.</param>
public sealed record KeyFailure(RedisKey Key, Exception Error);

/// <summary>
/// A command on keys of several slots was sent in parts (MGET, MSET, DEL, UNLINK, EXISTS, TOUCH), and not all of them succeeded. The keys that
/// <see cref="Failures"/> does not name were served.
/// </summary>
public sealed class PartialFailureException : RedisException
{
    /// <summary>Makes an exception for a command whose parts did not all succeed.</summary>
    /// <param name="message">What failed.</param>
    /// <param name="outcome"><see cref="Outcome.PartlyExecuted"/> when some parts succeeded; else what is known of all of them together.</param>
    /// <param name="failures">The keys that were not served, in the order of the call.</param>
    public PartialFailureException(string message, Outcome outcome, IReadOnlyList<KeyFailure> failures)
        : base(message, outcome, failures.Count > 0 ? failures[0].Error : null) => Failures = failures;

    /// <summary>The keys that were not served, in the order of the call, each with its own failure.</summary>
    public IReadOnlyList<KeyFailure> Failures { get; }

    /// <inheritdoc/>
    public override bool IsTransient => Failures.All(static failure => failure.Error is RedisException { IsTransient: true });
}
