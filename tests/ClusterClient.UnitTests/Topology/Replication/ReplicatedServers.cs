// A master with replicas that answers by script: who follows whom, and who is down.
using System.Globalization;
using System.Text;
using ClusterClient.UnitTests.Topology.Support;

namespace ClusterClient.UnitTests.Topology.Replication;

internal sealed class ReplicatedServers
{
    private const string NoPermission = "-NOPERM User app has no permissions to run this command\r\n";
    private readonly Dictionary<int, Server> _servers = [];

    public ScriptedNodes Nodes { get; } = new();

    /// <summary>Whether INFO is denied.</summary>
    public bool DeniesInfo { get; set; }

    /// <summary>Whether ROLE is denied.</summary>
    public bool DeniesRole { get; set; }

    public static NodeEndpoint At(int port) => new("10.0.0.1", port);

    /// <summary>A server that follows another, or none.</summary>
    public ReplicatedServers With(int port, int? follows = null, bool isLinkUp = true, long offset = 100, string id = "a", string previous = "0")
    {
        _servers[port] = new(port, follows, isLinkUp, offset, id, previous);
        foreach (string host in (string[])["10.0.0.1", "alias"]) Nodes.Serve(new NodeEndpoint(host, port), command => Answer(_servers[port], command));
        return this;
    }

    /// <summary>A server that refuses connections.</summary>
    public ReplicatedServers Without(int port)
    {
        _servers.Remove(port);
        foreach (string host in (string[])["10.0.0.1", "alias"]) Nodes.Refuse(new NodeEndpoint(host, port));
        return this;
    }

    /// <summary>A server that died after it was known: nobody hears from it while others answer.</summary>
    public ReplicatedServers Lose(int port)
    {
        _servers.Remove(port);
        foreach (string host in (string[])["10.0.0.1", "alias"]) Nodes.Lose(new NodeEndpoint(host, port));
        return this;
    }

    private string Answer(Server server, string command) => command switch
    {
        "INFO" => DeniesInfo ? NoPermission : Reply.Bulk($"# Server\r\nredis_mode:standalone\r\nrun_id:run{server.Port}\r\n{Info(server)}"),
        "ROLE" => DeniesRole ? NoPermission : Role(server),
        "HELLO" => ScriptedNodes.Hello("standalone", server.Follows is null ? "master" : "replica"),
        _ => $"-ERR unknown command '{command}'\r\n",
    };

    private string Info(Server server)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"role:{(server.Follows is null ? "master" : "slave")}\r\n");
        if (server.Follows is { } master)
            text.Append(CultureInfo.InvariantCulture, $"master_host:10.0.0.1\r\nmaster_port:{master}\r\nmaster_link_status:{(server.IsLinkUp ? "up" : "down")}\r\nslave_repl_offset:{server.Offset}\r\n");
        int number = 0;
        foreach (Server follower in Followers(server))
            text.Append(CultureInfo.InvariantCulture, $"slave{number++}:ip=10.0.0.1,port={follower.Port},state=online,offset={follower.Offset},lag=1,type=replica\r\n");
        text.Append(CultureInfo.InvariantCulture, $"master_replid:{server.Id}\r\nmaster_replid2:{server.Previous}\r\nmaster_repl_offset:{server.Offset}\r\n");
        return text.ToString();
    }

    private string Role(Server server)
    {
        if (server.Follows is { } master)
            return $"*5\r\n{Reply.Bulk("slave")}{Reply.Bulk("10.0.0.1")}:{master}\r\n{Reply.Bulk(server.IsLinkUp ? "connected" : "connect")}:{server.Offset}\r\n";
        string followers = string.Concat(Followers(server).Select(follower =>
            $"*3\r\n{Reply.Bulk("10.0.0.1")}{Reply.Bulk(follower.Port.ToString(CultureInfo.InvariantCulture))}{Reply.Bulk(follower.Offset.ToString(CultureInfo.InvariantCulture))}"));
        return $"*3\r\n{Reply.Bulk("master")}:{server.Offset}\r\n*{Followers(server).Count()}\r\n{followers}";
    }

    private IEnumerable<Server> Followers(Server server) => _servers.Values.Where(other => other.Follows == server.Port && other.IsLinkUp);

    private sealed record Server(int Port, int? Follows, bool IsLinkUp, long Offset, string Id, string Previous);
}
