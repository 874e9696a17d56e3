// The checks every set of options passes before a client uses it: each value's range, then how values fit together.
namespace ClusterClient.Configuration;

internal static class OptionRules
{
    public static void Check(RedisClientOptions options)
    {
        CheckEndpoints(options);
        foreach (Option option in OptionTable.All)
        {
            if (!option.IsAllowed(options)) throw Bad(option.Name, $"must be {option.Allowed}");
        }

        CheckCredentials(options);
        CheckTls(options);
        if (options.ReconnectBackoffMax < options.ReconnectBackoffMin) throw Bad("reconnectBackoffMax", "must not be less than reconnectBackoffMin");
        if (options.HangTimeout < 2 * options.HeartbeatInterval) throw Bad("hangTimeout", "must be at least twice heartbeatInterval: a node is suspect after two silent heartbeats and given up later");
        CheckZone(options.ReadFrom, options.AvailabilityZone);
        if (options.MaxStaleness != TimeSpan.Zero && options.ReadFrom.Policy == ReadPolicy.Master) throw Bad("maxStaleness", "is for reads that replicas answer: set readFrom to another policy than master, or leave maxStaleness out");
        if (options.MaxStaleness != TimeSpan.Zero && options.ReadFrom.IsHedged) throw Bad("maxStaleness", "is for reads that are not hedged: leave it out, or take WithHedging from readFrom");
        CheckSentinel(options);
    }

    private static void CheckSentinel(RedisClientOptions options)
    {
        if (options.ServiceName is null)
        {
            if (options.Topology == TopologyMode.Sentinel) throw Bad("serviceName", "is missing: topology=sentinel needs the name under which the Sentinels watch the master (their 'sentinel monitor <name> …')");
            string? unused =
                options.SentinelUser is not null ? "sentinelUser"
                : options.SentinelPassword is not null ? "sentinelPassword"
                : options.SentinelTls is not null ? "sentinelTls"
                : options.Failover != FailoverPolicy.Eager ? "failover"
                : null;
            if (unused is not null) throw Bad(unused, "is set but there is no Sentinel: set serviceName, and give the addresses of the Sentinels");
            return;
        }

        if (options.Topology is not (TopologyMode.Auto or TopologyMode.Sentinel)) throw Bad("serviceName", $"is for Sentinel and contradicts topology={OptionNames.CamelCase(options.Topology.ToString())}");
        if (options.SentinelUser is not null && options.SentinelPassword is null) throw Bad("sentinelUser", "needs sentinelPassword (an empty one for a user without)");
    }

    /// <summary>Refuses a policy that needs to know the client's own zone, when nobody has said which that is.</summary>
    public static void CheckZone(ReadFrom readFrom, string? zone)
    {
        if (readFrom.Policy == ReadPolicy.AzAffinity && zone is null) throw Bad("readFrom", "azAffinity needs availabilityZone, the zone this client runs in");
    }

    private static void CheckEndpoints(RedisClientOptions options)
    {
        if (options.Endpoints.Count == 0) throw Bad("endpoints", "must hold the address of at least one server");
        for (int i = 0; i < options.Endpoints.Count; i++)
        {
            if (EndpointText.ProblemWith(options.Endpoints[i]) is { } problem) throw Bad("endpoints", $"entry {i + 1}: {problem}");
        }

        // A connection string has one scheme, and a socket has no cluster around it.
        if (options.Endpoints.Count > 1 && options.Endpoints.Any(static e => e.IsUnixSocket)) throw Bad("endpoints", "a Unix socket must be the only entry");
    }

    private static void CheckCredentials(RedisClientOptions options)
    {
        if (options.CredentialsProvider is not null && (options.User is not null || options.Password is not null))
            throw Bad("credentialsProvider", "gives user and password; leave user and password out");
        if (options.User is not null && options.Password is null)
            throw Bad("user", "needs a password (an empty one for a user without), or use credentialsProvider");
    }

    private static void CheckTls(RedisClientOptions options)
    {
        if (options.Tls)
        {
            if (options.Endpoints.Any(static e => e.IsUnixSocket)) throw Bad("tls", "a Unix socket does not speak TLS");
            return;
        }

        string? unused =
            options.TlsServerName is not null ? "tlsServerName"
            : options.RemoteCertificateValidation is not null ? "remoteCertificateValidation"
            : options.ClientCertificates is not null ? "clientCertificates"
            : options.CheckCertificateRevocation ? "checkCertificateRevocation"
            : null;
        if (unused is not null) throw Bad(unused, "is set but tls is off: use rediss:// or set tls");
    }

    private static ArgumentException Bad(string option, string problem) => new($"Option '{option}': {problem}.");
}
