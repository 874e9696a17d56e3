// Servers of the harness's own, started and stopped by ClusterClient.Testing.
namespace ClusterClient.Bench.Load;

using ClusterClient.Testing;

internal sealed class StartedServer : IAsyncDisposable
{
    private const int Replicas = 2;

    private readonly LocalTopology _topology;

    private StartedServer(LocalTopology topology, bool isCluster, int replicas = 0)
    {
        _topology = topology;
        Node[] nodes = [.. topology.Nodes.Select(node => new Node(node.Host, node.Port))];
        Target = new Target("", nodes[..^replicas], isCluster, topology.Tls?.CaPath) { Replicas = nodes[^replicas..] };
    }

    public Target Target { get; }

    public static async Task<StartedServer> StartAsync(TopologyKind kind, LoadOptions options, CancellationToken cancellationToken)
    {
        var how = new LocalTopologyOptions { ServerPath = options.ServerPath, UseTls = kind == TopologyKind.Tls };
        try
        {
            return kind switch
            {
                TopologyKind.Cluster => new StartedServer(await LocalTopology.StartClusterAsync(options.Masters, replicasPerMaster: 0, how, cancellationToken), isCluster: true),
                TopologyKind.Replicas => new StartedServer(await LocalTopology.StartClusterAsync(masters: 1, Replicas, how, cancellationToken), isCluster: true, Replicas),
                _ => new StartedServer(await LocalTopology.StartStandaloneAsync(how, cancellationToken), isCluster: false),
            };
        }
        catch (LocalTopologyException failure)
        {
            throw new InvalidOperationException(failure.Message, failure);
        }
    }

    public ValueTask DisposeAsync() => _topology.DisposeAsync();
}
