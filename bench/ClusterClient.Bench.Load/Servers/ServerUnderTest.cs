// The server under load: one that is given, or one that is started here and stopped at the end.
namespace ClusterClient.Bench.Load;

internal sealed class ServerUnderTest : IAsyncDisposable
{
    private readonly IAsyncDisposable? _started;

    private ServerUnderTest(Target target, IAsyncDisposable? started)
    {
        Target = target;
        _started = started;
    }

    public Target Target { get; }

    public static async Task<ServerUnderTest> StartAsync(LoadOptions options, CancellationToken cancellationToken)
    {
        if (options.Connect.Count > 0)
        {
            var given = new Target("", options.Connect, options.Topology == TopologyKind.Cluster, options.CaPath);
            return new ServerUnderTest(await DescribeAsync(given, cancellationToken), started: null);
        }

        StartedServer server = await StartedServer.StartAsync(options, cancellationToken);
        try
        {
            return new ServerUnderTest(await DescribeAsync(server.Target, cancellationToken), server);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_started is not null) await _started.DisposeAsync();
    }

    private static async Task<Target> DescribeAsync(Target target, CancellationToken cancellationToken)
    {
        await using AdminConnection connection = await AdminConnection.ConnectAsync(target, target.Masters[0], cancellationToken);
        string version = await ServerStatistics.VersionAsync(connection, cancellationToken);
        string shape = target switch
        {
            { IsCluster: true } => $"cluster of {target.Masters.Count} masters",
            { IsTls: true } => "standalone, TLS",
            _ => "standalone",
        };
        return target with { Description = $"{version}, {shape}" };
    }
}
