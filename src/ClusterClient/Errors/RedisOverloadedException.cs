// Work refused because the bounded queues are full.
namespace ClusterClient;

/// <summary>The bounds on work in flight and on work waiting for a node are both reached: the command was refused at once and nothing was sent.</summary>
public sealed class RedisOverloadedException : RedisException
{
    /// <summary>Makes an exception for refused work.</summary>
    public RedisOverloadedException(string message) : base(message, Outcome.NotExecuted)
    {
    }

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
