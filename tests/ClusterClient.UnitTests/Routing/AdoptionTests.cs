// Many redirects at once: the table of routes and the directory of connections must never part.
using ClusterClient.Configuration;
using ClusterClient.Connections;
using ClusterClient.Diagnostics;
using ClusterClient.Routing;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

public class AdoptionTests
{
    [Fact]
    public async Task No_route_leads_to_a_connection_that_was_let_go()
    {
        const int Threads = 4, Rounds = 60;
        await using FakeCluster cluster = FakeCluster.Start(1);
        ClientSettings settings = TestClient.Options(cluster[0].Server.Endpoint, static o => (o.Topology, o.TopologyRefreshInterval) = (TopologyMode.Cluster, TimeSpan.FromHours(1))).Snapshot();
        await using Router router = new(settings, new Telemetry(settings), new TestLog());
        await router.ConnectAsync(CancellationToken.None);

        // Each thread is a reader that is told of nodes nobody knew. A node that is learned stays: whoever routes to it finds the one connection.
        int parted = 0;
        await Until.EndsAsync(Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    int slot = (i * Threads) + thread;
                    router.Moved(slot, new NodeEndpoint("127.0.0.1", 20_000 + slot), cluster[0].Server.Endpoint);
                    for (int known = 0; known <= slot; known++)
                    {
                        if (router.Table.OwnerOf(known) is { } node && !ReferenceEquals(router.Nodes.Find(node.Endpoint), node)) Interlocked.Increment(ref parted);
                    }
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))));
        Assert.Equal(0, parted);
    }
}
