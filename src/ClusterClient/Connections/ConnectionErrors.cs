// Turns what the operating system, TLS or a server's first words say into one clear error that names the node and the cause.
using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using ClusterClient.Configuration;

namespace ClusterClient.Connections;

/// <summary>Classifies the failures of connections, while they are made and later.</summary>
internal static class ConnectionErrors
{
    /// <summary>A connection that was in use has broken.</summary>
    internal static RedisConnectionException Lost(string node, Exception failure) => failure switch
    {
        RedisConnectionException known => known,
        RedisProtocolException broken => new($"{node} broke the protocol, so its connection was closed: {broken.Message}", ConnectionFailure.Protocol, Outcome.Unknown, broken) { Node = node },
        EndOfStreamException => new($"{node} closed the connection.", ConnectionFailure.Lost, Outcome.Unknown, failure) { Node = node },

        // The system bears with a silent peer for as long as the heartbeat does (see DeadPeerOptions): either may be the first to say so.
        SocketException { SocketErrorCode: SocketError.TimedOut } or IOException { InnerException: SocketException { SocketErrorCode: SocketError.TimedOut } }
            => new($"{node} has acknowledged nothing for as long as hangTimeout allows: {Reason(failure)}", ConnectionFailure.Hung, Outcome.Unknown, failure) { Node = node },
        _ => new($"The connection to {node} broke: {Reason(failure)}", ConnectionFailure.Lost, Outcome.Unknown, failure) { Node = node },
    };

    /// <summary>The client ended its relation to the node.</summary>
    internal static RedisConnectionException ClosedHere(string node)
        => new($"The client closed its connection to {node}.", ConnectionFailure.Disposed, Outcome.NotExecuted) { Node = node };

    /// <summary>A connection that was replaced has nothing left to do.</summary>
    internal static RedisConnectionException Superseded(string node)
        => new($"The connection to {node} was replaced and has served its last command.", ConnectionFailure.Superseded, Outcome.NotExecuted) { Node = node };

    /// <summary>One line about a connection's condition, for errors.</summary>
    internal static string Describe(Connection connection)
    {
        long now = Environment.TickCount64;
        return string.Create(CultureInfo.InvariantCulture,
            $"The connection to {connection.Node} is {(connection.IsOpen ? "open" : "closed")} for {now - connection.Opened} ms, has {connection.InFlight} commands in flight and received its last byte {now - connection.LastReceived} ms ago.");
    }

    /// <summary>A connection was closed because its peer fell silent.</summary>
    internal static RedisConnectionException Hung(Connection connection, TimeSpan hangTimeout)
        => new($"{connection.Node} has sent no byte for {hangTimeout.TotalMilliseconds} ms (hangTimeout) with {connection.InFlight} replies outstanding.", ConnectionFailure.Hung, Outcome.Unknown) { Node = connection.Node };

    /// <summary>A server that does not know AUTH repeats its arguments in its refusal: the password must not reach a log that way.</summary>
    internal static Exception WithoutSecret(Exception failure, RedisCredentials? credentials)
        => failure is RedisServerException refused && credentials is { Password.Length: > 0 } && refused.ServerMessage.Contains(credentials.Password, StringComparison.Ordinal)
            ? new RedisServerException(refused.ServerMessage.Replace(credentials.Password, "***", StringComparison.Ordinal)) { Node = refused.Node, CommandName = refused.CommandName }
            : failure;

