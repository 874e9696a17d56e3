// The immutable, checked copy of the options that the running client uses.
using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterClient.Configuration;

/// <summary>What <see cref="RedisClientOptions.Snapshot"/> gives: validated, immutable, ready to use. Not a record, whose text would show the password.</summary>
/// <param name="options">A validated copy of the user's options that nobody else holds.</param>
internal sealed class ClientSettings(RedisClientOptions options)
{
    private readonly RedisCredentials? _fixedCredentials = options.Password is null ? null : new(options.User, options.Password);
    private readonly Func<CancellationToken, ValueTask<RedisCredentials>>? _credentialsProvider = options.CredentialsProvider;

    public ImmutableArray<NodeEndpoint> Endpoints { get; } = [.. options.Endpoints];

    public int Database { get; } = options.Database;

    public bool Tls { get; } = options.Tls;

    public string? TlsServerName { get; } = options.TlsServerName;

    public RemoteCertificateValidationCallback? RemoteCertificateValidation { get; } = options.RemoteCertificateValidation;

    public X509CertificateCollection? ClientCertificates { get; } = options.ClientCertificates is null ? null : new(options.ClientCertificates);

    public bool CheckCertificateRevocation { get; } = options.CheckCertificateRevocation;

    public TopologyMode Topology { get; } = options.Topology;

    /// <summary>The name under which Sentinels watch the master; null where there is no Sentinel.</summary>
    public string? ServiceName { get; } = options.ServiceName;

    public FailoverPolicy Failover { get; } = options.Failover;

    /// <summary>How to connect to Sentinels; null where there are none.</summary>
    public ClientSettings? Sentinels { get; } = SentinelOptions.From(options) is { } sentinels ? new(sentinels) : null;

    public string? ClientName { get; } = options.ClientName;

    public TimeSpan ConnectTimeout { get; } = options.ConnectTimeout;

    public int ConnectTimeoutMilliseconds { get; } = OptionKinds.Milliseconds(options.ConnectTimeout);

    public TimeSpan CommandTimeout { get; } = options.CommandTimeout;

    public int CommandTimeoutMilliseconds { get; } = OptionKinds.Milliseconds(options.CommandTimeout);

    /// <summary>Zero when deadlines never stand still.</summary>
    public TimeSpan FailoverTimeout { get; } = options.FailoverTimeout;

    public int FailoverTimeoutMilliseconds { get; } = OptionKinds.Milliseconds(options.FailoverTimeout);

    public RedisProtocol Protocol { get; } = options.Protocol;

    public TimeSpan HeartbeatInterval { get; } = options.HeartbeatInterval;

    public int HeartbeatIntervalMilliseconds { get; } = OptionKinds.Milliseconds(options.HeartbeatInterval);

    public TimeSpan HangTimeout { get; } = options.HangTimeout;

    public int HangTimeoutMilliseconds { get; } = OptionKinds.Milliseconds(options.HangTimeout);

    public TimeSpan ReconnectBackoffMin { get; } = options.ReconnectBackoffMin;

    public TimeSpan ReconnectBackoffMax { get; } = options.ReconnectBackoffMax;

    public int MaxInFlightCommands { get; } = options.MaxInFlightCommands;

    public long MaxInFlightBytes { get; } = options.MaxInFlightBytes;

    public int MaxWaitingCommands { get; } = options.MaxWaitingCommands;

    public long MaxWaitingBytes { get; } = options.MaxWaitingBytes;

    public int MaxLeasedConnections { get; } = options.MaxLeasedConnections;

    /// <summary>Zero when the topology is only refreshed for a cause.</summary>
    public TimeSpan TopologyRefreshInterval { get; } = options.TopologyRefreshInterval;

    public int MaxRedirects { get; } = options.MaxRedirects;

    public RetryPolicy RetryPolicy { get; } = options.RetryPolicy;

    public ReadFrom ReadFrom { get; } = options.MaxStaleness == TimeSpan.Zero ? options.ReadFrom : options.ReadFrom.WithMaxStaleness(options.MaxStaleness);

    public bool AllowStaleReplicas { get; } = options.AllowStaleReplicas;

    public string? AvailabilityZone { get; } = options.AvailabilityZone;

    public int MaxReplyLength { get; } = options.MaxReplyLength;

    /// <summary>Never null: nothing is logged when the user gave no factory.</summary>
    public ILoggerFactory LoggerFactory { get; } = options.LoggerFactory ?? NullLoggerFactory.Instance;

    public Func<NodeEndpoint, NodeEndpoint>? EndpointMap { get; } = options.EndpointMap;

    public Func<NodeEndpoint, string?>? ZoneOf { get; } = options.ZoneOf;

    /// <summary>Whether connections authenticate at all.</summary>
    public bool HasCredentials => _fixedCredentials is not null || _credentialsProvider is not null;

    /// <summary>The credentials for a connection that is made now, or null for none. What the user's provider throws comes through.</summary>
    public async ValueTask<RedisCredentials?> GetCredentialsAsync(CancellationToken cancellationToken) =>
        _credentialsProvider is null ? _fixedCredentials : await _credentialsProvider(cancellationToken).ConfigureAwait(false);

    /// <summary>The address to dial for one that a server announced.</summary>
    public NodeEndpoint Map(NodeEndpoint announced) => EndpointMap is null ? announced : EndpointMap(announced);
}
