// A write ran, but too few servers confirmed in time that they have it.
namespace ClusterClient;

/// <summary>
/// The command ran on its master, and fewer replicas (or append-only files) than were asked for had confirmed it when the time was over. It is not undone: it may still reach them,
/// and it may be lost if the master fails now. Its <see cref="RedisException.Outcome"/> is <see cref="Outcome.Unknown"/> for that reason; running it again is for who knows what it does.
/// </summary>
public sealed class NotReplicatedException : RedisException
{
    /// <summary>Makes an exception for a write that was confirmed by too few.</summary>
    /// <param name="message">What was asked for, and what was confirmed.</param>
    /// <param name="replicas">How many replicas have confirmed it.</param>
    public NotReplicatedException(string message, long replicas)
        : base(message, Outcome.Unknown) => Replicas = replicas;

    /// <summary>How many replicas have confirmed it: for <c>WAITAOF</c>, that it is on their disks.</summary>
    public long Replicas { get; }
}
