// One server.
using ClusterClient.Testing.Servers;

namespace ClusterClient.Testing;

/// <summary>One server.</summary>
public sealed class LocalStandalone : LocalTopology
{
    private LocalStandalone(TopologyHost host) : base(host)
    {
    }

    /// <summary>The server.</summary>
    public LocalNode Node => Nodes[0];

    internal static async Task<LocalStandalone> BuildAsync(TopologyHost host, CancellationToken cancellationToken)
    {
        await host.StartNodeAsync(NodePurpose.Data, cancellationToken).ConfigureAwait(false);
        return new LocalStandalone(host);
    }
}
