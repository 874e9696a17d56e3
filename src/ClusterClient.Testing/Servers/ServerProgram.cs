// A server program found on this machine: what it is, what it can do, how it is started.
using ClusterClient.Testing.Processes;

namespace ClusterClient.Testing.Servers;

internal abstract class ServerProgram
{
    public abstract ServerKind Kind { get; }

    public abstract Version Version { get; }

    public abstract ServerCapabilities Capabilities { get; }

    /// <summary>Writes what the server reads at its start; done once a node, so that a restart finds what the server itself changed.</summary>
    public abstract void Prepare(NodeSettings settings);

    public abstract Task<ServerProcess> StartAsync(NodeSettings settings, CancellationToken cancellationToken);

    /// <summary>Throws when the server lacks a capability.</summary>
    /// <param name="needed">The capability.</param>
    /// <param name="what">What was asked for, as a noun.</param>
    /// <param name="instead">What to use instead, as a whole clause.</param>
    public void Require(ServerCapabilities needed, string what, string instead)
    {
        if ((Capabilities & needed) != needed)
            throw new NotSupportedException($"{this} does not offer {what}: {instead}.");
    }

    public override string ToString() => $"{Kind} {Version}";
}
