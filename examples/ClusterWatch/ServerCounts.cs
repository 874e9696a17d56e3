// The servers' own counts, for a deployment that others use: this program sends it nothing but questions.
using System.Globalization;
using ClusterClient;

namespace ClusterWatch;

/// <summary>Asks each node for INFO stats twice a second.</summary>
internal sealed class ServerCounts(RedisClient redis, NodeMeters meters) : IAsyncDisposable
{
    private static readonly TimeSpan _period = TimeSpan.FromMilliseconds(500);
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    internal void Start() => _loop = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.WhenAll(redis.Topology.Nodes.Where(static node => node.IsAvailable).Select(AskAsync));
            await Task.Delay(_period, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AskAsync(TopologyNode node)
    {
        try
        {
            ServerInfo stats = await redis.OnNode(node).WithTimeout(TimeSpan.FromSeconds(1)).InfoAsync("stats", _stop.Token);
            NodeCounts counts = meters.Of(node.Endpoint);
            if (Read(stats, "total_commands_processed") is { } commands) Volatile.Write(ref counts.Commands, commands);
            if (Read(stats, "total_error_replies") is { } errors) Volatile.Write(ref counts.Errors, errors);
        }
        catch (Exception failure) when (failure is RedisException or OperationCanceledException)
        {
            // It has no rate then; what is wrong with it, the topology tells.
        }
    }

    private static long? Read(ServerInfo stats, string name)
        => long.TryParse(stats[name], NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null;
}
