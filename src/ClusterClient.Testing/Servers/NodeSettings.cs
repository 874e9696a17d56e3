// What one server is started with.
using System.Globalization;

namespace ClusterClient.Testing.Servers;

internal enum NodePurpose
{
    /// <summary>A server that is no cluster's: alone, or a master or replica.</summary>
    Data,
    ClusterNode,
    Sentinel,
}

internal sealed record NodeSettings(
    NodePurpose Purpose, int Port, string Folder, LocalTopologyOptions Options, LocalTls? Tls, IReadOnlyList<string> PurposeConfig)
{
    public string ConfigPath => Path.Combine(Folder, "server.conf");

    public string LogPath => Path.Combine(Folder, "server.log");

    public string? UnixSocketPath => Options.UnixSocket && Purpose != NodePurpose.Sentinel ? Path.Combine(Folder, "server.sock") : null;

    /// <summary>The password of the user <c>default</c> on this node.</summary>
    public string? Password => Purpose == NodePurpose.Sentinel
        ? Options.SentinelPassword switch { null => Options.Password, "" => null, var own => own }
        : Options.Password;

    /// <summary>Where the other servers reach it, and what they tell clients.</summary>
    public (string Host, int Port) Announced { get; } = Options.AnnouncedAt(Port);

    /// <summary><see cref="Announced"/> as two words of a configuration line or command.</summary>
    public string[] AnnouncedWords => [Announced.Host, Announced.Port.ToString(CultureInfo.InvariantCulture)];

    public string PortText => Port.ToString(CultureInfo.InvariantCulture);
}
