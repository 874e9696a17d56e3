// The floor: bare sockets and commands batched by hand, which is what the machine and the server can do.
using System.Runtime.CompilerServices;

namespace ClusterClient.Bench.Load;

/// <summary>
/// All callers' commands of one round go out in one send and their replies are counted, not read. One connection a
/// master; in a cluster each carries its share of the callers.
/// </summary>
internal sealed class RawClient : ILoadClient
{
    private readonly Target _target;
    private readonly List<(Node Node, RawConnection Connection)> _connections = [];

    private RawClient(Target target) => _target = target;

    public SocketCalls? SocketCalls
    {
        get
        {
            SocketCalls sum = default;
            foreach ((_, RawConnection connection) in _connections)
                sum = new SocketCalls(sum.Sends + connection.Calls.Sends, sum.Receives + connection.Calls.Receives);

            return sum;
        }
    }

    [ModuleInitializer]
    internal static void Announce() => ContenderCatalog.Add(new InProcessContender("raw", ConnectAsync));

    public async Task RunAsync(Workload workload, DataSet data, RunWindow window)
    {
        ILookup<Node, string> keys = await KeysByOwnerAsync(data);
        var loops = new List<Task>();
        int left = workload.InFlight;
        for (int i = 0; i < _connections.Count; i++)
        {
            (Node node, RawConnection connection) = _connections[i];
            int share = left / (_connections.Count - i);
            left -= share;
            if (share == 0) continue;
            RawBatch batch = RawBatch.Build(workload, [.. keys[node]], data.Value, share);
            loops.Add(Task.Run(() => connection.RunAsync(batch, window.AddRecorder())));
        }

        await Task.WhenAll(loops);
    }

    public async ValueTask DisposeAsync()
    {
        foreach ((_, RawConnection connection) in _connections) await connection.DisposeAsync();
    }

    private static async Task<ILoadClient> ConnectAsync(Target target, CancellationToken cancellationToken)
    {
        var client = new RawClient(target);
        foreach (Node node in target.Masters)
            client._connections.Add((node, new RawConnection(await target.OpenAsync(node, cancellationToken))));

        return client;
    }

    private async Task<ILookup<Node, string>> KeysByOwnerAsync(DataSet data)
    {
        await using KeyOwners owners = await KeyOwners.ConnectAsync(_target, CancellationToken.None);
        var owned = new List<(Node Owner, string Key)>();
        foreach (string key in data.Keys) owned.Add((await owners.OwnerOfAsync(key, CancellationToken.None), key));
        return owned.ToLookup(pair => pair.Owner, pair => pair.Key);
    }
}
