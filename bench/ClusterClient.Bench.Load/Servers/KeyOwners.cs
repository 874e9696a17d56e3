// Which master owns a key, as the servers themselves say; for preparing data and for the floor, which has no slot map.
namespace ClusterClient.Bench.Load;

internal sealed class KeyOwners : IAsyncDisposable
{
    private readonly Dictionary<Node, AdminConnection> _connections = [];
    private readonly List<(long First, long Last, Node Owner)> _ranges = [];
    private readonly Target _target;

    private KeyOwners(Target target) => _target = target;

    public static async Task<KeyOwners> ConnectAsync(Target target, CancellationToken cancellationToken)
    {
        var owners = new KeyOwners(target);
        try
        {
            foreach (Node node in target.Masters)
                owners._connections[node] = await AdminConnection.ConnectAsync(target, node, cancellationToken);

            if (target.IsCluster) await owners.ReadSlotsAsync(cancellationToken);
            return owners;
        }
        catch
        {
            await owners.DisposeAsync();
            throw;
        }
    }

    public AdminConnection ConnectionTo(Node node) => _connections[node];

    public async Task<Node> OwnerOfAsync(string key, CancellationToken cancellationToken)
    {
        if (!_target.IsCluster) return _target.Masters[0];
        object? slot = await _connections[_target.Masters[0]].ExecuteAsync($"CLUSTER KEYSLOT {key}", cancellationToken);
        return _ranges.First(range => range.First <= (long)slot! && (long)slot! <= range.Last).Owner;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (AdminConnection connection in _connections.Values) await connection.DisposeAsync();
    }

    private async Task ReadSlotsAsync(CancellationToken cancellationToken)
    {
        object? reply = await _connections[_target.Masters[0]].ExecuteAsync("CLUSTER SLOTS", cancellationToken);
        foreach (object?[] range in ((object?[])reply!).Cast<object?[]>())
        {
            // first slot, last slot, [host, port, …] of the master, then of each replica
            long port = (long)((object?[])range[2]!)[1]!;
            Node owner = _target.Masters.Single(node => node.Port == port);
            _ranges.Add(((long)range[0]!, (long)range[1]!, owner));
        }
    }
}
