// Everything a user can configure, with its unit, default and reason.
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ClusterClient.Configuration;
using Microsoft.Extensions.Logging;

namespace ClusterClient;

/// <summary>
/// How a client connects and behaves. Every option that has a text form has the same name, in camel case, in a
/// connection string (<see cref="Parse"/>). The client takes a copy when it is made: later changes do not reach it.
/// </summary>
public sealed class RedisClientOptions
{
    /// <summary>Servers to start from; any reachable one is enough, the client finds the rest. At least one.</summary>
    public IList<NodeEndpoint> Endpoints { get; private set; } = [];

    /// <summary>The ACL user; null is the server's <c>default</c> user. In a connection string it stands before the password, or here when that comes from code. Default: null.</summary>
    public string? User { get; set; }

    /// <summary>The password. Default: null, no authentication. Never printed.</summary>
    public string? Password { get; set; }

    /// <summary>
    /// Gives user and password at each connect, for secrets that rotate and tokens that expire. Excludes
    /// <see cref="User"/> and <see cref="Password"/>, and runs within <see cref="ConnectTimeout"/>. Default: null.
    /// </summary>
    public Func<CancellationToken, ValueTask<RedisCredentials>>? CredentialsProvider { get; set; }

    /// <summary>The index of the logical database (SELECT); behind the servers, <c>/3</c> says the same. Default: 0.</summary>
    public int Database { get; set; }

    /// <summary>Whether connections are encrypted; <c>rediss://</c> says the same. Default: false.</summary>
    public bool Tls { get; set; }

    /// <summary>The name the server's certificate must carry; null is the host of each node. Default: null.</summary>
    public string? TlsServerName { get; set; }

    /// <summary>Decides on the server's certificate instead of the platform's rules. Default: null, the platform's rules.</summary>
    public RemoteCertificateValidationCallback? RemoteCertificateValidation { get; set; }

    /// <summary>Certificates to show to a server that asks for one. Default: null, none.</summary>
    public X509CertificateCollection? ClientCertificates { get; set; }

    /// <summary>Whether the revocation of the server's certificate is checked. Default: false.</summary>
    public bool CheckCertificateRevocation { get; set; }

    /// <summary>What kind of deployment to expect. Default: <see cref="TopologyMode.Auto"/>.</summary>
    public TopologyMode Topology { get; set; } = TopologyMode.Auto;

    /// <summary>The name under which Sentinels watch the master; <see cref="Endpoints"/> are Sentinels then. Null means that there are none. Default: null.</summary>
    public string? ServiceName { get; set; }

    /// <summary>When to write to a master that a Sentinel failover has made. Default: <see cref="FailoverPolicy.Eager"/>.</summary>
    public FailoverPolicy Failover { get; set; } = FailoverPolicy.Eager;

    /// <summary>The ACL user at the Sentinels, where it is another than at the data nodes; needs <see cref="SentinelPassword"/>, which has no text form. Default: null.</summary>
    public string? SentinelUser { get; set; }

    /// <summary>The password at the Sentinels; empty for none, null for the credentials of the data nodes. Default: null. Never printed.</summary>
    public string? SentinelPassword { get; set; }

    /// <summary>Whether connections to Sentinels are encrypted; null is as those to the data nodes (<see cref="Tls"/>). Default: null.</summary>
    public bool? SentinelTls { get; set; }

    /// <summary>The name every connection gives itself (CLIENT SETNAME), printable ASCII without spaces; null is none. Default: null.</summary>
    public string? ClientName { get; set; }

    /// <summary>The time to make one connection, TLS and handshake included. Default: 5 s. From 1 ms to 24 h.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The one deadline of a call, its waits, redirects and retries together. Default: 5 s. From 1 ms to 24 h.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long altogether the deadline of a call stands still while its command waits unsent because its shard has no master that can be reached; zero is not at
    /// all. A failover takes the servers' own time-out and an election, 15 to 30 s with their defaults. Commands on the wire are not concerned,
    /// nor are those of <c>OnNode</c>. Default: 0. From 1 ms to 24 h.
    /// </summary>
    public TimeSpan FailoverTimeout { get; set; }

    /// <summary>The protocol to ask for; a server without RESP3 is spoken to in RESP2. Default: <see cref="RedisProtocol.Resp3"/>.</summary>
    public RedisProtocol Protocol { get; set; } = RedisProtocol.Resp3;

