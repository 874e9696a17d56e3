// What a node that is read from is asked with a heartbeat, and who waits for which answer.
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Connections;

public class ReadFitnessTests
{
    [Fact]
    public async Task Whether_a_master_loads_is_asked_together_with_its_replication()
    {
        await using FakeServer server = new();
        Gate gate = new();
        server.On("INFO", command => FakeAnswer.Bulk("# Replication\r\nrole:master\r\n").After(gate));
        await using NodeHarness node = await WatchedAsync(server);

        // The server stands still over INFO; PING is on its way behind it all the same.
        await Until.HoldsAsync(() => server.CountOf("INFO") == 1 && node.Node.Current!.InFlight == 2);
        Assert.DoesNotContain("Told", node.Heard);
        gate.Open();
        await Until.HoldsAsync(() => server.CountOf("INFO") == 3 && server.CountOf("PING") == 3); // for a first idea of the distance
        Assert.True(node.Node.Reads.IsFitMaster);
    }

    [Fact]
    public async Task What_it_says_of_its_replication_is_told_before_it_is_known_whether_it_loads()
    {
        await using FakeServer server = new();
        Gate gate = new();
        server.On("PING", command => FakeAnswer.Error("LOADING Redis is loading the dataset in memory").After(gate));
        await using NodeHarness node = await WatchedAsync(server);
        await Until.HoldsAsync(() => node.Heard.Contains("Told"), node.Log.ToString);
        Assert.True(node.Node.Reads.IsFitMaster);
        gate.Open();
        await Until.HoldsAsync(() => !node.Node.Reads.IsFitMaster);
        Assert.True(node.Node.Reads.IsGone);
    }

    [Fact]
    public async Task A_replica_that_turns_out_to_be_a_master_is_asked_too()
    {
        await using FakeServer server = new();
        bool isMaster = false;
        server.On("INFO", _ => FakeAnswer.Bulk(Volatile.Read(ref isMaster) ? "# Replication\r\nrole:master\r\n" : "# Replication\r\nrole:slave\r\nmaster_link_status:up\r\n"));
        await using NodeHarness node = await WatchedAsync(server, isReplica: true);
        await Until.HoldsAsync(() => server.CountOf("INFO") == 3);
        Assert.Equal(0, server.CountOf("PING"));
        Volatile.Write(ref isMaster, true);
        node.Node.Reads.OnHeartbeat(node.Node.Current!);
        await Until.HoldsAsync(() => server.CountOf("PING") == 1);
        Assert.Equal(4, server.CountOf("INFO"));
    }

    private static async Task<NodeHarness> WatchedAsync(FakeServer server, bool isReplica = false)
    {
        // No heartbeat but those of the test.
        NodeHarness node = await new NodeHarness(server, static o => (o.HeartbeatInterval, o.HangTimeout) = (TimeSpan.FromMinutes(5), TimeSpan.FromHours(1))).ConnectedAsync();
        node.Node.Reads.Watch(isReplica, isCluster: false);
        return node;
    }
}
