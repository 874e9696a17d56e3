// StackExchange.Redis as its users use it: one multiplexer, awaited calls.
using System.Runtime.CompilerServices;

namespace ClusterClient.Bench.Load;

// Inside the namespace, so that these names win over those of our own client.
using StackExchange.Redis;

internal sealed class StackExchangeRedisClient(ConnectionMultiplexer multiplexer) : ILoadClient
{
    private readonly IDatabase _database = multiplexer.GetDatabase();

    public SocketCalls? SocketCalls => null;

    [ModuleInitializer]
    internal static void Announce() => ContenderCatalog.Add(new InProcessContender("se", ConnectAsync));

    public Task RunAsync(Workload workload, DataSet data, RunWindow window) => workload.Operation switch
    {
        Operation.Get => Callers.RunAsync<RedisValue, Get>(new Get(_database), workload, data, window),
        Operation.GetLease => Callers.RunAsync<Lease<byte>?, GetLease>(new GetLease(_database, data.Value.Length), workload, data, window),
        Operation.GetNumber => Callers.RunAsync<RedisValue, GetNumber>(new GetNumber(_database), workload, data, window),
        Operation.Set => Callers.RunAsync<bool, Set>(new Set(_database, data.Value), workload, data, window),
        Operation.Increment => Callers.RunAsync<long, Increment>(new Increment(_database), workload, data, window),
        _ => throw new InvalidOperationException($"No call for {workload.Operation}."),
    };

    public ValueTask DisposeAsync() => multiplexer.DisposeAsync();

    private static async Task<ILoadClient> ConnectAsync(Target target, CancellationToken cancellationToken)
    {
        var options = new ConfigurationOptions { Ssl = target.IsTls };
        foreach (Node node in target.Masters) options.EndPoints.Add(node.Host, node.Port);
        if (target.CaPath is not null) options.TrustIssuer(target.CaPath);
        return new StackExchangeRedisClient(await ConnectionMultiplexer.ConnectAsync(options));
    }

    private readonly struct Get(IDatabase database) : IOperation<RedisValue>
    {
        public ValueTask<RedisValue> Start(string key) => new(database.StringGetAsync(key));

        public bool Finish(RedisValue reply) => !reply.IsNull;
    }

    private readonly struct GetLease(IDatabase database, int length) : IOperation<Lease<byte>?>
    {
        public ValueTask<Lease<byte>?> Start(string key) => new(database.StringGetLeaseAsync(key));

        public bool Finish(Lease<byte>? reply)
        {
            using (reply) return reply?.Length == length;
        }
    }

    private readonly struct GetNumber(IDatabase database) : IOperation<RedisValue>
    {
        public ValueTask<RedisValue> Start(string key) => new(database.StringGetAsync(key));

        public bool Finish(RedisValue reply) => (long)reply == DataSet.Number;
    }

    private readonly struct Set(IDatabase database, byte[] value) : IOperation<bool>
    {
        public ValueTask<bool> Start(string key) => new(database.StringSetAsync(key, value));

        public bool Finish(bool reply) => reply;
    }

    private readonly struct Increment(IDatabase database) : IOperation<long>
    {
        public ValueTask<long> Start(string key) => new(database.StringIncrementAsync(key));

        public bool Finish(long reply) => reply > 0;
    }
}
