// The entry point: starts real servers in the shape a test asks for.
using ClusterClient.Testing.Cluster;
using ClusterClient.Testing.Servers;

namespace ClusterClient.Testing;

/// <summary>
/// Real servers on free loopback ports, in one of four shapes. They are ready when the start returns, and gone with their data
/// when the topology is disposed or when the process that started them ends, even by kill -9.
/// </summary>
public abstract class LocalTopology : IAsyncDisposable
{
    private readonly TopologyHost _host;

    private protected LocalTopology(TopologyHost host) => _host = host;

    /// <summary>All nodes, in the order of their start.</summary>
    public IReadOnlyList<LocalNode> Nodes => _host.Nodes;

    /// <summary>What a client connects with, as the user <c>default</c>; for example <c>redis://127.0.0.1:7000,127.0.0.1:7001</c>.</summary>
    public string ConnectionString => ConnectionStrings.For(this, Host, Host.Options.Password is { } password ? ("default", password) : null);

    /// <summary>Which server this is.</summary>
    public ServerKind Server => _host.Program.Kind;

    /// <summary>The server's version.</summary>
    public Version ServerVersion => _host.Program.Version;

    /// <summary>What the server can do.</summary>
    public ServerCapabilities Capabilities => _host.Program.Capabilities;

    /// <summary>The certificates of a topology with <see cref="LocalTopologyOptions.UseTls"/>; else null.</summary>
    public LocalTls? Tls => _host.Tls;

    private protected TopologyHost Host => _host;

    /// <summary>What a client connects with as one of the <see cref="LocalTopologyOptions.AclUsers"/>.</summary>
    /// <param name="user">The user's name.</param>
    /// <exception cref="ArgumentException">The topology has no such user.</exception>
    public string ConnectionStringFor(string user) =>
        Host.Options.AclUsers.FirstOrDefault(known => string.Equals(known.Name, user, StringComparison.Ordinal)) is { } found
            ? ConnectionStrings.For(this, Host, (found.Name, found.Password))
            : throw new ArgumentException($"the topology has no user '{user}': add it to {nameof(LocalTopologyOptions)}.{nameof(LocalTopologyOptions.AclUsers)}.", nameof(user));

    /// <summary>Finds the server that a start with these options would use, so that a test can ask what it can do.</summary>
    /// <param name="options">How it would be started; null for the defaults.</param>
    /// <exception cref="LocalTopologyException">No server was found; the message says what was looked for.</exception>
    public static async Task<LocalServer> FindServerAsync(LocalTopologyOptions? options = null)
    {
        var program = await ServerDiscovery.FindAsync(options ?? new LocalTopologyOptions()).ConfigureAwait(false);
        return new LocalServer(program.Kind, program.Version, program.Capabilities);
    }

    /// <summary>Starts one server.</summary>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the start; nothing is left then.</param>
    /// <exception cref="LocalTopologyException">No server was found, or it did not come up; the message says why.</exception>
    public static Task<LocalStandalone> StartStandaloneAsync(LocalTopologyOptions? options = null, CancellationToken cancellationToken = default) =>
        TopologyHost.StartAsync(options, ServerCapabilities.None, "a server", "", LocalStandalone.BuildAsync, cancellationToken);

    /// <summary>Starts a master with replicas, without Sentinel and without a cluster.</summary>
    /// <param name="replicas">How many replicas; at least 1.</param>
    /// <param name="chained">Whether each replica follows the one before it, and not all the master.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the start; nothing is left then.</param>
    /// <exception cref="LocalTopologyException">No server was found, or it did not come up; the message says why.</exception>
    /// <exception cref="NotSupportedException">The server replicates only inside a cluster (Garnet).</exception>
    public static Task<LocalReplication> StartReplicatedAsync(
        int replicas, bool chained = false, LocalTopologyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        return TopologyHost.StartAsync(
            options, ServerCapabilities.Replication, "replication outside a cluster", "use StartClusterAsync(1, replicas), or Redis or Valkey",
            (host, token) => LocalReplication.BuildAsync(host, replicas, chained, token), cancellationToken);
    }

