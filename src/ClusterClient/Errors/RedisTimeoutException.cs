// The deadline of a call passed.
namespace ClusterClient;

/// <summary>Where a command was when its deadline passed.</summary>
public enum CommandStage
{
    /// <summary>No node was known that could take it: the slot had no owner, or the topology was not known yet.</summary>
    WaitingForTopology,

    /// <summary>It waited for a connection to its node.</summary>
    WaitingForConnection,

    /// <summary>It waited in line because the node's bounds on work in flight were reached.</summary>
    WaitingForCapacity,

    /// <summary>It waited before the next try after the server refused it for the moment (TRYAGAIN, CLUSTERDOWN, LOADING…).</summary>
    WaitingToRetry,

    /// <summary>It was encoded but not yet handed to the socket.</summary>
    Sending,

    /// <summary>It was handed to the socket and its reply had not come.</summary>
    AwaitingReply,
}

/// <summary>The deadline of a call passed. <see cref="Stage"/> says where the command was, <see cref="RedisException.Outcome"/> whether it may have run.</summary>
public sealed class RedisTimeoutException : RedisException
{
    /// <summary>Makes an exception for a deadline that passed.</summary>
    public RedisTimeoutException(string message, CommandStage stage, Outcome outcome, Exception? innerException = null)
        : base(message, outcome, innerException) => Stage = stage;

    /// <summary>Where the command was when its deadline passed.</summary>
    public CommandStage Stage { get; }

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
