// The options of connections to Sentinels: those of the data nodes, but for credentials, TLS and the database.
namespace ClusterClient.Configuration;

internal static class SentinelOptions
{
    /// <summary>A copy for the Sentinels; null where there are none.</summary>
    public static RedisClientOptions? From(RedisClientOptions options)
    {
        if (options.ServiceName is null) return null;
        RedisClientOptions copy = options.Clone();
        copy.ServiceName = null;
        copy.Topology = TopologyMode.Standalone;
        copy.Database = 0;
        copy.Tls = options.SentinelTls ?? options.Tls;
        if (options.SentinelPassword is not { } password) return copy;
        copy.CredentialsProvider = null;
        copy.User = options.SentinelUser;
        copy.Password = password.Length == 0 && options.SentinelUser is null ? null : password;
        return copy;
    }
}
