// Kinds of connections, as CLIENT LIST and CLIENT KILL tell them apart.
using ClusterClient.Commands;

namespace ClusterClient;

/// <summary>Kinds of connections.</summary>
public enum ClientType
{
    /// <summary>Ordinary clients.</summary>
    Normal,

    /// <summary>The server's own master.</summary>
    Master,

    /// <summary>The server's replicas.</summary>
    Replica,

    /// <summary>Clients that have subscribed.</summary>
    PubSub,
}

internal static class ClientTypes
{
    internal static RedisValue Word(ClientType type) => type switch
    {
        ClientType.Normal => "normal",
        ClientType.Master => "master",
        ClientType.Replica => "replica",
        ClientType.PubSub => "pubsub",
        _ => throw Argument.Unknown(type, nameof(type)),
    };
}