    /// <summary>A connection could not be made.</summary>
    /// <param name="endpoint">Where to.</param>
    /// <param name="settings">How it was to be made.</param>
    /// <param name="failure">What happened.</param>
    internal static RedisConnectionException CannotConnect(NodeEndpoint endpoint, ClientSettings settings, Exception failure)
    {
        string node = endpoint.ToString();
        bool isTls = settings.Tls;
        return failure switch
        {
            RedisConnectionException { Failure: ConnectionFailure.Protocol or ConnectionFailure.Lost } broken
                // From TLS 1.3 on a client certificate is refused only when the client has its handshake behind it.
                => Make($"{node} is not a Redis server, or {(isTls ? "does not accept this client's certificate" : "speaks TLS only (use rediss:// or tls=true then)")}: {Reason(Root(broken))}", broken.Failure, broken,
                    leavesAlive: broken.Failure == ConnectionFailure.Lost && settings.ClientCertificates is { Count: > 0 }),
            RedisConnectionException known => known,
            AuthenticationException => Make($"The TLS handshake with {node} failed: {Reason(failure)} Check the server's certificate, tlsServerName and the client certificate.", ConnectionFailure.Tls, failure, leavesAlive: true),

            // At maxclients a server closes a connection of TLS without a word, so that this too may be life.
            IOException when isTls => Make($"The TLS handshake with {node} failed: {Reason(failure)} Does that port speak TLS, and does it want a client certificate?", ConnectionFailure.Tls, failure, leavesAlive: true),
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } => Make($"{node} refused the connection: nothing listens there.", ConnectionFailure.Refused, failure),
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } unresolved => Make($"The name of {node} cannot be resolved: {Reason(failure)}", ConnectionFailure.Unreachable, failure, IsOfThisSide(unresolved)),
            SocketException when endpoint.IsUnixSocket && !File.Exists(endpoint.Host) => Make($"There is no Unix socket at {node}.", ConnectionFailure.Refused, failure),
            SocketException socket when endpoint.IsUnixSocket => Make($"The Unix socket {node} cannot be opened: {Reason(socket)}", ConnectionFailure.Refused, failure, IsOfThisSide(socket)),
            SocketException socket => Make($"{node} cannot be reached: {Reason(failure)}", ConnectionFailure.Unreachable, failure, IsOfThisSide(socket)),
            OperationCanceledException when isTls => Make($"{node} gave no connection with TLS within the connect timeout. Is it reachable, and does that port speak TLS?", ConnectionFailure.TimedOut, failure),
            OperationCanceledException => Make($"{node} gave no answer within the connect timeout.", ConnectionFailure.TimedOut, failure),
            RedisServerException server => FromHandshake(node, server),
            RedisTimeoutException => Make($"{node} accepted the connection but did not answer the handshake within the connect timeout.", ConnectionFailure.TimedOut, failure),
            _ => Make($"The connection to {node} could not be made: {Reason(failure)}", ConnectionFailure.Lost, failure, leavesAlive: true), // the application's own code, as it validates a certificate
        };

        RedisConnectionException Make(string message, ConnectionFailure cause, Exception inner, bool leavesAlive = false)
            => new(message, cause, Outcome.NotExecuted, inner) { Node = node, LeavesNodeAlive = leavesAlive };
    }

    /// <summary>Nothing left this machine: no file descriptor, port or buffer for a connection, no permission to make one, no resolver that answers.</summary>
    private static bool IsOfThisSide(SocketException failure)
        => failure.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.ProcessLimit or SocketError.AddressNotAvailable or SocketError.NoBufferSpaceAvailable
            or SocketError.AccessDenied or SocketError.TryAgain;

    private static RedisConnectionException FromHandshake(string node, RedisServerException error)
    {
        (string hint, ConnectionFailure failure) = error.Code switch
        {
            "WRONGPASS" => ("The user name or the password is wrong.", ConnectionFailure.Authentication),
            "NOAUTH" => ("The server wants a password and none is configured.", ConnectionFailure.Authentication),
            "NOPERM" => ("The user may not run what the connection needs (HELLO, CLIENT SETNAME, SELECT).", ConnectionFailure.Permission),
            "DENIED" => ("The server is in protected mode and accepts local connections only.", ConnectionFailure.Permission),
            "ERR" when error.ServerMessage.Contains("AUTH", StringComparison.OrdinalIgnoreCase) || error.ServerMessage.Contains("password", StringComparison.OrdinalIgnoreCase)
                => ("A user or password is configured that this server does not accept.", ConnectionFailure.Authentication),
            "ERR" when error.ServerMessage.Contains("max number of clients", StringComparison.OrdinalIgnoreCase)
                => ("The server's maxclients is reached.", ConnectionFailure.Refused),
            "ERR" when IsOfDatabase(error.ServerMessage)
                => ("The server does not have the database that is configured (database=, or /N in the connection string).", ConnectionFailure.Database),
            _ => ("The server refused the handshake.", ConnectionFailure.Refused),
        };
        return new RedisConnectionException($"{node}: {hint} It said: {error.ServerMessage}", failure, Outcome.NotExecuted, error) { Node = node, LeavesNodeAlive = true };
    }

    /// <summary>What Redis, Valkey ("DB index is out of range", "SELECT is not allowed in cluster mode") and Garnet ("invalid database index") say to SELECT.</summary>
    private static bool IsOfDatabase(string message)
        => message.Contains("DB index", StringComparison.OrdinalIgnoreCase) || message.Contains("database index", StringComparison.OrdinalIgnoreCase)
        || message.Contains("SELECT is not allowed", StringComparison.OrdinalIgnoreCase);

    /// <summary>What the wire said, below what was made of it for the command that was on it.</summary>
    private static Exception Root(RedisConnectionException broken)
        => broken.InnerException switch
        {
            RedisConnectionException deeper => Root(deeper),
            EndOfStreamException => new EndOfStreamException("it closed the connection"),
            { } cause => cause,
            null => broken,
        };

    private static string Reason(Exception failure)
    {
        string message = failure is AuthenticationException or IOException and not EndOfStreamException ? failure.InnerException?.Message ?? failure.Message : failure.Message;
        return message.EndsWith('.') ? message : message + ".";
    }
}
