// The attributes of metrics and spans, by the OpenTelemetry database conventions.
namespace ClusterClient.Diagnostics;

internal static class TagNames
{
    public const string SystemName = "db.system.name";
    public const string OperationName = "db.operation.name";
    public const string Namespace = "db.namespace";
    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";
    public const string PeerAddress = "network.peer.address";
    public const string PeerPort = "network.peer.port";
    public const string ErrorType = "error.type";
    public const string StatusCode = "db.response.status_code";
    public const string PoolName = "db.client.connection.pool.name";
    public const string ConnectionState = "db.client.connection.state";
    public const string RedirectKind = "clusterclient.redirection.kind";

    /// <summary>The value of <see cref="SystemName"/> for every server: the conventions have none for Valkey or Garnet.</summary>
    public const string Redis = "redis";

    /// <summary>The state of a connection: a pipelined one is shared by all callers, so it is never idle.</summary>
    public const string Used = "used";

    public const string Moved = "moved";
    public const string Ask = "ask";

    /// <summary>The conventions' word for an error that has no better name.</summary>
    public const string OtherError = "_OTHER";
}
