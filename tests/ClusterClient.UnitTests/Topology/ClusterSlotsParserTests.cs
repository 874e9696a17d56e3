// CLUSTER SLOTS as real servers write it.
using System.Collections.Immutable;
using ClusterClient.Topology.Replies;
using ClusterClient.UnitTests.Topology.Support;

namespace ClusterClient.UnitTests.Topology;

public class ClusterSlotsParserTests
{
    public static TheoryData<string, int> EveryServer => CapturedReplies.Rows(CapturedReplies.All);

    public static TheoryData<string, int> RedisAndValkey => CapturedReplies.Rows(CapturedReplies.RedisAndValkey);

    private static ImmutableArray<ClusterSlotsEntry> Slots(string server, string scenario, int protocol) =>
        Reply.Parse(ClusterSlotsParser.Instance, CapturedReplies.Get(server, scenario, "slots", protocol));

    [Theory]
    [MemberData(nameof(EveryServer))]
    public void A_healthy_cluster(string server, int protocol)
    {
        ImmutableArray<ClusterSlotsEntry> entries = Slots(server, "healthy", protocol);

        Assert.Equal(["0-5460", "5461-10922", "10923-16383"], entries.Select(entry => entry.Slots.ToString()));
        Assert.All(entries, entry => Assert.Equal("127.0.0.1", entry.Master.Host));
        Assert.All(entries, entry => Assert.Equal(40, entry.Master.Id!.Length));
        Assert.Equal(3, entries.Select(entry => entry.Master.Port).Distinct().Count());

        // Redis and Valkey hide a replica until it has replicated something; only CLUSTER NODES shows it.
        Assert.Equal(server == "garnet" ? [1, 1, 0] : new[] { 0, 0, 0 }, entries.Select(entry => entry.Replicas.Length));
    }

    [Theory]
    [MemberData(nameof(EveryServer))]
    public void No_slots_yet(string server, int protocol) => Assert.Empty(Slots(server, "fresh-empty", protocol));

    [Theory]
    [MemberData(nameof(RedisAndValkey))]
    public void A_node_that_does_not_know_its_own_address(string server, int protocol)
    {
        ClusterSlotsEntry entry = Assert.Single(Slots(server, "fresh-alone", protocol));

        Assert.Equal(string.Empty, entry.Master.Host);
        Assert.NotEqual(0, entry.Master.Port);
        Assert.Empty(entry.Replicas);
    }

    [Theory]
    [MemberData(nameof(RedisAndValkey))]
    public void Host_names_in_the_metadata(string server, int protocol)
    {
        ImmutableArray<ClusterSlotsEntry> entries = Slots(server, "hostnames-ip", protocol);

        Assert.Equal<string?>(["n0.example.test", "n1.example.test", "n2.example.test"], entries.Select(entry => entry.Master.Hostname));
        Assert.All(entries, entry => Assert.Equal("127.0.0.1", entry.Master.Host));
        string?[] zones = server == "valkey-9.1" ? ["az-0", "az-1", "az-0"] : [null, null, null];
        Assert.Equal(zones, entries.Select(entry => entry.Master.AvailabilityZone));
    }

    [Theory]
    [MemberData(nameof(RedisAndValkey))]
    public void Host_names_preferred(string server, int protocol)
    {
        ImmutableArray<ClusterSlotsEntry> entries = Slots(server, "hostnames-preferred", protocol);

        Assert.Equal<string?>(["n0.example.test", "n1.example.test", "n2.example.test"], entries.Select(entry => entry.Master.Host));
        Assert.All(entries, entry => Assert.Equal("127.0.0.1", entry.Master.Ip));

        // The fifth node has no name to prefer, and had replicated something on this server alone.
        if (server == "valkey-9.1") Assert.Equal(("?", "127.0.0.1", "az-0"), (entries[1].Replicas[0].Host, entries[1].Replicas[0].Ip, entries[1].Replicas[0].AvailabilityZone));
    }

