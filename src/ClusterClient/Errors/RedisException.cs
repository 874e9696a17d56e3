// The root of every failure this library reports.
namespace ClusterClient;

/// <summary>The root of every failure reported by ClusterClient. Each says what is known about the effect of the command (<see cref="Outcome"/>).</summary>
public class RedisException : Exception
{
    /// <summary>Makes an exception whose outcome is known.</summary>
    public RedisException(string message, Outcome outcome, Exception? innerException = null)
        : base(message, innerException) => Outcome = outcome;

    /// <summary>What is known about the effect of the command.</summary>
    public Outcome Outcome { get; }

    /// <summary>The node that was involved last, as <c>host:port</c>, or null when the command never had one.</summary>
    public string? Node { get; init; }

    /// <summary>The name of the command that failed (never its arguments), or null when no single command did.</summary>
    public string? CommandName { get; init; }

    /// <summary>Whether the same call may succeed later without any change by the caller. It says nothing about whether repeating is safe: <see cref="Outcome"/> does.</summary>
    public virtual bool IsTransient => false;
}
