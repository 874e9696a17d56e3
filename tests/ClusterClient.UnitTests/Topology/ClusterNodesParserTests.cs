// CLUSTER NODES as real servers write it, and as nobody should.
using System.Collections.Immutable;
using ClusterClient.Topology.Replies;
using ClusterClient.UnitTests.Topology.Support;

namespace ClusterClient.UnitTests.Topology;

public class ClusterNodesParserTests
{
    private const string Id = "07c37dfeb235213a872192d90877d0cd55635b91";

    public static TheoryData<string, int> EveryServer => CapturedReplies.Rows(CapturedReplies.All);

    public static TheoryData<string, int> RedisAndValkey => CapturedReplies.Rows(CapturedReplies.RedisAndValkey);

    private static ImmutableArray<ClusterNodesEntry> Nodes(string server, string scenario, int protocol) =>
        Reply.Parse(ClusterNodesParser.Instance, CapturedReplies.Get(server, scenario, "nodes", protocol));

    private static ClusterNodesEntry Line(string text) => Assert.Single(ClusterNodesParser.Parse(text));

    [Theory]
    [MemberData(nameof(EveryServer))]
    public void A_healthy_cluster(string server, int protocol)
    {
        ImmutableArray<ClusterNodesEntry> nodes = Nodes(server, "healthy", protocol);

        Assert.Equal(5, nodes.Length);
        ClusterNodesEntry myself = Assert.Single(nodes, node => node.IsMyself);
        Assert.Equal([new SlotRange(0, 5460)], myself.Slots.AsEnumerable());
        Assert.Equal(1, myself.ConfigEpoch);
        Assert.True(myself.IsLinkUp);
        Assert.Null(myself.MasterId);
        Assert.Equal(myself.Port + 10000, myself.BusPort);
        ClusterNodesEntry[] replicas = [.. nodes.Where(node => node.Flags == ClusterNodeFlags.Replica)];
        Assert.Equal(2, replicas.Length);
        Assert.Contains(replicas, replica => replica.MasterId == myself.Id);
        Assert.Equal(16384, nodes.Sum(node => node.Slots.Sum(slots => slots.Count)));
    }

    [Theory]
    [MemberData(nameof(RedisAndValkey))]
    public void A_fresh_node_does_not_know_its_host(string server, int protocol)
    {
        ClusterNodesEntry node = Assert.Single(Nodes(server, "fresh-empty", protocol));

        Assert.Equal((string.Empty, 0), (node.Host, (int)node.ConfigEpoch));
        Assert.NotEqual(0, node.Port);
        Assert.Empty(node.Slots);
    }

