// The servers under load: those that are given, or one set for each shape, started when first needed and stopped at the end.
namespace ClusterClient.Bench.Load;

internal sealed class ServersUnderTest(LoadOptions options) : IAsyncDisposable
{
    private readonly Dictionary<TopologyKind, Target> _targets = [];
    private readonly List<StartedServer> _started = [];

    /// <summary>What has been under load so far, in words.</summary>
    public string Description => string.Join("; ", _targets.Values.Select(target => target.Description));

    public async Task<Target> GetAsync(TopologyKind kind, CancellationToken cancellationToken)
    {
        if (_targets.TryGetValue(kind, out Target? known)) return known;
        if (kind == TopologyKind.Replicas && options.Connect.Count > 0) throw new ArgumentException("--topology replicas is started here: without --connect.");
        Target target = options.Connect.Count > 0
            ? new Target("", options.Connect, kind == TopologyKind.Cluster, options.CaPath)
            : await StartAsync(kind, cancellationToken);
        return _targets[kind] = await DescribeAsync(target, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (StartedServer server in _started) await server.DisposeAsync();
    }

    private async Task<Target> StartAsync(TopologyKind kind, CancellationToken cancellationToken)
    {
        StartedServer server = await StartedServer.StartAsync(kind, options, cancellationToken);
        _started.Add(server);
        return server.Target;
    }

    private static async Task<Target> DescribeAsync(Target target, CancellationToken cancellationToken)
    {
        await using AdminConnection connection = await AdminConnection.ConnectAsync(target, target.Masters[0], cancellationToken);
        string version = await ServerStatistics.VersionAsync(connection, cancellationToken);
        string shape = target switch
        {
            { Replicas.Count: > 0 } => $"1 master with {target.Replicas.Count} replicas in a cluster",
            { IsCluster: true } => $"cluster of {target.Masters.Count} masters",
            { IsTls: true } => "standalone with TLS",
            _ => "standalone",
        };
        return target with { Description = $"{version}, {shape}" };
    }
}
