// Reads the map (flat array in RESP2) that answers HELLO.
using ClusterClient.Protocol;

namespace ClusterClient.Topology.Replies;

internal sealed class HelloParser : ReplyParser<HelloReply>
{
    private const string Reply = "HELLO";

    private HelloParser()
    {
    }

    public static HelloParser Instance { get; } = new();

    public override HelloReply Parse(ref RespReader reader)
    {
        int pairs = reader.ExpectMap(Reply, "the reply");
        var hello = new HelloReply();
        for (int i = 0; i < pairs; i++)
        {
            string name = reader.NextText(Reply, "a field's name");
            hello = name switch
            {
                "server" => hello with { Server = reader.NextText(Reply, name) },
                "version" => hello with { Version = reader.NextText(Reply, name) },
                "proto" => hello with { Protocol = (int)reader.NextInteger(Reply, name, 0, int.MaxValue) },
                "id" => hello with { ConnectionId = reader.NextInteger(Reply, name, long.MinValue, long.MaxValue) },
                "mode" => hello with { Mode = reader.NextText(Reply, name) },
                "role" => hello with { Role = RoleOf(reader.NextText(Reply, name)) },
                "availability_zone" => hello with { AvailabilityZone = reader.NextTextOrNull(Reply, name) is { Length: > 0 } zone ? zone : null },
                _ => PassOver(ref reader, hello),
            };
        }

        return hello;
    }

    private static NodeRole? RoleOf(string role) => role switch
    {
        "master" => NodeRole.Master,
        "replica" or "slave" => NodeRole.Replica,
        _ => null,
    };

    private static HelloReply PassOver(ref RespReader reader, HelloReply hello)
    {
        reader.Pass(Reply, "a field that is not known");
        return hello;
    }
}
