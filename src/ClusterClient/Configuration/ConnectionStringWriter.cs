// Writes options as a connection string, leaving out the password and what has its default.
namespace ClusterClient.Configuration;

internal static class ConnectionStringWriter
{
    public const string Tcp = "redis://";
    public const string Tls = "rediss://";
    public const string Unix = "redis+unix://";

    public static string Write(RedisClientOptions options)
    {
        bool isSocket = options.Endpoints.Any(static e => e.IsUnixSocket);
        IEnumerable<string> query =
            from option in OptionTable.All
            where isSocket || (option != OptionTable.Tls && option != OptionTable.Database)
            let text = option.Write(options)
            where text is not null
            select $"{option.Name}={Uri.EscapeDataString(text)}";
        string servers = isSocket
            ? Unix + Uri.EscapeDataString(options.Endpoints.First(static e => e.IsUnixSocket).Host).Replace("%2F", "/", StringComparison.Ordinal)
            : (options.Tls ? Tls : Tcp) + string.Join(',', options.Endpoints);
        string database = isSocket || OptionTable.Database.Write(options) is not { } index ? "" : "/" + index;
        string joined = string.Join('&', query);
        return servers + database + (joined.Length == 0 ? "" : "?" + joined);
    }
}
