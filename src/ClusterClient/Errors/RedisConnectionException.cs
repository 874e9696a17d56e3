// A connection that could not be made, or that broke.
namespace ClusterClient;

/// <summary>Why a connection could not be made or was lost.</summary>
public enum ConnectionFailure
{
    /// <summary>The connection was lost: closed by the peer, reset, or broken on the way.</summary>
    Lost,

    /// <summary>Nobody listens at that address.</summary>
    Refused,

    /// <summary>The address could not be reached or its name not be resolved.</summary>
    Unreachable,

    /// <summary>No answer came within the connect timeout.</summary>
    TimedOut,

    /// <summary>The server did not accept the user name or password, or wants one and none is configured.</summary>
    Authentication,

    /// <summary>The server knows the user but does not permit what the handshake needs.</summary>
    Permission,

    /// <summary>The server does not have the database asked for: out of its range, or another than 0 in a cluster.</summary>
    Database,

    /// <summary>The TLS handshake failed: a certificate that is not trusted or names another host, no TLS at the other end, a missing client certificate.</summary>
    Tls,

    /// <summary>What answered does not speak the Redis protocol, or broke it.</summary>
    Protocol,

    /// <summary>The peer was silent for longer than the hang timeout.</summary>
    Hung,

    /// <summary>The node left the deployment or lost its role, so its connection was closed on purpose.</summary>
    Superseded,

    /// <summary>The client was disposed.</summary>
    Disposed,
}

/// <summary>A connection could not be made, or was lost with a command on it. <see cref="RedisException.Outcome"/> says whether that command may have run.</summary>
public sealed class RedisConnectionException : RedisException
{
    /// <summary>Makes an exception for a failed or lost connection.</summary>
    public RedisConnectionException(string message, ConnectionFailure failure, Outcome outcome, Exception? innerException = null)
        : base(message, outcome, innerException) => Failure = failure;

    /// <summary>Why.</summary>
    public ConnectionFailure Failure { get; }

    /// <summary>
    /// Whether this failure to connect says nothing against the node's life: it answered and did not admit this client, or the cause is on this side. Others may
    /// well be served by it, so nobody may take its place; and to dial it more often would help nobody.
    /// </summary>
    internal bool LeavesNodeAlive { get; init; }

    /// <inheritdoc/>
    public override bool IsTransient => Failure is not (ConnectionFailure.Authentication or ConnectionFailure.Permission or ConnectionFailure.Database or ConnectionFailure.Disposed);
}
