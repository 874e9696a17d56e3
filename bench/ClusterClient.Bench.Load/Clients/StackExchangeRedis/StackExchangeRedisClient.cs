// StackExchange.Redis as its users use it: one multiplexer, awaited calls.
using System.Runtime.CompilerServices;

namespace ClusterClient.Bench.Load;

// Inside the namespace, so that these names win over those of our own client.
using StackExchange.Redis;

internal sealed class StackExchangeRedisClient(ConnectionMultiplexer multiplexer, bool isCluster) : ILoadClient
{
    private readonly IDatabase _database = multiplexer.GetDatabase();

    [ModuleInitializer]
    internal static void Announce() => ContenderCatalog.Add(new InProcessContender("se", ConnectAsync, static (_, workload) => workload.Disturbance == Disturbance.HugeValueInBulk ? "has no second connection" : null));

    public Task RunAsync(Workload workload, DataSet data, RunWindow window)
    {
        RedisKey[] keys = Array.ConvertAll(data.Keys, key => (RedisKey)key);
        var get = new Get(_database, keys);
        var set = new Set(_database, keys, data.Value);
        return workload.Operation switch
        {
            Operation.Get => Callers.RunAsync<RedisValue, Get>(get, workload, data, window),
            Operation.GetFromReplicas => Callers.RunAsync<RedisValue, Get>(new Get(_database, keys, CommandFlags.DemandReplica), workload, data, window),
            Operation.GetLease => Callers.RunAsync<Lease<byte>?, GetLease>(new GetLease(_database, keys, data.Value.Length), workload, data, window),
            Operation.GetNumber => Callers.RunAsync<RedisValue, GetNumber>(new GetNumber(_database, keys), workload, data, window),
            Operation.Set => Callers.RunAsync<bool, Set>(set, workload, data, window),
            Operation.Increment => Callers.RunAsync<long, Increment>(new Increment(_database, keys), workload, data, window),
            Operation.Mixed => Callers.RunMixedAsync<RedisValue, Get, bool, Set>(get, set, workload, data, window),
            Operation.GetMany when isCluster => Callers.RunAsync<RedisValue[], GetEach>(new GetEach(_database, Groups(data)), workload, data, window),
            Operation.GetMany or Operation.GetManyOneSlot => Callers.RunAsync<RedisValue[], GetMany>(
                new GetMany(_database, Groups(data)), workload, data, window),
            Operation.FanOut => FanOutAsync(workload, data, window),
            _ => throw new InvalidOperationException($"No call for {workload.Operation}."),
        };
    }

    private async Task FanOutAsync(Workload workload, DataSet data, RunWindow window)
    {
        var fanOut = new FanOut(workload, data.Value, window);
        ISubscriber subscriber = multiplexer.GetSubscriber();
        RedisChannel channel = RedisChannel.Literal(FanOut.Channel);
        ChannelMessageQueue[] queues = await Task.WhenAll(Enumerable.Range(0, workload.Callers).Select(_ => subscriber.SubscribeAsync(channel)));
        Task[] reading = [.. queues.Select(queue => Task.Run(() => ReadAsync(queue, fanOut.AddSubscriber())))];
        await fanOut.PublishAsync<long, Publish>(new Publish(_database, channel, fanOut.Payload));
        foreach (ChannelMessageQueue queue in queues) await queue.UnsubscribeAsync();
        await Task.WhenAll(reading);
    }

    private static async Task ReadAsync(ChannelMessageQueue queue, FanOutSubscriber subscriber)
    {
        await foreach (ChannelMessage message in queue) subscriber.Received(((ReadOnlyMemory<byte>)message.Message).Span);
    }

    public ValueTask DisposeAsync() => multiplexer.DisposeAsync();

    private static RedisKey[][] Groups(DataSet data) => [.. data.Groups.Select(group => Array.ConvertAll(group, key => (RedisKey)key))];

    private static async Task<ILoadClient> ConnectAsync(Target target, CancellationToken cancellationToken)
    {
        var options = new ConfigurationOptions { Ssl = target.IsTls };
        foreach (Node node in target.Masters) options.EndPoints.Add(node.Host, node.Port);
        if (target.CaPath is not null) options.TrustIssuer(target.CaPath);
        return new StackExchangeRedisClient(await ConnectionMultiplexer.ConnectAsync(options), target.IsCluster);
    }

    private readonly struct Get(IDatabase database, RedisKey[] keys, CommandFlags flags = CommandFlags.None) : IOperation<RedisValue>
    {
        public ValueTask<RedisValue> Start(int key) => new(database.StringGetAsync(keys[key], flags));

        public bool Finish(RedisValue reply) => !reply.IsNull;
    }

    private readonly struct GetLease(IDatabase database, RedisKey[] keys, int length) : IOperation<Lease<byte>?>
    {
        public ValueTask<Lease<byte>?> Start(int key) => new(database.StringGetLeaseAsync(keys[key]));

        public bool Finish(Lease<byte>? reply)
        {
            using (reply) return reply?.Length == length;
        }
    }

    private readonly struct GetNumber(IDatabase database, RedisKey[] keys) : IOperation<RedisValue>
    {
        public ValueTask<RedisValue> Start(int key) => new(database.StringGetAsync(keys[key]));

        public bool Finish(RedisValue reply) => (long)reply == DataSet.Number;
    }

    private readonly struct Set(IDatabase database, RedisKey[] keys, byte[] value) : IOperation<bool>
    {
        public ValueTask<bool> Start(int key) => new(database.StringSetAsync(keys[key], value));

        public bool Finish(bool reply) => reply;
    }

    private readonly struct Increment(IDatabase database, RedisKey[] keys) : IOperation<long>
    {
        public ValueTask<long> Start(int key) => new(database.StringIncrementAsync(keys[key]));

        public bool Finish(long reply) => reply > 0;
    }

    private readonly struct Publish(IDatabase database, RedisChannel channel, byte[] payload) : IOperation<long>
    {
        public ValueTask<long> Start(int key) => new(database.PublishAsync(channel, payload));

        public bool Finish(long reply) => reply == 1;
    }

    private readonly struct GetMany(IDatabase database, RedisKey[][] groups) : IOperation<RedisValue[]>
    {
        public ValueTask<RedisValue[]> Start(int key) => new(database.StringGetAsync(groups[key]));

        public bool Finish(RedisValue[] reply) => reply.Length == OperationTraits.ManyKeys && !reply[^1].IsNull;
    }

    /// <summary>It refuses an MGET over several slots, so its users get such keys one by one, at once.</summary>
    private readonly struct GetEach(IDatabase database, RedisKey[][] groups) : IOperation<RedisValue[]>
    {
        private readonly Converter<RedisKey, Task<RedisValue>> _get = key => database.StringGetAsync(key);

        public ValueTask<RedisValue[]> Start(int key) => new(Task.WhenAll(Array.ConvertAll(groups[key], _get)));

        public bool Finish(RedisValue[] reply) => reply.Length == OperationTraits.ManyKeys && !reply[^1].IsNull;
    }
}
