// GarnetClient as its users use it: one client, awaited calls, string keys.
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Garnet.client;
using Garnet.common;

namespace ClusterClient.Bench.Load;

internal sealed class GarnetLoadClient(GarnetClient client) : ILoadClient
{
    [ModuleInitializer]
    internal static void Announce() => ContenderCatalog.Add(new InProcessContender("garnet-client", ConnectAsync, WhyNot));

    public Task RunAsync(Workload workload, DataSet data, RunWindow window)
    {
        var get = new Get(client, data.Keys, data.Value.Length);
        var set = new Set(client, data.Keys, Encoding.ASCII.GetString(data.Value));
        return workload.Operation switch
        {
            Operation.Get => Callers.RunAsync<string, Get>(get, workload, data, window),
            Operation.GetLease => Callers.RunAsync<MemoryResult<byte>, GetLease>(
                new GetLease(client, data.Keys, data.Value.Length), workload, data, window),
            Operation.GetNumber => Callers.RunAsync<string, GetNumber>(new GetNumber(client, data.Keys), workload, data, window),
            Operation.Set => Callers.RunAsync<bool, Set>(set, workload, data, window),
            Operation.Increment => Callers.RunAsync<long, Increment>(new Increment(client, data.Keys), workload, data, window),
            Operation.Mixed => Callers.RunMixedAsync<string, Get, bool, Set>(get, set, workload, data, window),
            Operation.GetMany or Operation.GetManyOneSlot => Callers.RunAsync<string[], GetMany>(new GetMany(client, data.Groups), workload, data, window),
            _ => throw new InvalidOperationException($"No call for {workload.Operation}."),
        };
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string? WhyNot(Target target, Workload workload) =>
        workload.Disturbance == Disturbance.HugeValueInBulk ? "has no second connection" : workload.Operation == Operation.FanOut ? "has no subscriptions" : target.IsCluster ? "does not know clusters" : target.IsTls ? "TLS is not wired up here" : null;

    private static async Task<ILoadClient> ConnectAsync(Target target, CancellationToken cancellationToken)
    {
        Node node = target.Masters[0];
        var client = new GarnetClient(new IPEndPoint(IPAddress.Parse(node.Host), node.Port));
        await client.ConnectAsync(cancellationToken);
        return new GarnetLoadClient(client);
    }

    private readonly struct Get(GarnetClient client, string[] keys, int length) : IOperation<string>
    {
        public ValueTask<string> Start(int key) => new(client.StringGetAsync(keys[key]));

        public bool Finish(string reply) => reply.Length == length;
    }

    private readonly struct GetLease(GarnetClient client, string[] keys, int length) : IOperation<MemoryResult<byte>>
    {
        public ValueTask<MemoryResult<byte>> Start(int key) => new(client.StringGetAsMemoryAsync(keys[key]));

        public bool Finish(MemoryResult<byte> reply)
        {
            using (reply) return reply.Length == length;
        }
    }

    private readonly struct GetNumber(GarnetClient client, string[] keys) : IOperation<string>
    {
        public ValueTask<string> Start(int key) => new(client.StringGetAsync(keys[key]));

        public bool Finish(string reply) => long.Parse(reply, System.Globalization.CultureInfo.InvariantCulture) == DataSet.Number;
    }

    private readonly struct Set(GarnetClient client, string[] keys, string value) : IOperation<bool>
    {
        public ValueTask<bool> Start(int key) => new(client.StringSetAsync(keys[key], value));

        public bool Finish(bool reply) => reply;
    }

    private readonly struct Increment(GarnetClient client, string[] keys) : IOperation<long>
    {
        public ValueTask<long> Start(int key) => new(client.StringIncrement(keys[key]));

        public bool Finish(long reply) => reply > 0;
    }

    private readonly struct GetMany(GarnetClient client, string[][] groups) : IOperation<string[]>
    {
        public ValueTask<string[]> Start(int key) => new(client.StringGetAsync(groups[key]));

        public bool Finish(string[] reply) => reply.Length == OperationTraits.ManyKeys && reply[^1] is not null;
    }
}
