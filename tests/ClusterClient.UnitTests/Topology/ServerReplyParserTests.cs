// CLUSTER SHARDS, HELLO, ROLE and INFO as real servers write them.
using System.Collections.Immutable;
using ClusterClient.Topology.Replies;
using ClusterClient.UnitTests.Topology.Support;

namespace ClusterClient.UnitTests.Topology;

public class ServerReplyParserTests
{
    public static TheoryData<string, int> EveryServer => CapturedReplies.Rows(CapturedReplies.All);

    public static TheoryData<string, int> RedisAndValkey => CapturedReplies.Rows(CapturedReplies.RedisAndValkey);

    private static ImmutableArray<ClusterShard> Shards(string server, string scenario, int protocol) =>
        Reply.Parse(ClusterShardsParser.Instance, CapturedReplies.Get(server, scenario, "shards", protocol));

    private static HelloReply Hello(string server, string scenario, int protocol) =>
        Reply.Parse(HelloParser.Instance, CapturedReplies.Get(server, scenario, "hello", protocol));

    private static RoleReply Role(string server, string scenario, int protocol) =>
        Reply.Parse(RoleParser.Instance, CapturedReplies.Get(server, scenario, "role", protocol));

    [Theory]
    [MemberData(nameof(EveryServer))]
    public void Shards_of_a_healthy_cluster(string server, int protocol)
    {
        ClusterShard[] shards = [.. Shards(server, "healthy", protocol).OrderBy(shard => shard.Slots[0].First)];

        Assert.Equal([new SlotRange(0, 5460), new(5461, 10922), new(10923, 16383)], shards.SelectMany(shard => shard.Slots));
        Assert.Equal([2, 2, 1], shards.Select(shard => shard.Nodes.Length));
        Assert.All(shards, shard => Assert.Equal(NodeRole.Master, shard.Nodes[0].Role));
        Assert.All(shards[..2], shard => Assert.Equal(NodeRole.Replica, shard.Nodes[1].Role));
        Assert.All(shards.SelectMany(shard => shard.Nodes), node => Assert.Equal("127.0.0.1", node.Endpoint));
        Assert.All(shards.SelectMany(shard => shard.Nodes), node => Assert.InRange(node.Port, 1, 65535));
        Assert.Equal("online", shards[0].Nodes[0].Health);
        Assert.Equal(server == "valkey-9.1", shards[0].Id is not null);
    }

    [Theory]
    [MemberData(nameof(RedisAndValkey))]
    public void Shards_over_TLS_and_with_names(string server, int protocol)
    {
        Assert.All(Shards(server, "tls-healthy", protocol).SelectMany(shard => shard.Nodes), node => Assert.Equal((0, true), (node.Port, node.TlsPort > 0)));
        Assert.Contains(Shards(server, "hostnames-preferred", protocol).SelectMany(shard => shard.Nodes), node => node is { Endpoint: "n0.example.test", Hostname: "n0.example.test" });
        Assert.Contains(Shards(server, "failed-over", protocol).SelectMany(shard => shard.Nodes), node => node.Health == "fail");
    }

    [Theory]
    [MemberData(nameof(EveryServer))]
    public void What_a_server_says_of_itself(string server, int protocol)
    {
        HelloReply alone = Hello(server, "standalone", protocol), master = Hello(server, "master", protocol), replica = Hello(server, "replica", protocol);

        Assert.Equal(("standalone", NodeRole.Master, protocol), (alone.Mode, alone.Role, alone.Protocol));
        Assert.Equal(("cluster", NodeRole.Master), (master.Mode, master.Role));
        Assert.Equal(("cluster", NodeRole.Replica), (replica.Mode, replica.Role));
        Assert.Equal(server.StartsWith("valkey", StringComparison.Ordinal) ? "valkey" : "redis", alone.Server);
        Assert.NotEmpty(alone.Version);
        Assert.Null(alone.AvailabilityZone);
    }

