// Where and how the harness reaches a server for administration.
namespace ClusterClient.Testing.Admin;

/// <summary>Address, credentials and time limit for the harness's own connections to a server.</summary>
internal sealed record AdminAccess(string Host, int Port, string? Password, LocalTls? Tls, TimeSpan Timeout)
{
    public override string ToString() => $"{Host}:{Port}";
}