    /// <summary>Starts a master with replicas under the watch of sentinels, which know each other and the replicas when this returns.</summary>
    /// <param name="replicas">How many replicas; at least 1.</param>
    /// <param name="sentinels">How many sentinels; at least 1, three for a real majority.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the start; nothing is left then.</param>
    /// <exception cref="LocalTopologyException">No server was found, or it did not come up; the message says why.</exception>
    /// <exception cref="NotSupportedException">The server has no Sentinel (Garnet).</exception>
    public static Task<LocalSentinel> StartSentinelAsync(
        int replicas, int sentinels, LocalTopologyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(sentinels, 1);
        return TopologyHost.StartAsync(
            options, ServerCapabilities.Sentinel, "Sentinel", "use Redis or Valkey, or StartClusterAsync",
            (host, token) => LocalSentinel.BuildAsync(host, replicas, sentinels, token), cancellationToken);
    }

    /// <summary>Starts a sharded cluster, its slots shared out evenly. All nodes agree on it when this returns.</summary>
    /// <param name="masters">How many masters; at least 1, three for automatic failover.</param>
    /// <param name="replicasPerMaster">How many replicas each master has.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the start; nothing is left then.</param>
    /// <exception cref="LocalTopologyException">No server was found, or it did not come up; the message says why.</exception>
    /// <exception cref="ArgumentException"><see cref="LocalTopologyOptions.Announce"/> is set.</exception>
    public static Task<LocalCluster> StartClusterAsync(
        int masters, int replicasPerMaster, LocalTopologyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(masters, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(masters, ClusterCreation.SlotCount);
        ArgumentOutOfRangeException.ThrowIfNegative(replicasPerMaster);
        if (options?.Announce is not null)
            throw new ArgumentException($"{nameof(LocalTopologyOptions)}.{nameof(LocalTopologyOptions.Announce)} is not for clusters.", nameof(options));
        return TopologyHost.StartAsync(
            options, ServerCapabilities.Cluster, "a cluster", "use Redis, Valkey or Garnet",
            (host, token) => LocalCluster.BuildAsync(host, masters, replicasPerMaster, token), cancellationToken);
    }

    /// <summary>The logs of all nodes, one after the other, for a failed test's output.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<string> ReadLogsAsync(CancellationToken cancellationToken = default)
    {
        var logs = await Task.WhenAll(Nodes.Select(async node =>
            $"===== {node} ({node.Settings.Purpose}) ====={Environment.NewLine}{await node.ReadLogAsync(cancellationToken).ConfigureAwait(false)}")).ConfigureAwait(false);
        return string.Join(Environment.NewLine, logs);
    }

    /// <summary>Ends all servers at once and removes their data.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Refuses null and another topology's node.</summary>
    private protected void CheckOwn(LocalNode node, string parameter)
    {
        ArgumentNullException.ThrowIfNull(node, parameter);
        if (!Nodes.Contains(node))
            throw new ArgumentException($"{node} is no node of this topology, or not any more.", parameter);
    }

    /// <summary>The nodes a client is told of, in the connection string.</summary>
    private protected virtual IEnumerable<LocalNode> Seeds => Nodes;

    /// <summary>What follows the addresses in the connection string.</summary>
    private protected virtual string Query => "";

    private static class ConnectionStrings
    {
        public static string For(LocalTopology topology, TopologyHost host, (string Name, string Password)? user)
        {
            var scheme = host.Tls is null ? "redis" : "rediss";
            var credentials = user is { } known ? $"{Uri.EscapeDataString(known.Name)}:{Uri.EscapeDataString(known.Password)}@" : "";
            return $"{scheme}://{credentials}{string.Join(',', topology.Seeds)}{topology.Query}";
        }
    }
}
