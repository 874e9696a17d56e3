// Which server program a topology is made of.
namespace ClusterClient.Testing;

/// <summary>The server program that a topology is made of.</summary>
public enum ServerKind
{
    /// <summary>
    /// What the environment variable <c>CLUSTERCLIENT_SERVER</c> names (a kind, or the path of a program); else
    /// <c>redis-server</c> or <c>valkey-server</c> from PATH; else Garnet from the local .NET tool manifest.
    /// </summary>
    Auto,

    /// <summary><c>redis-server</c>.</summary>
    Redis,

    /// <summary><c>valkey-server</c>.</summary>
    Valkey,

    /// <summary><c>garnet-server</c>, a .NET tool: runs wherever the .NET SDK does.</summary>
    Garnet,

    /// <summary>A container image through Testcontainers; only in a build with <c>-p:UseTestcontainers=true</c>.</summary>
    Container,
}