    /// <summary>How long a connection may be silent before a PING asks for life; twice this makes the node suspect. Default: 1 s. From 10 ms to 1 h.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a connection may be silent with replies outstanding before it is closed; at least twice
    /// <see cref="HeartbeatInterval"/>, and longer than the 5 s a server is silent under a long script. Default: 15 s. From 1 ms to 24 h.
    /// </summary>
    public TimeSpan HangTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The upper bound of the first wait before a reconnect; it doubles with each failure, and each wait is drawn from 0 to the bound. Default: 10 ms. From 1 ms to 1 h.</summary>
    public TimeSpan ReconnectBackoffMin { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The greatest bound of a wait before a reconnect; while commands wait for a node that has been gone for less than 30 s, and does not refuse this client (maxclients, a certificate), the bound is 50 ms at the most. Default: 2 s. From <see cref="ReconnectBackoffMin"/> to 1 h.</summary>
    public TimeSpan ReconnectBackoffMax { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many commands may be written to one node and unanswered; more wait in line. Default: 32768. From 1 to 1048576.</summary>
    public int MaxInFlightCommands { get; set; } = 32768;

    /// <summary>How many bytes of unanswered commands one node may have; a single greater command goes alone. Default: 64 MiB. From 1 KiB to 1 TiB.</summary>
    public long MaxInFlightBytes { get; set; } = 64L << 20;

    /// <summary>How many commands may wait in line for one node; more fail at once with <see cref="RedisOverloadedException"/>. At 0 none waits. Default: 65536. From 0 to 16777216.</summary>
    public int MaxWaitingCommands { get; set; } = 65536;

    /// <summary>How many bytes of commands may wait in line for one node. Default: 64 MiB. From 1 KiB to 1 TiB.</summary>
    public long MaxWaitingBytes { get; set; } = 64L << 20;

    /// <summary>How many connections one node may have for one caller each (<c>WaitAsync</c>); more calls wait in line for one, as many as <see cref="MaxWaitingCommands"/>. Default: 128. From 1 to 65536.</summary>
    public int MaxLeasedConnections { get; set; } = 128;

    /// <summary>How often the topology is asked for without a cause, spread by a random tenth; zero turns it off. Default: 60 s. From 1 ms to 24 h.</summary>
    public TimeSpan TopologyRefreshInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How many redirects (MOVED, ASK) one call follows. Default: 16. From 0 to 1000.</summary>
    public int MaxRedirects { get; set; } = 16;

    /// <summary>What may be sent again after a connection was lost with the reply outstanding. Default: <see cref="RetryPolicy.ReadOnly"/>.</summary>
    public RetryPolicy RetryPolicy { get; set; } = RetryPolicy.ReadOnly;

    /// <summary>Which nodes answer reads; a view can have another (<c>WithReadFrom</c>). Default: <see cref="ReadFrom.Master"/>.</summary>
    public ReadFrom ReadFrom { get; set; } = ReadFrom.Master;

    /// <summary>How old what a replica answers may be at the most (see <see cref="ReadFrom.WithMaxStaleness"/>); the master answers where that cannot be proved. It holds for views and sessions too, unless their policy has a bound of its own. Zero is any age. Default: 0. From 10 ms to 1 h, or 0 to turn it off.</summary>
    public TimeSpan MaxStaleness { get; set; }

    /// <summary>
    /// Whether replicas whose link to their master is down are read from although the master lives: what they answer may be of any age. While the
    /// master itself is gone they are read from in any case. Default: false.
    /// </summary>
    public bool AllowStaleReplicas { get; set; }

    /// <summary>The zone this client runs in, for <see cref="ReadFrom.AzAffinity"/>, as the servers name it. Default: null.</summary>
    public string? AvailabilityZone { get; set; }

    /// <summary>The greatest reply accepted, in bytes; a greater one closes the connection. 512 MiB is the servers' own bound of a value. Default: 512 MiB. From 1 KiB to 2047 MiB.</summary>
    public int MaxReplyLength { get; set; } = 512 << 20;

    /// <summary>Where logs go. Default: null, nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>
    /// Translates the addresses the servers announce into ones that can be reached from here (NAT, port forwarding).
    /// Called often, so it must be quick; not called for <see cref="Endpoints"/>. Default: null, as announced.
    /// </summary>
    public Func<NodeEndpoint, NodeEndpoint>? EndpointMap { get; set; }

    /// <summary>
    /// Tells the availability zone of a node, for servers that do not announce it. Called for the addresses that are dialled, seldom, and null
    /// means that the server's own word counts. Default: null.
    /// </summary>
    public Func<NodeEndpoint, string?>? ZoneOf { get; set; }

    /// <summary>
    /// Reads <c>redis[s]://[user:password@]host[:port][,host[:port]…][/database][?option=value&amp;…]</c> or
    /// <c>redis+unix://[user:password@]/path[?option=value&amp;…]</c>. User, password, path and option values are percent-decoded.
    /// Durations are a whole number and <c>ms</c>, <c>s</c>, <c>m</c> or <c>h</c>; sizes a whole number of bytes, or one with <c>KiB</c>,
    /// <c>MiB</c>, <c>GiB</c> (<c>KB</c>, <c>MB</c>, <c>GB</c> mean the same).
    /// </summary>
    /// <exception cref="ArgumentException">Anything unknown, repeated or malformed: names the option and what is allowed, never a secret.</exception>
    public static RedisClientOptions Parse(string connectionString)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        return ConnectionStringReader.Read(connectionString);
    }

    /// <summary>A copy whose change does not touch this one. Callbacks, certificates and the logger factory are shared.</summary>
    public RedisClientOptions Clone()
    {
        var copy = (RedisClientOptions)MemberwiseClone();
        copy.Endpoints = [.. Endpoints];
        return copy;
    }

    /// <summary>Checks every option and how they fit together. The client does so when it is made.</summary>
    /// <exception cref="ArgumentException">An option is out of range or contradicts another; names it and what is allowed.</exception>
    /// <exception cref="NotSupportedException">A topology this version cannot serve yet.</exception>
    public void Validate() => OptionRules.Check(this);

    /// <summary>
    /// The connection string of these options; without passwords, and without what has no text form: callbacks, the logger factory, certificates, and of <see cref="ReadFrom"/> hedging, a
    /// bound on lag, and a selector of your own (<c>master</c> stands for that then).
    /// </summary>
    public override string ToString() => ConnectionStringWriter.Write(this);

    internal ClientSettings Snapshot()
    {
        RedisClientOptions copy = Clone();
        copy.Validate();
        return new ClientSettings(copy);
    }
}
