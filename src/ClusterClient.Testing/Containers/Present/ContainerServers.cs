// Servers in containers, through Testcontainers.Redis; compiled only with -p:UseTestcontainers=true.
// The package cannot be restored on the machines this project is built on, so this folder is written from its documentation and not yet proven by a run.
using System.Globalization;
using System.Text.RegularExpressions;
using ClusterClient.Testing.Processes;
using ClusterClient.Testing.Servers;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Testcontainers.Redis;

namespace ClusterClient.Testing.Containers;

internal static class ContainerServers
{
    public static ServerProgram Create(LocalTopologyOptions options) => new ContainerProgram(options.ContainerImage);
}

/// <summary>
/// One container a node, in the host's network: addresses, cluster bus and replication are then those of a server that runs outside. It runs in the host's
/// process namespace and as this user as well, so that its process id is a real one and signals reach it; Linux with a local daemon is needed for both.
/// </summary>
internal sealed partial class ContainerProgram(string image) : ServerProgram
{
    private readonly RedisProgram _alike = new(
        image.Contains("valkey", StringComparison.OrdinalIgnoreCase) ? ServerKind.Valkey : ServerKind.Redis, image, VersionOf(image));

    public override ServerKind Kind => ServerKind.Container;

    public override Version Version => _alike.Version;

    public override ServerCapabilities Capabilities => _alike.Capabilities;

    public override void Prepare(NodeSettings settings) => File.WriteAllLines(
        settings.ConfigPath,
        RedisConfiguration.Lines(settings, Version).Append($"logfile {settings.LogPath}").Append($"pidfile {PidPath(settings)}"));

    public override async Task<ServerProcess> StartAsync(NodeSettings settings, CancellationToken cancellationToken)
    {
        File.Delete(PidPath(settings));
        var data = Path.GetDirectoryName(settings.Folder)!;
        string[] sentinel = settings.Purpose == NodePurpose.Sentinel ? ["--sentinel"] : [];
        var container = new RedisBuilder()
            .WithImage(image)
            .WithEntrypoint(_alike.Kind == ServerKind.Valkey ? "valkey-server" : "redis-server")
            .WithCommand([settings.ConfigPath, .. sentinel])
            .WithBindMount(data, data)
            .WithCreateParameterModifier(parameters =>
            {
                parameters.User = Posix.UserId.ToString(CultureInfo.InvariantCulture);
                parameters.HostConfig.NetworkMode = "host";
                parameters.HostConfig.PidMode = "host";
            })
            .WithWaitStrategy(Wait.ForUnixContainer()) // The module's own waits for the default port; the harness waits itself.
            .Build();
        try
        {
            await container.StartAsync(cancellationToken).ConfigureAwait(false);
            await Condition.WaitAsync($"the process id of the container on port {settings.PortText}", settings.Options.StartTimeout,
                _ => Task.FromResult(File.Exists(PidPath(settings)) && new FileInfo(PidPath(settings)).Length > 0 ? null : "its server has not written it"),
                cancellationToken).ConfigureAwait(false);
            var text = await File.ReadAllTextAsync(PidPath(settings), cancellationToken).ConfigureAwait(false);
            return new ContainerProcess(container, int.Parse(text, CultureInfo.InvariantCulture));
        }
        catch
        {
            await container.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override string ToString() => $"{Kind} {image}";

    private static string PidPath(NodeSettings settings) => Path.Combine(settings.Folder, "server.pid");

    // A tag such as 'latest' says nothing; 7.0 is the oldest that knows all directives the harness writes.
    private static Version VersionOf(string image) =>
        TagVersion().Match(image) is { Success: true } match
            ? new Version(int.Parse(match.Groups["major"].Value, CultureInfo.InvariantCulture), match.Groups["minor"].Success ? int.Parse(match.Groups["minor"].Value, CultureInfo.InvariantCulture) : 0)
            : new Version(7, 0);

    [GeneratedRegex(@":(?<major>\d+)(\.(?<minor>\d+))?[^/]*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TagVersion();
}

internal sealed class ContainerProcess(IContainer container, int processId) : ServerProcess
{
    public override int ProcessId => processId;

    public override bool HasExited => Posix.HasExited(processId);

    public override void Send(Signal signal) => Posix.Send(processId, signal);

    public override ValueTask DisposeAsync()
    {
        Posix.Send(processId, Signal.Kill); // A frozen server would let the daemon wait for its time limit.
        return container.DisposeAsync();
    }
}