    [Theory]
    [InlineData("valkey-8.1")]
    [InlineData("valkey-9.1")]
    public void Hello_with_an_availability_zone(string server) => Assert.Equal("az-0", Hello(server, "master-az", 3).AvailabilityZone);

    [Theory]
    [MemberData(nameof(EveryServer))]
    public void Roles(string server, int protocol)
    {
        RoleReply master = Role(server, "standalone", protocol), replica = Role(server, "replica", protocol);

        Assert.Equal((NodeRole.Master, 0L, 0), (master.Role, master.Offset, master.Replicas.Length));
        Assert.Equal(NodeRole.Replica, replica.Role);
        Assert.Equal("127.0.0.1", replica.Master!.Value.Host);
        Assert.NotNull(replica.Link);
    }

    [Fact]
    public void A_master_lists_its_replicas_with_numbers_as_text_or_as_numbers()
    {
        Assert.Equal(new RoleReplica(new("127.0.0.1", 21037), 14), Assert.Single(Role("valkey-9.1", "master-az", 3).Replicas));
        Assert.Equal(new RoleReplica(new("127.0.0.1", 22004), 64), Assert.Single(Role("garnet", "master", 2).Replicas));
    }

    [Fact]
    public void The_role_of_a_Sentinel()
    {
        RoleReply sentinel = Reply.Parse(RoleParser.Instance, "*2\n+sentinel\n*2\n+one\n+two\n");

        Assert.Null(sentinel.Role);
        Assert.Equal(["one", "two"], sentinel.WatchedMasters.AsEnumerable());
    }

    [Theory]
    [MemberData(nameof(EveryServer))]
    public void Info_tells_the_mode(string server, int protocol)
    {
        _ = protocol;
        ImmutableDictionary<string, string> alone = Reply.Parse(InfoParser.Instance, CapturedReplies.Get(server, "standalone", "info", 2));
        ImmutableDictionary<string, string> master = Reply.Parse(InfoParser.Instance, CapturedReplies.Get(server, "master", "info", 2));

        Assert.Equal("standalone", alone.GetValueOrDefault("redis_mode") ?? alone["server_mode"]);
        Assert.Equal("cluster", master.GetValueOrDefault("redis_mode") ?? master["server_mode"]);
        Assert.Equal(("0", "1"), (alone["cluster_enabled"], master["cluster_enabled"]));
        Assert.Equal("master", master["role"]);
    }

    [Theory]
    [InlineData("*0\n", "it is empty")]
    [InlineData("*1\n+king\n", "'king' with 1 elements is not known")]
    [InlineData("*2\n+master\n:1\n", "'master' with 2 elements")]
    [InlineData("*3\n+master\n:1\n*1\n*2\n+h\n:1\n", "replica 0: expected host, port and offset")]
    [InlineData("*5\n+slave\n+h\n:99999\n+connected\n:1\n", "the master: expected a number from 0 to 65535, found 99999")]
    public void A_malformed_role(string resp, string expected) =>
        Assert.Contains(expected, Assert.Throws<UnexpectedReplyException>(() => Reply.Parse(RoleParser.Instance, resp)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("*1\n*3\n+slots\n*0\n+nodes\n", "pairs of name and value")]
    [InlineData("*1\n*2\n+slots\n*1\n:5\n", "pairs of first and last")]
    [InlineData("*1\n*2\n+nodes\n*1\n*2\n+port\n:7\n", "shard 0, node 0: it has no id")]
    [InlineData("*1\n*2\n+nodes\n*1\n*2\n+role\n+king\n", "expected a role, found 'king'")]
    public void Malformed_shards(string resp, string expected) =>
        Assert.Contains(expected, Assert.Throws<UnexpectedReplyException>(() => Reply.Parse(ClusterShardsParser.Instance, resp)).Message, StringComparison.Ordinal);
}