    [Theory]
    [MemberData(nameof(RedisAndValkey))]
    public void Endpoints_withheld(string server, int protocol)
    {
        ImmutableArray<ClusterSlotsEntry> entries = Slots(server, "endpoint-unknown", protocol);

        Assert.All(entries, entry => Assert.Null(entry.Master.Host));
        Assert.All(entries, entry => Assert.Equal("127.0.0.1", entry.Master.Ip));
    }

    [Theory]
    [MemberData(nameof(RedisAndValkey))]
    public void After_a_failover(string server, int protocol)
    {
        ImmutableArray<ClusterSlotsEntry> entries = Slots(server, "failed-over", protocol);

        Assert.Equal(["0-99", "100", "101-5460", "5461-10922", "10923-16383"], entries.Select(entry => entry.Slots.ToString()));
        Assert.Equal(entries[1].Master.Id, entries[3].Master.Id);
        Assert.Empty(entries[3].Replicas);
    }

    [Theory]
    [MemberData(nameof(RedisAndValkey))]
    public void The_TLS_port_over_TLS(string server, int protocol) =>
        Assert.All(Slots(server, "tls-healthy", protocol), entry => Assert.NotEqual(0, entry.Master.Port));

    [Theory]
    [MemberData(nameof(EveryServer))]
    public void A_server_outside_a_cluster_refuses(string server, int protocol)
    {
        RedisServerException refusal = Assert.Throws<RedisServerException>(() => Slots(server, "standalone", protocol));

        Assert.Contains("cluster support disabled", refusal.ServerMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void Servers_before_ids_and_metadata()
    {
        ClusterSlotsEntry entry = Assert.Single(Reply.Parse(ClusterSlotsParser.Instance, "*1\n*4\n:0\n:100\n*2\n$7\n1.2.3.4\n:7000\n*3\n$3\n::1\n:7001\n$1\nx\n"));

        Assert.Equal(new ClusterSlotsNode("1.2.3.4", 7000), entry.Master);
        Assert.Equal(new ClusterSlotsNode("::1", 7001) { Id = "x" }, Assert.Single(entry.Replicas));
    }

    [Fact]
    public void What_later_servers_add_is_passed_over()
    {
        ClusterSlotsEntry entry = Assert.Single(Reply.Parse(
            ClusterSlotsParser.Instance, "*1\n*3\n:5\n:5\n*6\n$1\nh\n:1\n$2\nid\n%3\n+new\n*2\n:1\n:2\n+hostname\n_\n+ip\n+1.1.1.1\n*1\n%1\n+a\n+b\n:9\n"));

        Assert.Equal(new ClusterSlotsNode("h", 1) { Id = "id", Ip = "1.1.1.1" }, entry.Master);
    }

    [Theory]
    [InlineData("+OK\n", "expected an array")]
    [InlineData("$-1\n", "expected an array")]
    [InlineData("*1\n:5\n", "slot range 0: expected an array")]
    [InlineData("*1\n*2\n:0\n:5\n", "at least one node")]
    [InlineData("*1\n*3\n:5\n:4\n*2\n+h\n:1\n", "from 5 to 16383, found 4")]
    [InlineData("*1\n*3\n:0\n:16384\n*2\n+h\n:1\n", "found 16384")]
    [InlineData("*1\n*3\n:-1\n:5\n*2\n+h\n:1\n", "found -1")]
    [InlineData("*1\n*3\n:0\n:5\n*1\n+h\n", "host and port")]
    [InlineData("*1\n*3\n:0\n:5\n*2\n+h\n:65536\n", "found 65536")]
    [InlineData("*1\n*3\n:0\n:5\n*2\n+h\n+x\n", "expected a number, found SimpleString 'x'")]
    [InlineData("*1\n*3\n:0\n:5\n*2\n*0\n:1\n", "expected text, found Array of 0")]
    [InlineData("*1\n*3\n:0\n:5\n*4\n+h\n:1\n+id\n*1\n+ip\n", "pairs of name and value")]
    public void A_malformed_reply_says_what_is_wrong(string resp, string expected)
    {
        UnexpectedReplyException error = Assert.Throws<UnexpectedReplyException>(() => Reply.Parse(ClusterSlotsParser.Instance, resp));

        Assert.StartsWith("The reply to CLUSTER SLOTS cannot be read: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
