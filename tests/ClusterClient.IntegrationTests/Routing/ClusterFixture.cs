// One cluster that the tests of a class share, because they leave it as they found it.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Routing;

public sealed class ClusterFixture : IAsyncLifetime
{
    public LocalCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync() => Cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 1);

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}
