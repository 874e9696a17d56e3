// redis-server and valkey-server, which share one configuration language.
using System.Globalization;
using System.Net;
using ClusterClient.Testing.Processes;

namespace ClusterClient.Testing.Servers;

internal sealed class RedisProgram(ServerKind kind, string path, Version version) : ServerProgram
{
    public override ServerKind Kind => kind;

    public override Version Version => version;

    public override ServerCapabilities Capabilities { get; } =
        ServerCapabilities.Cluster | ServerCapabilities.Replication | ServerCapabilities.Sentinel | ServerCapabilities.AutomaticFailover
        | ServerCapabilities.SlotMigrationByKey | ServerCapabilities.CutReplicaLink | ServerCapabilities.AclUsers | ServerCapabilities.ClusterRestart
        | (kind == ServerKind.Valkey && version.Major >= 9 ? ServerCapabilities.AtomicSlotMigration | ServerCapabilities.ClusterDatabases : ServerCapabilities.None);

    public override void Prepare(NodeSettings settings) => File.WriteAllLines(settings.ConfigPath, RedisConfiguration.Lines(settings, version));

    public override async Task<ServerProcess> StartAsync(NodeSettings settings, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> arguments = settings.Purpose == NodePurpose.Sentinel ? [settings.ConfigPath, "--sentinel"] : [settings.ConfigPath];
        return await WatchedProcess.StartAsync(
            new ServerCommand(path, arguments, Shell.NoVariables), settings.Folder, settings.LogPath, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>The lines of a configuration file.</summary>
internal static class RedisConfiguration
{
    public static IEnumerable<string> Lines(NodeSettings settings, Version version) =>
        [.. Common(settings), .. settings.Purpose == NodePurpose.Sentinel ? [] : Data(settings, version), .. settings.PurposeConfig,
            .. settings.Purpose == NodePurpose.Sentinel ? [] : settings.Options.ExtraConfig];

    private static IEnumerable<string> Common(NodeSettings settings)
    {
        // A name may stand for the IPv6 loopback as well, where there is one.
        yield return IPAddress.TryParse(settings.Announced.Host, out _) ? $"bind {LocalNode.Loopback}" : $"bind {LocalNode.Loopback} -::1";
        yield return "daemonize no";
        yield return $"dir {settings.Folder}";
        if (settings.Tls is { } tls)
        {
            yield return "port 0";
            yield return $"tls-port {settings.PortText}";
            yield return $"tls-cert-file {tls.ServerCertificatePath}";
            yield return $"tls-key-file {tls.ServerKeyPath}";
            yield return $"tls-ca-cert-file {tls.CaPath}";
            yield return $"tls-auth-clients {(settings.Options.RequireClientCertificate ? "yes" : "no")}";
            yield return "tls-replication yes"; // Sentinel's own connections obey it too.
        }
        else
        {
            yield return $"port {settings.PortText}";
        }
        if (settings.Password is { } password)
            yield return $"requirepass {password}";
        foreach (var user in settings.Purpose == NodePurpose.Sentinel ? settings.Options.SentinelAclUsers : settings.Options.AclUsers)
            yield return $"user {user.Name} on >{user.Password} {user.Rules}";
    }

    private static IEnumerable<string> Data(NodeSettings settings, Version version)
    {
        var options = settings.Options;
        if (settings.UnixSocketPath is { } socket)
            yield return $"unixsocket {socket}";
        if (options.Password is { } password)
            yield return $"masterauth {password}";
        if (options.Announce is not null)
        {
            yield return $"replica-announce-ip {settings.Announced.Host}";
            yield return $"replica-announce-port {settings.AnnouncedWords[1]}";
        }
        if (version.Major >= 7)
            yield return "enable-debug-command yes";

        yield return "save \"\"";
        yield return $"appendonly {(options.Persistent ? "yes" : "no")}";
        yield return "appendfsync always"; // Persistent means that kill -9 loses nothing that was answered.
        // A replica is synchronised the moment it asks, not after the default wait of 5 s for further replicas.
        yield return "repl-diskless-sync yes";
        yield return "repl-diskless-sync-delay 0";
        // Else Valkey 9 has a background thread write the copy to disk and looks for its end only once a second.
        yield return "repl-diskless-load on-empty-db";
        // CLUSTER SLOTS hides a replica whose offset is 0; the first ping to it ends that, which by default comes after 10 s.
        yield return "repl-ping-replica-period 1";

        if (settings.Purpose != NodePurpose.ClusterNode)
            yield break;
        yield return "cluster-enabled yes";
        yield return "cluster-config-file nodes.conf";
        yield return $"cluster-node-timeout {options.ClusterNodeTimeout.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)}";
        yield return $"cluster-require-full-coverage {(options.RequireFullCoverage ? "yes" : "no")}";
        // A test says who replicates whom: by default a replica moves to a master that has none, and a master without slots turns replica.
        yield return "cluster-allow-replica-migration no";
        if (settings.Tls is not null)
            yield return "tls-cluster yes";
    }
}
