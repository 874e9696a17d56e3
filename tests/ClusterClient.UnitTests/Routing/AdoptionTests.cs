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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_write_that_gets_in_line_behind_the_failover_goes_to_the_heir(bool isBulk)
    {
        await using FakeServer old = new(), heir = new();
        ClientSettings settings = TestClient.Options(old.Endpoint, static o => o.TopologyRefreshInterval = TimeSpan.FromHours(1)).Snapshot();
        await using Router router = new(settings, new Telemetry(settings), new TestLog());
        await router.ConnectAsync(CancellationToken.None);
        router.Adopt(Replication(100, old, heir));
        RoutedExecutor view = new(router, settings.CommandTimeoutMilliseconds, settings.RetryPolicy, isBulk: isBulk);
        Assert.Equal("v", (string?)await Until.EndsAsync(view.EchoAsync("v")));

        // Between the choice of the node and its line: the connection to it is lost, and another is master. It can be connected to again.
        NodeConnection node = isBulk ? router.Table.OnlyMaster!.Bulk : router.Table.OnlyMaster!;
        Gate dialled = new();
        old.On("CLIENT", FakeAnswer.Ok.After(dialled));
        TrappedMemory value = new("v", () =>
        {
            node.Current!.Close(new RedisConnectionException("gone", ConnectionFailure.Lost, Outcome.Unknown));
            Assert.True(SpinWait.SpinUntil(() => node.Current is null, Until.Limit));
            router.Adopt(Replication(101, heir, old));
        });
        Task<bool> write = view.StringSetAsync("k", value.Memory).AsTask();
        dialled.Open();
        Assert.True(await Until.EndsAsync(write));
        Assert.Equal((0, 1), (old.CountOf("SET"), heir.CountOf("SET")));
    }

    private static TopologySnapshot Replication(long version, FakeServer master, FakeServer replica)
        => TopologySnapshot.ForReplication(version, TopologyKind.Sentinel, [new(master.Endpoint, NodeRole.Master), new(replica.Endpoint, NodeRole.Replica)]);
}
