// What one of several nodes answered, or how it failed.
using System.Runtime.ExceptionServices;

namespace ClusterClient;

/// <summary>What one of several nodes answered, or how it failed; see <see cref="IRedisView.OnEachNodeAsync"/>.</summary>
/// <typeparam name="T">What the call gives.</typeparam>
public sealed class NodeResult<T>
{
    private readonly T _value;

    internal NodeResult(TopologyNode node, T value, Exception? error)
    {
        Node = node;
        _value = value;
        Error = error;
    }

    /// <summary>The node.</summary>
    public TopologyNode Node { get; }

    /// <summary>How the call failed; null when it did not.</summary>
    public Exception? Error { get; }

    /// <summary>Whether <see cref="Value"/> can be read.</summary>
    public bool IsSuccess => Error is null;

    /// <summary>What the node answered.</summary>
    /// <exception cref="Exception">The call failed: its own <see cref="Error"/>, thrown again.</exception>
    public T Value
    {
        get
        {
            if (Error is not null) ExceptionDispatchInfo.Throw(Error);
            return _value;
        }
    }

    /// <summary>One line: the node, and what it answered or how it failed.</summary>
    public override string ToString() => Error is null ? $"{Node.Endpoint}: {_value}" : $"{Node.Endpoint}: {Error.GetType().Name}: {Error.Message}";
}
