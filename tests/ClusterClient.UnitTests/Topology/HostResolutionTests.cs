// Every way in which a server names its nodes becomes an address to dial.
using ClusterClient.Topology;
using ClusterClient.Topology.Cluster;
using ClusterClient.Topology.Replies;
using ClusterClient.UnitTests.Topology.Support;

namespace ClusterClient.UnitTests.Topology;

public class HostResolutionTests
{
    private static readonly NodeEndpoint _dialed = new("cluster.example", 7000);

    public static TheoryData<string, int> EveryServer => CapturedReplies.Rows(CapturedReplies.All);

    public static TheoryData<string, int> RedisAndValkey => CapturedReplies.Rows(CapturedReplies.RedisAndValkey);

    private static ClusterView View(string server, string scenario, int protocol, NodeEndpoint? source = null) => new(
        source ?? _dialed,
        1,
        Reply.Parse(ClusterSlotsParser.Instance, CapturedReplies.Get(server, scenario, "slots", protocol)),
        Reply.Parse(ClusterNodesParser.Instance, CapturedReplies.Get(server, scenario, "nodes", protocol)));

    private static string[] Hosts(TopologySnapshot snapshot) => [.. snapshot.Nodes.Select(node => node.Endpoint.Host).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(EveryServer))]
    public void A_healthy_cluster_of_each_server(string server, int protocol)
    {
        TopologySnapshot snapshot = Merging.Merge(View(server, "healthy", protocol)).Snapshot;

        Assert.Equal((3, 2, HashSlot.Count), (snapshot.Masters.Length, snapshot.Replicas.Length, snapshot.CoveredSlots));
        Assert.All(snapshot.Nodes, node => Assert.Equal("127.0.0.1", node.Endpoint.Host));
        Assert.Single(snapshot.ReplicasOf(0));
        Assert.Single(snapshot.ReplicasOf(6000));
        Assert.Empty(snapshot.ReplicasOf(16383));
    }

    [Theory]
    [MemberData(nameof(RedisAndValkey))]
    public void After_a_failover(string server, int protocol)
    {
        TopologySnapshot snapshot = Merging.Merge(View(server, "failed-over", protocol)).Snapshot;

        Assert.Equal(HashSlot.Count, snapshot.CoveredSlots);
        Assert.Equal(4, snapshot.Masters.Length);
        TopologyNode gone = Assert.Single(snapshot.Nodes, node => !node.IsAvailable);
        Assert.Empty(snapshot.SlotsOf(gone));
        Assert.Same(snapshot.MasterOf(100), snapshot.MasterOf(6000));
    }

    [Theory]
    [MemberData(nameof(RedisAndValkey))]
    public void A_node_without_an_address_of_its_own_is_where_it_answered(string server, int protocol)
    {
        TopologyNode node = Assert.Single(Merging.Merge(View(server, "fresh-alone", protocol)).Snapshot.Nodes);

        Assert.Equal("cluster.example", node.Endpoint.Host);
    }

    [Theory]
    [MemberData(nameof(RedisAndValkey))]
    public void A_node_without_slots_is_where_it_answered(string server, int protocol)
    {
        TopologySnapshot snapshot = Merging.Merge(View(server, "fresh-empty", protocol)).Snapshot;

        Assert.Equal((1, 0), (snapshot.Nodes.Length, snapshot.CoveredSlots));
        Assert.Equal("cluster.example", snapshot.Nodes[0].Endpoint.Host);
    }

    [Theory]
    [MemberData(nameof(RedisAndValkey))]
    public void Withheld_endpoints_are_the_host_that_was_asked(string server, int protocol)
    {
        TopologySnapshot snapshot = Merging.Merge(View(server, "endpoint-unknown", protocol)).Snapshot;

        // Replicas that CLUSTER SLOTS hides included.
        Assert.Equal(5, snapshot.Nodes.Length);
        Assert.All(snapshot.Nodes, node => Assert.Equal("cluster.example", node.Endpoint.Host));
        Assert.Equal(5, snapshot.Nodes.Select(node => node.Endpoint.Port).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(RedisAndValkey))]
    public void Preferred_host_names_hold_for_hidden_replicas_too(string server, int protocol)
    {
        TopologySnapshot snapshot = Merging.Merge(View(server, "hostnames-preferred", protocol)).Snapshot;

        // The fifth node has no name: its address stands for it.
        Assert.Equal(["127.0.0.1", "n0.example.test", "n1.example.test", "n2.example.test", "n3.example.test"], Hosts(snapshot));
        Assert.All(snapshot.Nodes, node => Assert.Equal("127.0.0.1", node.Ip));
    }

    [Theory]
    [MemberData(nameof(RedisAndValkey))]
    public void Over_TLS_the_TLS_ports(string server, int protocol)
    {
        TopologySnapshot snapshot = Merging.Merge(View(server, "tls-healthy", protocol)).Snapshot;

        Assert.Equal((5, HashSlot.Count), (snapshot.Nodes.Length, snapshot.CoveredSlots));
        Assert.All(snapshot.Nodes, node => Assert.InRange(node.Endpoint.Port, 1, 65535));
    }

    [Theory]
    [MemberData(nameof(RedisAndValkey))]
    public void An_address_that_is_dialed_stays_while_it_is_announced(string server, int protocol)
    {
        // Nodes that prefer different kinds of names must not make the client reconnect by turns.
        ClusterMergeResult first = Merging.Merge(View(server, "hostnames-ip", protocol));
        ClusterMergeResult second = first.Then(0, View(server, "hostnames-preferred", protocol));
        Assert.Equal(Hosts(first.Snapshot), Hosts(second.Snapshot));

        ClusterMergeResult named = Merging.Merge(View(server, "hostnames-preferred", protocol));
        Assert.Equal(Hosts(named.Snapshot), Hosts(named.Then(0, View(server, "hostnames-ip", protocol)).Snapshot));
    }

    private static ClusterSlotsEntry Entry(params ClusterSlotsNode[] nodes) => new(new(0, 16383), nodes[0], [.. nodes[1..]]);

    private static ClusterView Made(string nodes, params ClusterSlotsNode[] slots) => new(_dialed, 1, [Entry(slots)], nodes.Length == 0 ? [] : ClusterNodesParser.Parse(nodes));

    private static NodeEndpoint? OwnerOf(ClusterView view) => Merging.Merge(view).Snapshot.MasterOf(0)?.Endpoint;

    [Fact]
    public void An_unknown_endpoint_takes_the_metadatas_ip() =>
        Assert.Equal(new("10.0.0.1", 6379), OwnerOf(Made("", new ClusterSlotsNode("?", 6379) { Id = "i", Ip = "10.0.0.1" })));

    [Fact]
    public void An_unknown_endpoint_is_looked_up_by_id_in_CLUSTER_NODES() =>
        Assert.Equal(new("10.0.0.2", 6379), OwnerOf(Made("i 10.0.0.2:6379@16379 myself,master - 0 0 1 connected 0-16383", new ClusterSlotsNode("?", 6379) { Id = "i" })));

    [Fact]
    public void An_unknown_endpoint_is_looked_up_by_id_in_the_map()
    {
        ClusterMergeResult known = Merging.Merge(Made("", new ClusterSlotsNode("10.0.0.3", 6379) { Id = "i" }));

        Assert.Equal(new("10.0.0.3", 6379), known.Then(0, Made("", new ClusterSlotsNode("?", 6379) { Id = "i" })).Snapshot.MasterOf(0)!.Endpoint);
    }

    [Fact]
    public void An_endpoint_nobody_tells_leaves_the_slots_uncovered_and_asks_for_another_look()
    {
        ClusterMergeResult result = Merging.Merge(Made("", new ClusterSlotsNode("?", 6379) { Id = "i" }, new ClusterSlotsNode("10.0.0.4", 6379) { Id = "j" }));

        Assert.Null(result.Snapshot.MasterOf(0));
        Assert.True(result.NeedsAnotherLook);
        Assert.Equal(new("10.0.0.4", 6379), Assert.Single(result.Snapshot.Nodes).Endpoint);
    }

    [Fact]
    public void Port_0_takes_that_of_CLUSTER_NODES_or_of_the_node_that_answered()
    {
        Assert.Equal(new("h", 6380), OwnerOf(Made("i h:6380@16379 master - 0 0 1 connected", new ClusterSlotsNode("h", 0) { Id = "i" })));
        Assert.Equal(new("h", 7000), OwnerOf(Made("i h:0@16379 myself,master - 0 0 1 connected", new ClusterSlotsNode("h", 0) { Id = "i" })));
        Assert.Null(OwnerOf(Made("i h:0@16379 master - 0 0 1 connected", new ClusterSlotsNode("h", 0) { Id = "i" })));
    }

    [Fact]
    public void IPv6_addresses() =>
        Assert.Equal("[2001:db8::1]:6379", OwnerOf(Made("i 2001:db8::1:6379@16379 myself,master - 0 0 1 connected", new ClusterSlotsNode("2001:db8::1", 6379) { Id = "i" })).ToString());

    [Fact]
    public void Through_a_Unix_socket_the_host_is_this_machine()
    {
        var view = new ClusterView(NodeEndpoint.Unix("/run/redis.sock"), 1, [Entry(new ClusterSlotsNode(null, 6379) { Id = "i" })], []);

        Assert.Equal(new("127.0.0.1", 6379), OwnerOf(view));
    }

    [Fact]
    public void Without_CLUSTER_NODES_and_without_ids_the_addresses_identify()
    {
        TopologySnapshot snapshot = Merging.Merge(Made("", new ClusterSlotsNode("h", 1), new ClusterSlotsNode("h", 2))).Snapshot;

        Assert.Equal([NodeRole.Master, NodeRole.Replica], snapshot.Nodes.Select(node => node.Role));
        Assert.Equal(HashSlot.Count, snapshot.CoveredSlots);
    }

    [Fact]
    public void Nodes_in_handshake_and_without_an_address_are_left_out()
    {
        TopologySnapshot snapshot = Merging.Merge(Made(
            "i h:1@2 myself,master - 0 0 1 connected\nj h:3@4 handshake - 0 0 0 connected\nk :0@0 master,noaddr - 0 0 0 disconnected",
            new ClusterSlotsNode("h", 1) { Id = "i" })).Snapshot;

        Assert.Equal("i", Assert.Single(snapshot.Nodes).Id);
    }

    [Fact]
    public void The_endpoint_map_translates_what_is_announced()
    {
        ClusterMergeResult result = ClusterMerge.Merge(
            [Picture.OfSix.View()], TopologySnapshot.Unknown, ClusterMemory.Empty, LearnedMoves.None, announced => new("nat.example", announced.Port + 10000), 0);

        Assert.Equal(new("nat.example", 17000), result.Snapshot.MasterOf(0)!.Endpoint);
        Assert.Equal(new("nat.example", 17003), result.Snapshot.ReplicasOf(0)[0].Endpoint);

        // A node is found under what it announces as well as under what is dialed.
        Assert.Equal(new("nat.example", 17000), result.Snapshot.NodeAt(Picture.At(7000))!.Endpoint);
    }

    [Theory]
    [InlineData("10.0.0.9", 7009, "10.0.0.9:7009")] // nobody knows it yet
    [InlineData("", 7001, "127.0.0.1:7001")] // the host that answered
    [InlineData("127.0.0.1", 7002, "127.0.0.1:7002")]
    [InlineData("?", 7003, "127.0.0.1:7003")] // only one node has that port
    [InlineData("?", 7999, null)]
    public void Redirects(string host, int port, string? expected) => Assert.Equal(
        expected, RedirectTarget.Resolve(Merging.Merge(Picture.OfSix.View()).Snapshot, host, port, Picture.At(7000), endpointMap: null)?.ToString());

    [Fact]
    public void Redirects_are_recognised_under_any_name_and_translated()
    {
        TopologySnapshot snapshot = Merging.Merge(View("redis-7.0", "hostnames-preferred", 3)).Snapshot;
        TopologyNode named = snapshot.Nodes.Single(node => node.Endpoint.Host == "n1.example.test");

        Assert.Equal(named.Endpoint, RedirectTarget.Resolve(snapshot, "127.0.0.1", named.Endpoint.Port, _dialed, endpointMap: null));
        Assert.Equal(new("nat", 1), RedirectTarget.Resolve(snapshot, "10.9.9.9", 6379, _dialed, _ => new("nat", 1)));
        Assert.Same(snapshot, snapshot.WithSlotOwner(6000, new("127.0.0.1", named.Endpoint.Port)));
    }
}
