// A sharded cluster.
using ClusterClient.Testing.Cluster;
using ClusterClient.Testing.Servers;

namespace ClusterClient.Testing;

/// <summary>A sharded cluster: masters that share the 16,384 slots, and their replicas.</summary>
public sealed class LocalCluster : LocalTopology
{
    private LocalCluster(TopologyHost host) : base(host)
    {
    }

    /// <summary>Waits until all running nodes agree: state ok, the same owners and replicas everywhere, every replica's link up (cut ones aside).</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LocalTopologyException">They do not within <see cref="LocalTopologyOptions.StartTimeout"/>; the message says what is missing.</exception>
    public Task WaitUntilStableAsync(CancellationToken cancellationToken = default) => ClusterAgreement.WaitAsync(Host, cancellationToken);

    internal static async Task<LocalCluster> BuildAsync(TopologyHost host, int masters, int replicasPerMaster, CancellationToken cancellationToken)
    {
        await ClusterCreation.BuildAsync(host, masters, replicasPerMaster, cancellationToken).ConfigureAwait(false);
        return new LocalCluster(host);
    }
}
