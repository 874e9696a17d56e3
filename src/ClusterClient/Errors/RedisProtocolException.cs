// The error for bytes that are not RESP: the connection they came from cannot be trusted any more.
namespace ClusterClient;

/// <summary>What the peer sent is not RESP (or exceeds a limit on it), so the connection is closed.</summary>
public sealed class RedisProtocolException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What was expected and what came.</param>
    public RedisProtocolException(string message) : base(message)
    {
    }
}
