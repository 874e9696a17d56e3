// Reads CLUSTER SLOTS: [first, last, master, replica…], a node being [host, port, id, metadata] (id since Redis 4, metadata since 7).
using System.Collections.Immutable;
using ClusterClient.Protocol;

namespace ClusterClient.Topology.Replies;

internal sealed class ClusterSlotsParser : ReplyParser<ImmutableArray<ClusterSlotsEntry>>
{
    private const string Reply = "CLUSTER SLOTS";

    private ClusterSlotsParser()
    {
    }

    public static ClusterSlotsParser Instance { get; } = new();

    public override ImmutableArray<ClusterSlotsEntry> Parse(ref RespReader reader)
    {
        int count = reader.ExpectArray(Reply, "the list of slot ranges");
        if (count > HashSlot.Count) ReplyShape.Throw(Reply, "the list of slot ranges", $"{count} ranges, more than there are slots");
        ImmutableArray<ClusterSlotsEntry>.Builder entries = ImmutableArray.CreateBuilder<ClusterSlotsEntry>(count);
        for (int i = 0; i < count; i++) entries.Add(ParseEntry(ref reader, i));
        return entries.MoveToImmutable();
    }

    private static ClusterSlotsEntry ParseEntry(ref RespReader reader, int number)
    {
        string what = $"slot range {number}";
        reader.Next(Reply, what);
        int count = reader.ExpectArray(Reply, what);
        if (count < 3) ReplyShape.Throw(Reply, what, $"expected first, last and at least one node, found {count} elements");
        long first = reader.NextInteger(Reply, what, 0, HashSlot.Count - 1);
        long last = reader.NextInteger(Reply, what, first, HashSlot.Count - 1);
        ClusterSlotsNode master = ParseNode(ref reader, what);
        ImmutableArray<ClusterSlotsNode>.Builder replicas = ImmutableArray.CreateBuilder<ClusterSlotsNode>();
        for (int i = 3; i < count; i++) replicas.Add(ParseNode(ref reader, what));
        return new(new((int)first, (int)last), master, replicas.DrainToImmutable());
    }

    private static ClusterSlotsNode ParseNode(ref RespReader reader, string what)
    {
        reader.Next(Reply, what);
        int count = reader.ExpectArray(Reply, what);
        if (count < 2) ReplyShape.Throw(Reply, what, $"expected a node as host and port, found {count} elements");
        string? host = reader.NextTextOrNull(Reply, what);
        int port = (int)reader.NextInteger(Reply, what, 0, ushort.MaxValue);
        var node = new ClusterSlotsNode(host, port);
        for (int i = 2; i < count; i++)
        {
            reader.Next(Reply, what);
            node = i switch
            {
                2 when !reader.IsAggregate && !reader.IsNull && !reader.IsError => node with { Id = reader.ReadString() },
                3 when reader.IsAggregate => ParseMetadata(ref reader, node, what),
                _ => PassOver(ref reader, node),
            };
        }

        return node;
    }

    private static ClusterSlotsNode ParseMetadata(ref RespReader reader, ClusterSlotsNode node, string what)
    {
        int pairs = reader.ExpectMap(Reply, what);
        for (int i = 0; i < pairs; i++)
        {
            string name = reader.NextText(Reply, what);
            reader.Next(Reply, what);
            node = name switch
            {
                _ when reader.IsAggregate || reader.IsNull || reader.IsError => PassOver(ref reader, node),
                "ip" => node with { Ip = reader.ReadString() },
                "hostname" => node with { Hostname = reader.ReadString() },
                "availability-zone" => node with { AvailabilityZone = reader.ReadString() },
                _ => node,
            };
        }

        return node;
    }

    // What a later server adds is no error.
    private static ClusterSlotsNode PassOver(ref RespReader reader, ClusterSlotsNode node)
    {
        reader.SkipChildren();
        return node;
    }
}
