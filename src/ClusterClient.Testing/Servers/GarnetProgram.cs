// garnet-server, run on the .NET of this machine.
using System.Globalization;
using ClusterClient.Testing.Processes;

namespace ClusterClient.Testing.Servers;

internal sealed class GarnetProgram(string path, Version version) : ServerProgram
{
    public override ServerKind Kind => ServerKind.Garnet;

    public override Version Version => version;

    public override ServerCapabilities Capabilities =>
        ServerCapabilities.Cluster | ServerCapabilities.SlotMigrationByKey | ServerCapabilities.AclUsers | ServerCapabilities.ClusterRestart;

    public override void Prepare(NodeSettings settings)
    {
        if (settings.Options.AclUsers.Count == 0)
            return;
        var administrator = settings.Password is { } password ? $"user default on >{password} +@all" : "user default on nopass +@all";
        // Garnet's rules know neither key nor channel patterns.
        File.WriteAllLines(AclPath(settings), [
            administrator,
            .. settings.Options.AclUsers.Select(user => $"user {user.Name} on >{user.Password} {WithoutPatterns(user.Rules)}")]);
    }

    public override async Task<ServerProcess> StartAsync(NodeSettings settings, CancellationToken cancellationToken)
    {
        var assembly = path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        string[] arguments = [.. assembly ? [path] : Array.Empty<string>(), .. Arguments(settings), .. settings.PurposeConfig,
            .. settings.Options.ExtraConfig.SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        // Workstation garbage collection: tens of megabytes a node in place of hundreds.
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["DOTNET_gcServer"] = "0", ["DOTNET_TieredPGO"] = "0" };
        return await WatchedProcess.StartAsync(
            new ServerCommand(assembly ? GarnetTool.DotnetHost : path, arguments, environment),
            settings.Folder, settings.LogPath, cancellationToken).ConfigureAwait(false);
    }

    private static List<string> Arguments(NodeSettings settings)
    {
        var options = settings.Options;
        List<string> arguments = [
            "--bind", "127.0.0.1", "--port", settings.PortText, "-q", "--lua", "--enable-debug-command", "local",
            "--device-type", "RandomAccess", "--checkpointdir", settings.Folder,
            "--memory", "64m", "--page", "1m", "--index", "4m", "--aof-memory", "16m", "--aof-page-size", "4m"];
        if (options.Persistent)
            arguments.AddRange(["--aof", "--aof-commit-wait", "--recover"]);
        else if (settings.Purpose == NodePurpose.ClusterNode)
            arguments.Add("--aof"); // What replication runs on.
        if (settings.UnixSocketPath is { } socket)
            arguments.AddRange(["--unixsocket", socket]);
        if (options.AclUsers.Count > 0)
            arguments.AddRange(["--auth", "ACL", "--acl-file", AclPath(settings)]);
        else if (settings.Password is { } password)
            arguments.AddRange(["--auth", "Password", "--password", password]);
        if (settings.Tls is { } tls)
        {
            arguments.AddRange([
                "--tls", "--cert-file-name", tls.ServerCertificatePath, "--cert-password", tls.ServerKeyPath,
                "--issuer-certificate-path", tls.CaPath, "--cluster-tls-client-target-host", "localhost",
                "--client-certificate-required", options.RequireClientCertificate ? "true" : "false"]);
        }
        if (settings.Purpose == NodePurpose.ClusterNode)
            arguments.AddRange([
                "--cluster", "--gossip-delay", "1", "--repl-diskless-sync", "--repl-diskless-sync-delay", "0",
                "--cluster-timeout", Math.Max(1, (int)options.ClusterNodeTimeout.TotalSeconds).ToString(CultureInfo.InvariantCulture)]);
        if (settings.Purpose == NodePurpose.ClusterNode && settings.Password is { } clusterPassword)
            arguments.AddRange(["--cluster-username", "default", "--cluster-password", clusterPassword]);
        return arguments;
    }

    private static string AclPath(NodeSettings settings) => Path.Combine(settings.Folder, "users.acl");

    private static string WithoutPatterns(string rules) =>
        string.Join(' ', rules.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Where(rule => rule[0] is not ('~' or '&' or '%') && rule is not ("allkeys" or "allchannels" or "resetkeys" or "resetchannels")));
}
