// GarnetClient as its users use it: one client, awaited calls, string keys.
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Garnet.client;
using Garnet.common;

namespace ClusterClient.Bench.Load;

internal sealed class GarnetLoadClient(GarnetClient client) : ILoadClient
{
    public SocketCalls? SocketCalls => null;

    [ModuleInitializer]
    internal static void Announce() => ContenderCatalog.Add(new InProcessContender("garnet-client", ConnectAsync, WhyNot));

    public Task RunAsync(Workload workload, DataSet data, RunWindow window) => workload.Operation switch
    {
        Operation.Get => Callers.RunAsync<string, Get>(new Get(client, data.Value.Length), workload, data, window),
        Operation.GetLease => Callers.RunAsync<MemoryResult<byte>, GetLease>(new GetLease(client, data.Value.Length), workload, data, window),
        Operation.GetNumber => Callers.RunAsync<string, GetNumber>(new GetNumber(client), workload, data, window),
        Operation.Set => Callers.RunAsync<bool, Set>(new Set(client, Encoding.ASCII.GetString(data.Value)), workload, data, window),
        Operation.Increment => Callers.RunAsync<long, Increment>(new Increment(client), workload, data, window),
        _ => throw new InvalidOperationException($"No call for {workload.Operation}."),
    };

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string? WhyNot(Target target, Workload workload) =>
        target.IsCluster ? "does not know clusters" : target.IsTls ? "TLS is not wired up here" : null;

    private static async Task<ILoadClient> ConnectAsync(Target target, CancellationToken cancellationToken)
    {
        Node node = target.Masters[0];
        var client = new GarnetClient(new IPEndPoint(IPAddress.Parse(node.Host), node.Port));
        await client.ConnectAsync(cancellationToken);
        return new GarnetLoadClient(client);
    }

    private readonly struct Get(GarnetClient client, int length) : IOperation<string>
    {
        public ValueTask<string> Start(string key) => new(client.StringGetAsync(key));

        public bool Finish(string reply) => reply.Length == length;
    }

    private readonly struct GetLease(GarnetClient client, int length) : IOperation<MemoryResult<byte>>
    {
        public ValueTask<MemoryResult<byte>> Start(string key) => new(client.StringGetAsMemoryAsync(key));

        public bool Finish(MemoryResult<byte> reply)
        {
            using (reply) return reply.Length == length;
        }
    }

    private readonly struct GetNumber(GarnetClient client) : IOperation<string>
    {
        public ValueTask<string> Start(string key) => new(client.StringGetAsync(key));

        public bool Finish(string reply) => long.Parse(reply, System.Globalization.CultureInfo.InvariantCulture) == DataSet.Number;
    }

    private readonly struct Set(GarnetClient client, string value) : IOperation<bool>
    {
        public ValueTask<bool> Start(string key) => new(client.StringSetAsync(key, value));

        public bool Finish(bool reply) => reply;
    }

    private readonly struct Increment(GarnetClient client) : IOperation<long>
    {
        public ValueTask<long> Start(string key) => new(client.StringIncrement(key));

        public bool Finish(long reply) => reply > 0;
    }
}
