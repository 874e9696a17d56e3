// Options set in code are held to the same ranges as the connection string's, and must fit together.
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ClusterClient.UnitTests.Configuration;

public class OptionRulesTests
{
    public static TheoryData<string, Action<RedisClientOptions>> Bad => new()
    {
        { "Option 'endpoints': must hold the address of at least one server.", static o => o.Endpoints.Clear() },
        { "Option 'endpoints': entry 2: it has no host.", static o => o.Endpoints.Add(default) },
        { "Option 'endpoints': entry 2: the port of 'h' must be a number from 1 to 65535.", static o => o.Endpoints.Add(new("h", 0)) },
        { "Option 'endpoints': entry 2: the host must be a DNS name", static o => o.Endpoints.Add(new("h:1", 1)) },
        { "Option 'endpoints': entry 2: the path of the Unix socket must be absolute.", static o => o.Endpoints.Add(new("redis.sock", -1)) },
        { "Option 'endpoints': a Unix socket must be the only entry.", static o => o.Endpoints.Add(NodeEndpoint.Unix("/run/redis.sock")) },
        { "Option 'connectTimeout': must be a whole number followed by ms, s, m or h, from 1ms to 24h.", static o => o.ConnectTimeout = TimeSpan.Zero },
        { "Option 'connectTimeout'", static o => o.ConnectTimeout = Timeout.InfiniteTimeSpan },
        { "Option 'commandTimeout'", static o => o.CommandTimeout = TimeSpan.MaxValue },
        { "Option 'heartbeatInterval'", static o => o.HeartbeatInterval = TimeSpan.Zero },
        { "Option 'hangTimeout': must be at least twice heartbeatInterval", static o => o.HangTimeout = TimeSpan.FromSeconds(1) },
        { "Option 'reconnectBackoffMax': must not be less than reconnectBackoffMin.", static o => o.ReconnectBackoffMin = TimeSpan.FromSeconds(3) },
        { "Option 'topologyRefreshInterval'", static o => o.TopologyRefreshInterval = TimeSpan.FromDays(2) },
        { "Option 'maxInFlightCommands'", static o => o.MaxInFlightCommands = 0 },
        { "Option 'maxInFlightBytes'", static o => o.MaxInFlightBytes = -1 },
        { "Option 'maxWaitingCommands'", static o => o.MaxWaitingCommands = -1 },
        { "Option 'maxRedirects'", static o => o.MaxRedirects = -1 },
        { "Option 'maxReplyLength'", static o => o.MaxReplyLength = 1 },
        { "Option 'database'", static o => o.Database = -1 },
        { "Option 'topology': must be one of auto,", static o => o.Topology = (TopologyMode)99 },
        { "Option 'protocol'", static o => o.Protocol = (RedisProtocol)99 },
        { "Option 'retryPolicy'", static o => o.RetryPolicy = (RetryPolicy)(-1) },
        { "Option 'readFrom': must be one of master, masterPreferred, replica, replicaPreferred, any, nearest, azAffinity.", static o => o.ReadFrom = null! },
        { "Option 'readFrom': azAffinity needs availabilityZone", static o => o.ReadFrom = ReadFrom.AzAffinity },
        { "Option 'maxStaleness': must be a whole number followed by ms, s, m or h, from 10ms to 1h", static o => (o.ReadFrom, o.MaxStaleness) = (ReadFrom.Replica, TimeSpan.FromSeconds(-1)) },
        { "Option 'maxStaleness': is for reads that are not hedged", static o => (o.ReadFrom, o.MaxStaleness) = (ReadFrom.Any.WithHedging(), TimeSpan.FromSeconds(1)) },
        { "Option 'maxStaleness': is for reads that replicas answer: set readFrom", static o => o.MaxStaleness = TimeSpan.FromSeconds(1) },
        { "Option 'availabilityZone'", static o => o.AvailabilityZone = "a b" },
        { "Option 'clientName'", static o => o.ClientName = "a b" },
        { "Option 'clientName'", static o => o.ClientName = "" },
        { "Option 'user': needs a password", static o => o.User = "ada" },
        { "Option 'credentialsProvider': gives user and password", static o => (o.Password, o.CredentialsProvider) = ("x", static _ => new(new RedisCredentials(null, "y"))) },
        { "Option 'tlsServerName': is set but tls is off", static o => o.TlsServerName = "x" },
        { "Option 'remoteCertificateValidation': is set but tls is off", static o => o.RemoteCertificateValidation = static (_, _, _, errors) => errors == SslPolicyErrors.None },
        { "Option 'clientCertificates': is set but tls is off", static o => o.ClientCertificates = [] },
        { "Option 'checkCertificateRevocation': is set but tls is off", static o => o.CheckCertificateRevocation = true },
        { "Option 'serviceName': is missing: topology=sentinel", static o => o.Topology = TopologyMode.Sentinel },
        { "Option 'serviceName': is for Sentinel and contradicts topology=cluster", static o => (o.ServiceName, o.Topology) = ("m", TopologyMode.Cluster) },
        { "Option 'serviceName': must be", static o => o.ServiceName = "my master" },
        { "Option 'sentinelPassword': is set but there is no Sentinel", static o => o.SentinelPassword = "x" },
        { "Option 'failover': is set but there is no Sentinel", static o => o.Failover = FailoverPolicy.Confirmed },
        { "Option 'sentinelTls': is set but there is no Sentinel", static o => o.SentinelTls = true },
        { "Option 'sentinelUser': needs sentinelPassword", static o => (o.ServiceName, o.SentinelUser) = ("m", "ada") },
        { "Option 'tls': a Unix socket does not speak TLS.", static o => (o.Tls, o.Endpoints[0]) = (true, NodeEndpoint.Unix("/run/redis.sock")) },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Refuses_and_says_why(string reason, Action<RedisClientOptions> spoil)
    {
        RedisClientOptions options = new() { Endpoints = { new("localhost", 6379) } };
        options.Validate();
        spoil(options);
        ArgumentException error = Assert.Throws<ArgumentException>(options.Validate);
        Assert.StartsWith(reason, error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(options.Snapshot);
    }

    [Fact]
    public void Everything_that_fits_is_accepted()
    {
        RedisClientOptions options = new()
        {
            Endpoints = { new("a", 1), new("b", 2) },
            Tls = true,
            TlsServerName = "redis.example",
            RemoteCertificateValidation = static (_, _, _, errors) => errors == SslPolicyErrors.None,
            ClientCertificates = new X509CertificateCollection(),
            CheckCertificateRevocation = true,
            CredentialsProvider = static _ => new(new RedisCredentials("ada", "x")),
            MaxWaitingCommands = 0,
            TopologyRefreshInterval = TimeSpan.Zero,
            EndpointMap = static e => e,
        };
        options.Validate();
    }
}