    [Theory]
    [MemberData(nameof(RedisAndValkey))]
    public void Host_names(string server, int protocol) => Assert.Equal(
        [null, "n0.example.test", "n1.example.test", "n2.example.test", "n3.example.test"],
        Nodes(server, "hostnames-ip", protocol).Select(node => node.Hostname).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(EveryServer))]
    public void Slots_on_their_way(string server, int protocol)
    {
        ClusterNodesEntry source = Nodes(server, "migrating", protocol).Single(node => node.IsMyself);
        ClusterNodesEntry target = Nodes(server, "importing", protocol).Single(node => node.IsMyself);

        Assert.Equal([new SlotMigration(100, false, target.Id), new(6000, true, target.Id)], source.Migrations.AsEnumerable());
        Assert.Equal([new SlotMigration(100, true, source.Id)], target.Migrations.AsEnumerable());
        Assert.Equal($"[100->-{target.Id}]", source.Migrations[0].ToString());
        Assert.Equal($"[100-<-{source.Id}]", target.Migrations[0].ToString());
        Assert.Equal([new SlotRange(0, 5460)], source.Slots.AsEnumerable());
    }

    [Theory]
    [MemberData(nameof(RedisAndValkey))]
    public void A_node_that_fails(string server, int protocol)
    {
        // Valkey 8.1 was quick: it had counted the votes already.
        ClusterNodeFlags expected = server == "valkey-8.1" ? ClusterNodeFlags.Failed : ClusterNodeFlags.PossiblyFailed;
        ClusterNodesEntry suspected = Assert.Single(Nodes(server, "pfail", protocol), node => node.Flags == (ClusterNodeFlags.Master | expected));
        Assert.False(suspected.IsLinkUp);
        Assert.Equal(5463, suspected.Slots.Sum(slots => slots.Count));

        ImmutableArray<ClusterNodesEntry> after = Nodes(server, "failed-over", protocol);
        ClusterNodesEntry gone = Assert.Single(after, node => (node.Flags & ClusterNodeFlags.Failed) != 0);
        Assert.Empty(gone.Slots);
        ClusterNodesEntry heir = Assert.Single(after, node => node.Slots.Contains(new SlotRange(5461, 10922)));
        Assert.True(heir.ConfigEpoch > gone.ConfigEpoch);
        Assert.Contains(new SlotRange(100, 100), heir.Slots);
    }

    [Fact]
    public void Every_part_of_a_line()
    {
        ClusterNodesEntry node = Line($"{Id} 2001:db8::5:7000@17000,host.example,shard-id=abc,nodename=a=b myself,slave,fail?,nofailover deadbeef 12 34 56 disconnected");

        Assert.Equal((Id, "2001:db8::5", 7000, 17000), (node.Id, node.Host, node.Port, node.BusPort));
        Assert.Equal("host.example", node.Hostname);
        Assert.Equal("abc", node.AuxiliaryFields["shard-id"]);
        Assert.Equal("a=b", node.AuxiliaryFields["nodename"]);
        Assert.Equal(ClusterNodeFlags.Myself | ClusterNodeFlags.Replica | ClusterNodeFlags.PossiblyFailed | ClusterNodeFlags.NoFailover, node.Flags);
        Assert.Equal(("deadbeef", 12L, 34L, 56L, false), (node.MasterId, node.PingSent, node.PongReceived, node.ConfigEpoch, node.IsLinkUp));
    }

    [Theory]
    [InlineData("1.2.3.4:7000", "1.2.3.4", 7000, 0, null)] // before Redis 4
    [InlineData("1.2.3.4:7000@17000", "1.2.3.4", 7000, 17000, null)]
    [InlineData("1.2.3.4:7000@17000,", "1.2.3.4", 7000, 17000, null)]
    [InlineData("1.2.3.4:7000@17000,,shard-id=x", "1.2.3.4", 7000, 17000, null)]
    [InlineData("1.2.3.4:0@17000,h", "1.2.3.4", 0, 17000, "h")]
    [InlineData(":0@0", "", 0, 0, null)]
    [InlineData("::1:7000@17000", "::1", 7000, 17000, null)]
    [InlineData("[::1]:7000@17000", "::1", 7000, 17000, null)]
    [InlineData("1.2.3.4:60000@70000", "1.2.3.4", 60000, 70000, null)]
    public void Addresses(string address, string host, int port, int busPort, string? hostname)
    {
        ClusterNodesEntry node = Line($"{Id} {address} master - 0 0 0 connected");

        Assert.Equal((host, port, busPort, hostname), (node.Host, node.Port, node.BusPort, node.Hostname));
    }

    [Fact]
    public void A_node_without_an_address_and_one_in_handshake()
    {
        ImmutableArray<ClusterNodesEntry> nodes = ClusterNodesParser.Parse(
            $"{Id} :0@0 master,noaddr - 1 2 3 disconnected\n1{Id[1..]} 1.1.1.1:7001@17001 handshake - 0 0 0 connected\n2{Id[1..]} 1.1.1.2:7002@17002 noflags - 0 0 0 connected");

        Assert.Equal([ClusterNodeFlags.Master | ClusterNodeFlags.NoAddress, ClusterNodeFlags.Handshake, ClusterNodeFlags.None], nodes.Select(node => node.Flags));
    }

    [Fact]
    public void A_nodes_conf_file_reads_the_same() =>
        Assert.Equal(Id, Line($"{Id} 127.0.0.1:7000@17000,,tls-port=0,shard-id=9 myself,master - 0 0 1 connected 0-1\nvars currentEpoch 1 lastVoteEpoch 0\n").Id);

    [Theory]
    [InlineData("", "names no node")]
    [InlineData("a b c", "line 0: expected at least 8 fields, found 'a b c'")]
    [InlineData($"{Id} nowhere master - 0 0 0 connected", "expected an address, found 'nowhere'")]
    [InlineData($"{Id} h:99999@1 master - 0 0 0 connected", "expected an address")]
    [InlineData($"{Id} h:-1@1 master - 0 0 0 connected", "expected an address")]
    [InlineData($"{Id} h:1@1 master - 0 0 epoch connected", "expected config-epoch to be a number, found 'epoch'")]
    [InlineData($"{Id} h:1@1 master - 0 0 1 connected 5-", "expected a slot range, found '5-'")]
    [InlineData($"{Id} h:1@1 master - 0 0 1 connected -5", "expected a slot range")]
    [InlineData($"{Id} h:1@1 master - 0 0 1 connected 9-3", "expected a slot range")]
    [InlineData($"{Id} h:1@1 master - 0 0 1 connected 0-16384", "expected a slot range")]
    [InlineData($"{Id} h:1@1 master - 0 0 1 connected [", "expected a migrating slot")]
    [InlineData($"{Id} h:1@1 master - 0 0 1 connected [5->-]", "expected a migrating slot")]
    [InlineData($"{Id} h:1@1 master - 0 0 1 connected [-<-x]", "expected a migrating slot")]
    [InlineData($"{Id} h:1@1 master - 0 0 1 connected [99999-<-x]", "expected a migrating slot")]
    public void A_malformed_line_says_what_is_wrong(string text, string expected)
    {
        UnexpectedReplyException error = Assert.Throws<UnexpectedReplyException>(() => ClusterNodesParser.Parse(text));

        Assert.StartsWith("The reply to CLUSTER NODES cannot be read: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Something_else_than_text() =>
        Assert.Contains("expected text, found Array of 0", Assert.Throws<UnexpectedReplyException>(() => Reply.Parse(ClusterNodesParser.Instance, "*0\n")).Message, StringComparison.Ordinal);
}
