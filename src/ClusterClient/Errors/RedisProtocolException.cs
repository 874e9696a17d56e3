// Bytes that are not the Redis protocol.
namespace ClusterClient;

/// <summary>The peer sent bytes that break the protocol. The connection they came on is closed: nobody may get another's reply.</summary>
public sealed class RedisProtocolException : RedisException
{
    /// <summary>Makes an exception for malformed bytes.</summary>
    public RedisProtocolException(string message) : base(message, Outcome.Unknown)
    {
    }
}
