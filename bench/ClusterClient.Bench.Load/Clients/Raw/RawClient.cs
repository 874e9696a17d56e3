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

    [ModuleInitializer]
    internal static void Announce() => ContenderCatalog.Add(new InProcessContender("raw", ConnectAsync, WhyNot));

    public async Task RunAsync(Workload workload, DataSet data, RunWindow window)
    {
        if (workload.Operation == Operation.GetFromReplicas)
        {
            await RunOnReplicasAsync(workload, data, window);
            return;
        }

        Dictionary<string, Node> owners = await OwnersAsync(data);
        if (workload.Operation == Operation.FanOut) await RawFanOut.RunAsync(_target, workload, data.Value, window);
        else if (workload.Rate is int rate) await RunOpenAsync(rate, workload, data, owners, window);
        else if (workload.Operation == Operation.GetMany && _target.IsCluster) await RunInStepAsync(workload, data, owners, window);
        else await RunSharesAsync(workload, data, _ => owners, window);
    }

    public async ValueTask DisposeAsync()
    {
        foreach ((_, RawConnection connection) in _connections) await connection.DisposeAsync();
    }

    private static string? WhyNot(Target target, Workload workload) => workload switch
    {
        { Disturbance: not Disturbance.None } => "has no callers to disturb",
        { Operation: Operation.Set or Operation.Mixed } when (long)workload.ValueBytes * workload.InFlight > RawBatch.MostBytes => "its batch would not fit into memory",
        _ => null,
    };

    private static async Task<ILoadClient> ConnectAsync(Target target, CancellationToken cancellationToken)
    {
        var client = new RawClient(target);
        foreach (Node node in target.Masters)
            client._connections.Add((node, new RawConnection(await target.OpenAsync(node, cancellationToken))));

        return client;
    }

    // Each connection carries its share of the callers, at its own pace.
    private Task RunSharesAsync(Workload workload, DataSet data, Func<Node, Dictionary<string, Node>> ownersFor, RunWindow window)
    {
        var loops = new List<Task>();
        foreach ((Node node, RawConnection connection, int share) in Shares(workload.InFlight))
        {
            if (share == 0) continue;
            RawBatch batch = RawBatch.Of(Commands(workload, data, ownersFor(node), node).Take(share));
            loops.Add(Task.Run(() => RawConnection.RunAsync([(connection, batch)], share, window.AddRecorder())));
        }

        return Task.WhenAll(loops);
    }

    // Every replica has every key; each carries its share of the callers.
    private async Task RunOnReplicasAsync(Workload workload, DataSet data, RunWindow window)
    {
        foreach ((_, RawConnection toMaster) in _connections) await toMaster.DisposeAsync();
        _connections.Clear();
        foreach (Node node in _target.Replicas)
        {
            var connection = new RawConnection(await _target.OpenAsync(node, CancellationToken.None));
            _connections.Add((node, connection));
            await connection.SendAsync("READONLY\r\n"u8.ToArray());
            for (long left = "+OK\r\n".Length; left > 0;) left -= connection.Account(await connection.ReceiveAsync(), isLines: false, mayBeError: true);
        }

        await RunSharesAsync(workload, data, node => data.Keys.ToDictionary(key => key, _ => node), window);
    }

    // Keys over all slots, of which no two are likely to share one: each is a command of its own, and a turn ends when all are answered.
    private Task RunInStepAsync(Workload workload, DataSet data, Dictionary<string, Node> owners, RunWindow window)
    {
        IEnumerable<string> keys = Enumerable.Range(0, workload.InFlight).SelectMany(i => data.Groups[i % data.Count]);
        ILookup<Node, RawCommand> commands = keys.ToLookup(key => owners[key], key => RawCommand.For(Operation.Get, [key], data.Value));
        (RawConnection, RawBatch)[] pairs = [.. _connections.Select(pair => (pair.Connection, RawBatch.Of(commands[pair.Node])))];
        return Task.Run(() => RawConnection.RunAsync(pairs, workload.InFlight, window.AddRecorder()));
    }

    private async Task RunOpenAsync(int rate, Workload workload, DataSet data, Dictionary<string, Node> owners, RunWindow window)
    {
        RawOpenLoop[] loops =
        [
            .. _connections.Select(pair => new RawOpenLoop(
                pair.Connection,
                RawBatch.Of(Commands(workload, data, owners, pair.Node).Take(RawOpenLoop.BatchCommands)),
                window.AddRecorder())),
        ];
        Task receiving = Task.WhenAll(loops.Select(loop => Task.Run(loop.ReceiveAsync)));
        Task pacing = Pacer.RunAsync(rate, window, (_, count, due) =>
        {
            for (int i = 0, left = count; i < loops.Length; i++)
            {
                int share = left / (loops.Length - i);
                left -= share;
                if (share > 0) loops[i].Send(share, due);
            }
        });
        await await Task.WhenAny(pacing, receiving);
    }

    private IEnumerable<(Node Node, RawConnection Connection, int Share)> Shares(int commands)
    {
        for (int i = 0, left = commands; i < _connections.Count; i++)
        {
            int share = left / (_connections.Count - i);
            left -= share;
            yield return (_connections[i].Node, _connections[i].Connection, share);
        }
    }

    // Without end: the commands whose keys the node owns, over and over.
    private static IEnumerable<RawCommand> Commands(Workload workload, DataSet data, Dictionary<string, Node> owners, Node node)
    {
        string[][] all = data.Groups.Length > 0 ? data.Groups : [.. data.Keys.Select(key => (string[])[key])];
        string[][] own = [.. all.Where(keys => owners[keys[0]] == node)];
        for (int i = 0; ; i++)
        {
            Operation operation = workload.Operation != Operation.Mixed ? workload.Operation
                : i % OperationTraits.WriteEvery == 0 ? Operation.Set : Operation.Get;
            yield return RawCommand.For(operation, own[i % own.Length], data.Value);
        }
    }

    private async Task<Dictionary<string, Node>> OwnersAsync(DataSet data)
    {
        await using KeyOwners owners = await KeyOwners.ConnectAsync(_target, CancellationToken.None);
        var owned = new Dictionary<string, Node>();
        foreach (string key in data.Keys) owned[key] = await owners.OwnerOfAsync(key, CancellationToken.None);
        return owned;
    }
}
