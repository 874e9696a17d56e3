// Which commands may be sent again after their connection was lost with the reply outstanding.
namespace ClusterClient;

/// <summary>
/// Which commands may be sent again when the connection is lost after they were handed to the network, so that nobody
/// knows whether they ran. All others end with <see cref="Outcome.Unknown"/>. What was never sent is always sent again.
/// </summary>
public enum RetryPolicy
{
    /// <summary>Only commands that change no data.</summary>
    ReadOnly,

    /// <summary>Also writes that can be repeated without a difference in state or in the meaning of the reply (<c>CommandFlags.Idempotent</c>): a plain SET, not an INCR.</summary>
    Idempotent,

    /// <summary>Every command: an INCR may count twice.</summary>
    All,
}
