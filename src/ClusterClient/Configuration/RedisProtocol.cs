// The protocol version the client asks a server for.
namespace ClusterClient;

/// <summary>The version of the Redis serialization protocol to ask for.</summary>
public enum RedisProtocol
{
    /// <summary>RESP2: no HELLO is sent.</summary>
    Resp2,

    /// <summary>RESP3 by <c>HELLO 3</c>; a server that does not know it is spoken to in RESP2.</summary>
    Resp3,
}
