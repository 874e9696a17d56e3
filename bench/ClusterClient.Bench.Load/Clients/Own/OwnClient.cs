// The client of this repository as its users use it: one client, awaited calls.
using System.Runtime.CompilerServices;

namespace ClusterClient.Bench.Load;

internal sealed class OwnClient(RedisClient redis) : ILoadClient
{
    // The client does not tell; the server's count of reads shows how well sends are batched.
    public SocketCalls? SocketCalls => null;

    [ModuleInitializer]
    internal static void Announce() => ContenderCatalog.Add(new InProcessContender("cluster-client", ConnectAsync));

    public Task RunAsync(Workload workload, DataSet data, RunWindow window) => workload.Operation switch
    {
        Operation.Get => Callers.RunAsync<RedisValue, Get>(new Get(redis), workload, data, window),
        Operation.GetLease => Callers.RunAsync<Lease, GetLease>(new GetLease(redis, data.Value.Length), workload, data, window),
        Operation.GetNumber => Callers.RunAsync<long?, GetNumber>(new GetNumber(redis), workload, data, window),
        Operation.Set => Callers.RunAsync<bool, Set>(new Set(redis, data.Value), workload, data, window),
        Operation.Increment => Callers.RunAsync<long, Increment>(new Increment(redis), workload, data, window),
        _ => throw new InvalidOperationException($"No call for {workload.Operation}."),
    };

    public ValueTask DisposeAsync() => redis.DisposeAsync();

    private static async Task<ILoadClient> ConnectAsync(Target target, CancellationToken cancellationToken)
    {
        RedisClientOptions options = RedisClientOptions.Parse($"{(target.IsTls ? "rediss" : "redis")}://{target.Endpoints}");
        if (target.CaPath is not null) options.RemoteCertificateValidation = PrivateTrust.Validation(target.CaPath);
        return new OwnClient(await RedisClient.ConnectAsync(options, cancellationToken));
    }

    private readonly struct Get(RedisClient redis) : IOperation<RedisValue>
    {
        public ValueTask<RedisValue> Start(string key) => redis.StringGetAsync(key);

        public bool Finish(RedisValue reply) => !reply.IsNull;
    }

    private readonly struct GetLease(RedisClient redis, int length) : IOperation<Lease>
    {
        public ValueTask<Lease> Start(string key) => redis.StringGetLeaseAsync(key);

        public bool Finish(Lease reply)
        {
            using (reply) return reply.Length == length;
        }
    }

    private readonly struct GetNumber(RedisClient redis) : IOperation<long?>
    {
        public ValueTask<long?> Start(string key) => redis.StringGetAsync<long>(key);

        public bool Finish(long? reply) => reply == DataSet.Number;
    }

    private readonly struct Set(RedisClient redis, byte[] value) : IOperation<bool>
    {
        public ValueTask<bool> Start(string key) => redis.StringSetAsync(key, value);

        public bool Finish(bool reply) => reply;
    }

    private readonly struct Increment(RedisClient redis) : IOperation<long>
    {
        public ValueTask<long> Start(string key) => redis.StringIncrementAsync(key);

        public bool Finish(long reply) => reply > 0;
    }
}
