// How a local topology is to be started.
namespace ClusterClient.Testing;

/// <summary>How a local topology is to be started. The values are read once, at the start.</summary>
public sealed class LocalTopologyOptions
{
    /// <summary>Which server to run. Default: <see cref="ServerKind.Auto"/>.</summary>
    public ServerKind Server { get; set; }

    /// <summary>
    /// The path of the server program; its kind is found by asking it. Default: none, the program is looked for as
    /// <see cref="ServerKind.Auto"/> describes.
    /// </summary>
    public string? ServerPath { get; set; }

    /// <summary>The image for <see cref="ServerKind.Container"/>. Default: <c>redis:8</c>.</summary>
    public string ContainerImage { get; set; } = "redis:8";

    /// <summary>The password of the user <c>default</c>, also used between the nodes. Default: none is asked for.</summary>
    public string? Password { get; set; }

    /// <summary>Named users that every data node knows. Default: none.</summary>
    public IList<LocalAclUser> AclUsers { get; private set; } = [];

    /// <summary>Named users that every sentinel knows. Default: none.</summary>
    public IList<LocalAclUser> SentinelAclUsers { get; private set; } = [];

    /// <summary>
    /// What a node of port n announces in place of <c>127.0.0.1:n</c>: a host name such as <c>localhost</c>, which sentinels then resolve and hand on as a name,
    /// or the address of something that forwards to the node, as behind NAT. The servers reach each other there; <see cref="LocalTopology.ConnectionString"/> and
    /// <see cref="LocalNode.Host"/> go on naming the real address. Asked several times for a node. Not for clusters. Default: null, nothing else is announced.
    /// </summary>
    public Func<int, (string Host, int Port)>? Announce { get; set; }

    /// <summary>
    /// Whether all traffic, also between the nodes, is TLS, with a certificate authority made for this topology
    /// (<see cref="LocalTopology.Tls"/>). There is no plain port then. Default: false.
    /// </summary>
    public bool UseTls { get; set; }

    /// <summary>With <see cref="UseTls"/>: whether clients must show a certificate (<see cref="LocalTls.ClientCertificate"/>). Default: false.</summary>
    public bool RequireClientCertificate { get; set; }

    /// <summary>Whether each data node also listens on a Unix socket (<see cref="LocalNode.UnixSocketPath"/>). Default: false.</summary>
    public bool UnixSocket { get; set; }

    /// <summary>
    /// Further configuration of the data nodes, one directive an entry, for example <c>maxmemory 100mb</c> (Garnet: one
    /// command line option an entry, for example <c>--max-databases 4</c>). It comes last, so it overrides what the topology sets itself.
    /// </summary>
    public IList<string> ExtraConfig { get; private set; } = [];

    /// <summary>Whether data survives a restart (append-only file). Default: false, a restarted node is empty or copies from its master.</summary>
    public bool Persistent { get; set; }

    /// <summary>
    /// <c>cluster-node-timeout</c>: how long a master is silent before the cluster takes it for dead, in milliseconds precision. Default: 2 s
    /// (the servers' own default is 15 s).
    /// </summary>
    public TimeSpan ClusterNodeTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary><c>cluster-require-full-coverage</c>: whether all slots are down when one is. Default: true, as the servers'.</summary>
    public bool RequireFullCoverage { get; set; } = true;

    /// <summary>The name under which sentinels know the master. Default: <c>mymaster</c>.</summary>
    public string ServiceName { get; set; } = "mymaster";

    /// <summary>How many sentinels must agree that the master is down. Default: the majority of those started.</summary>
    public int? SentinelQuorum { get; set; }

    /// <summary><c>down-after-milliseconds</c> of the sentinels. Default: 1 s (the servers' own default is 30 s).</summary>
    public TimeSpan SentinelDownAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary><c>failover-timeout</c> of the sentinels. Default: 10 s (the servers' own default is 3 min).</summary>
    public TimeSpan SentinelFailoverTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The sentinels' own password; an empty string means none. Default: the same as <see cref="Password"/>.</summary>
    public string? SentinelPassword { get; set; }

    /// <summary>How long the start, and later each wait for a state, may take before it fails with an exception that says what is missing. Default: 30 s.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one administrative command may take. Default: 5 s.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The folder in which the topology's own data folder is made. Default: the system's folder for temporary files.</summary>
    public string? DataDirectory { get; set; }

    internal (string Host, int Port) AnnouncedAt(int port) => Announce?.Invoke(port) ?? (LocalNode.Loopback, port);

    internal LocalTopologyOptions Snapshot()
    {
        var copy = (LocalTopologyOptions)MemberwiseClone();
        copy.AclUsers = [.. AclUsers];
        copy.SentinelAclUsers = [.. SentinelAclUsers];
        copy.ExtraConfig = [.. ExtraConfig];
        copy.Check();
        return copy;
    }

    // Whatever ends up in a line of a server's configuration must not be able to end that line or begin another word.
    private void Check()
    {
        Require(Password is null || IsWord(Password), nameof(Password), "must be without blanks and quotes, and not empty");
        Require(SentinelPassword is null or "" || IsWord(SentinelPassword), nameof(SentinelPassword), "must be without blanks and quotes");
        Require(IsWord(ServiceName), nameof(ServiceName), "must be without blanks and quotes, and not empty");
        CheckUsers(AclUsers, nameof(AclUsers), nameof(Password));
        CheckUsers(SentinelAclUsers, nameof(SentinelAclUsers), nameof(SentinelPassword));
        foreach (var line in ExtraConfig)
            Require(!line.AsSpan().ContainsAny('\r', '\n'), nameof(ExtraConfig), "must hold one directive an entry");
        Require(StartTimeout > TimeSpan.Zero, nameof(StartTimeout), "must be positive");
        Require(CommandTimeout > TimeSpan.Zero, nameof(CommandTimeout), "must be positive");
        Require(ClusterNodeTimeout >= TimeSpan.FromMilliseconds(100), nameof(ClusterNodeTimeout), "must be at least 100 ms");
        Require(!RequireClientCertificate || UseTls, nameof(RequireClientCertificate), $"needs {nameof(UseTls)}");
    }

    private static void CheckUsers(IList<LocalAclUser> users, string option, string ofDefault)
    {
        foreach (var user in users)
        {
            Require(IsWord(user.Name) && IsWord(user.Password), option, "must have names and passwords without blanks and quotes");
            Require(user.Name is not "default", option, $"must not hold 'default': set {ofDefault} instead");
            Require(!user.Rules.AsSpan().ContainsAny('\r', '\n'), option, "must have rules of one line");
        }
    }

    private static bool IsWord(string text) => text.Length > 0 && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '"' or '\'' or '\\');

    private static void Require(bool condition, string option, string rule)
    {
        if (!condition)
            throw new ArgumentException($"{nameof(LocalTopologyOptions)}.{option} {rule}.");
    }
}
