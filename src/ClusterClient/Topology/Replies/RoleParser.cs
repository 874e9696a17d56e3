// Reads ROLE: [master, offset, [[host, port, offset]…]], [slave, host, port, link, offset] or [sentinel, [name…]].
using System.Collections.Immutable;
using ClusterClient.Protocol;

namespace ClusterClient.Topology.Replies;

internal sealed class RoleParser : ReplyParser<RoleReply>
{
    private const string Reply = "ROLE";

    private RoleParser()
    {
    }

    public static RoleParser Instance { get; } = new();

    public override RoleReply Parse(ref RespReader reader)
    {
        int count = reader.ExpectArray(Reply, "the reply");
        if (count == 0) ReplyShape.Throw(Reply, "the reply", "it is empty");
        string role = reader.NextText(Reply, "the role");
        return (role, count) switch
        {
            ("master", >= 3) => ParseMaster(ref reader),
            ("slave" or "replica", >= 5) => ParseReplica(ref reader),
            ("sentinel", >= 2) => ParseSentinel(ref reader),
            _ => ReplyShape.Throw<RoleReply>(Reply, "the role", $"{ReplyShape.Show(role)} with {count} elements is not known"),
        };
    }

    private static RoleReply ParseMaster(ref RespReader reader)
    {
        long offset = reader.NextInteger(Reply, "the offset", long.MinValue, long.MaxValue);
        reader.Next(Reply, "the replicas");
        int count = reader.ExpectArray(Reply, "the replicas");
        ImmutableArray<RoleReplica>.Builder replicas = ImmutableArray.CreateBuilder<RoleReplica>();
        for (int i = 0; i < count; i++)
        {
            string what = $"replica {i}";
            reader.Next(Reply, what);
            int fields = reader.ExpectArray(Reply, what);
            if (fields < 3) ReplyShape.Throw(Reply, what, $"expected host, port and offset, found {fields} elements");
            NodeEndpoint endpoint = ParseEndpoint(ref reader, what);
            replicas.Add(new(endpoint, reader.NextInteger(Reply, what, long.MinValue, long.MaxValue)));
            for (int j = 3; j < fields; j++) reader.Pass(Reply, what);
        }

        return new(NodeRole.Master) { Offset = offset, Replicas = replicas.DrainToImmutable() };
    }

    private static RoleReply ParseReplica(ref RespReader reader)
    {
        NodeEndpoint master = ParseEndpoint(ref reader, "the master");
        string link = reader.NextText(Reply, "the link");
        return new(NodeRole.Replica) { Master = master, Link = link, Offset = reader.NextInteger(Reply, "the offset", long.MinValue, long.MaxValue) };
    }

    private static RoleReply ParseSentinel(ref RespReader reader)
    {
        reader.Next(Reply, "the watched masters");
        int count = reader.ExpectArray(Reply, "the watched masters");
        ImmutableArray<string>.Builder names = ImmutableArray.CreateBuilder<string>();
        for (int i = 0; i < count; i++) names.Add(reader.NextText(Reply, $"watched master {i}"));
        return new((NodeRole?)null) { WatchedMasters = names.DrainToImmutable() };
    }

    private static NodeEndpoint ParseEndpoint(ref RespReader reader, string what)
    {
        string host = reader.NextText(Reply, what);
        return new(host, (int)reader.NextInteger(Reply, what, 0, ushort.MaxValue));
    }
}
