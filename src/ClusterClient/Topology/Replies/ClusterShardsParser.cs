// Reads CLUSTER SHARDS: maps (flat arrays in RESP2) of slots and nodes, field by field.
using System.Collections.Immutable;
using ClusterClient.Protocol;

namespace ClusterClient.Topology.Replies;

internal sealed class ClusterShardsParser : ReplyParser<ImmutableArray<ClusterShard>>
{
    private const string Reply = "CLUSTER SHARDS";

    private ClusterShardsParser()
    {
    }

    public static ClusterShardsParser Instance { get; } = new();

    public override ImmutableArray<ClusterShard> Parse(ref RespReader reader)
    {
        int count = reader.ExpectArray(Reply, "the list of shards");
        ImmutableArray<ClusterShard>.Builder shards = ImmutableArray.CreateBuilder<ClusterShard>();
        for (int i = 0; i < count; i++) shards.Add(ParseShard(ref reader, $"shard {i}"));
        return shards.DrainToImmutable();
    }

    private static ClusterShard ParseShard(ref RespReader reader, string what)
    {
        reader.Next(Reply, what);
        int pairs = reader.ExpectMap(Reply, what);
        var shard = new ClusterShard([], []);
        for (int i = 0; i < pairs; i++)
        {
            string name = reader.NextText(Reply, what);
            switch (name)
            {
                case "slots":
                    shard = shard with { Slots = ParseSlots(ref reader, what) };
                    break;
                case "nodes":
                    shard = shard with { Nodes = ParseNodes(ref reader, what) };
                    break;
                case "id":
                    shard = shard with { Id = reader.NextTextOrNull(Reply, what) };
                    break;
                default:
                    reader.Pass(Reply, what);
                    break;
            }
        }

        return shard;
    }

    // First and last by turns, in one flat array in both protocols.
    private static ImmutableArray<SlotRange> ParseSlots(ref RespReader reader, string what)
    {
        what += ", slots";
        reader.Next(Reply, what);
        int count = reader.ExpectArray(Reply, what);
        if (count % 2 != 0) ReplyShape.Throw(Reply, what, $"expected pairs of first and last, found {count} numbers");
        ImmutableArray<SlotRange>.Builder slots = ImmutableArray.CreateBuilder<SlotRange>();
        for (int i = 0; i < count; i += 2)
        {
            long first = reader.NextInteger(Reply, what, 0, HashSlot.Count - 1);
            slots.Add(new((int)first, (int)reader.NextInteger(Reply, what, first, HashSlot.Count - 1)));
        }

        return slots.DrainToImmutable();
    }

    private static ImmutableArray<ClusterShardNode> ParseNodes(ref RespReader reader, string what)
    {
        reader.Next(Reply, what);
        int count = reader.ExpectArray(Reply, what + ", nodes");
        ImmutableArray<ClusterShardNode>.Builder nodes = ImmutableArray.CreateBuilder<ClusterShardNode>();
        for (int i = 0; i < count; i++) nodes.Add(ParseNode(ref reader, $"{what}, node {i}"));
        return nodes.DrainToImmutable();
    }

    private static ClusterShardNode ParseNode(ref RespReader reader, string what)
    {
        reader.Next(Reply, what);
        int pairs = reader.ExpectMap(Reply, what);
        var node = new ClusterShardNode { Id = string.Empty };
        for (int i = 0; i < pairs; i++)
        {
            string name = reader.NextText(Reply, what);
            node = name switch
            {
                "id" => node with { Id = reader.NextText(Reply, what) },
                "endpoint" => node with { Endpoint = reader.NextTextOrNull(Reply, what) },
                "port" => node with { Port = (int)reader.NextInteger(Reply, what, 0, ushort.MaxValue) },
                "tls-port" => node with { TlsPort = (int)reader.NextInteger(Reply, what, 0, ushort.MaxValue) },
                "ip" => node with { Ip = reader.NextTextOrNull(Reply, what) },
                "hostname" => node with { Hostname = reader.NextTextOrNull(Reply, what) },
                "availability-zone" => node with { AvailabilityZone = reader.NextTextOrNull(Reply, what) },
                "role" => node with { Role = ParseRole(reader.NextText(Reply, what), what) },
                "replication-offset" => node with { ReplicationOffset = reader.NextInteger(Reply, what, long.MinValue, long.MaxValue) },
                "health" => node with { Health = reader.NextText(Reply, what) },
                _ => PassOver(ref reader, node, what),
            };
        }

        return node.Id.Length > 0 ? node : ReplyShape.Throw<ClusterShardNode>(Reply, what, "it has no id");
    }

    // Redis and Valkey say replica, Garnet slave.
    private static NodeRole ParseRole(string role, string what) => role switch
    {
        "master" => NodeRole.Master,
        "replica" or "slave" => NodeRole.Replica,
        _ => ReplyShape.Throw<NodeRole>(Reply, what, $"expected a role, found {ReplyShape.Show(role)}"),
    };

    private static ClusterShardNode PassOver(ref RespReader reader, ClusterShardNode node, string what)
    {
        reader.Pass(Reply, what);
        return node;
    }
}
