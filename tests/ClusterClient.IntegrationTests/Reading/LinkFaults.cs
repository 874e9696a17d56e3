// Whether the server under test can lose the link between a replica and its master, on which tests of freshness rest.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Reading;

internal static class LinkFaults
{
    /// <summary>True where the server has no such link to cut (Garnet, which has neither WAIT nor statistics of commands): then that is what is asserted, and all there is to test.</summary>
    public static async Task<bool> AreLackingAsync(LocalCluster cluster)
    {
        if (cluster.Capabilities.HasFlag(ServerCapabilities.CutReplicaLink)) return false;
        LocalNode replica = (await cluster.GetReplicasAsync())[0];
        await Assert.ThrowsAsync<NotSupportedException>(() => replica.CutReplicaLinkAsync());
        return true;
    }
}
