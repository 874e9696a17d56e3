// The client of this repository as its users use it: one client, awaited calls.
using System.Runtime.CompilerServices;

namespace ClusterClient.Bench.Load;

internal sealed class OwnClient(RedisClient redis, OwnCallStyle style) : ILoadClient
{
    private readonly ICommandExecutor _executor = style.View(redis);

    [ModuleInitializer]
    internal static void Announce() => ContenderCatalog.Add(With("cluster-client", static () => new OwnCallStyle()));

    /// <summary>A contender that makes its calls in another style.</summary>
    public static InProcessContender With(string name, Func<OwnCallStyle> style) =>
        new(name, (target, cancellationToken) => ConnectAsync(target, style(), cancellationToken));

    public Task RunAsync(Workload workload, DataSet data, RunWindow window)
    {
        var get = new Get(_executor, data.Keys);
        var set = new Set(_executor, data.Keys, data.Value);
        return workload.Operation switch
        {
            Operation.Get => Callers.RunAsync<RedisValue, Get>(get, workload, data, window),
            Operation.GetFromReplicas => Callers.RunAsync<RedisValue, Get>(new Get(redis.WithReadFrom(ReadFrom.Replica), data.Keys), workload, data, window),
            Operation.GetLease => Callers.RunAsync<Lease, GetLease>(
                new GetLease(_executor, LargeOf(workload, data), data.Keys, data.Value.Length, style.Token), workload, data, window),
            Operation.GetNumber => Callers.RunAsync<long?, GetNumber>(new GetNumber(_executor, data.Keys), workload, data, window),
            Operation.Set => Callers.RunAsync<bool, Set>(set, workload, data, window),
            Operation.Increment => Callers.RunAsync<long, Increment>(new Increment(_executor, data.Keys), workload, data, window),
            Operation.Mixed => Callers.RunMixedAsync<RedisValue, Get, bool, Set>(get, set, workload, data, window),
            Operation.GetMany or Operation.GetManyOneSlot => Callers.RunAsync<RedisValue[], GetMany>(
                new GetMany(_executor, [.. data.Groups.Select(group => Array.ConvertAll(group, key => (RedisKey)key))]), workload, data, window),
            Operation.FanOut => FanOutAsync(workload, data, window),
            _ => throw new InvalidOperationException($"No call for {workload.Operation}."),
        };
    }

    private async Task FanOutAsync(Workload workload, DataSet data, RunWindow window)
    {
        var fanOut = new FanOut(workload, data.Value, window);
        RedisSubscription[] subscriptions = await Task.WhenAll(Enumerable.Range(0, workload.Callers).Select(_ => redis.SubscribeAsync(FanOut.Channel).AsTask()));
        Task[] reading = [.. subscriptions.Select(subscription => Task.Run(() => ReadAsync(subscription, fanOut.AddSubscriber())))];
        await fanOut.PublishAsync<long, Publish>(new Publish(_executor, fanOut.Payload));
        foreach (RedisSubscription subscription in subscriptions) await subscription.DisposeAsync();
        await Task.WhenAll(reading);
    }

    private static async Task ReadAsync(RedisSubscription subscription, FanOutSubscriber subscriber)
    {
        await foreach (RedisMessage message in subscription)
        {
            if (message.FollowsGap) throw new InvalidDataException("A message was lost.");
            subscriber.Received(((ReadOnlyMemory<byte>)message.Value).Span);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await redis.DisposeAsync();
        style.Dispose();
    }

    private static async Task<ILoadClient> ConnectAsync(Target target, OwnCallStyle style, CancellationToken cancellationToken)
    {
        RedisClientOptions options = RedisClientOptions.Parse($"{(target.IsTls ? "rediss" : "redis")}://{target.Endpoints}");
        if (target.CaPath is not null) options.RemoteCertificateValidation = PrivateTrust.Validation(target.CaPath);
        return new OwnClient(await RedisClient.ConnectAsync(options, cancellationToken), style);
    }

    private readonly struct Get(ICommandExecutor redis, string[] keys) : IOperation<RedisValue>
    {
        public ValueTask<RedisValue> Start(int key) => redis.StringGetAsync(keys[key]);

        public bool Finish(RedisValue reply) => !reply.IsNull;
    }

    /// <summary>The key of the value that goes over the bulk connection, if one does, and the view that does it.</summary>
    private (int Key, ICommandExecutor Bulk)? LargeOf(Workload workload, DataSet data)
        => workload.Disturbance == Disturbance.HugeValueInBulk ? (data.LargeKey!.Value, redis.WithBulkConnection().WithTimeout(TimeSpan.FromMinutes(1))) : null;

    private readonly struct GetLease(ICommandExecutor redis, (int Key, ICommandExecutor Bulk)? large, string[] keys, int length, CancellationToken token) : IOperation<Lease>
    {
        public ValueTask<Lease> Start(int key) => (large is { } apart && apart.Key == key ? apart.Bulk : redis).StringGetLeaseAsync(keys[key], token);

        public bool Finish(Lease reply)
        {
            using (reply) return reply.Length == length;
        }
    }

    private readonly struct GetNumber(ICommandExecutor redis, string[] keys) : IOperation<long?>
    {
        public ValueTask<long?> Start(int key) => redis.StringGetAsync<long>(keys[key]);

        public bool Finish(long? reply) => reply == DataSet.Number;
    }

    private readonly struct Set(ICommandExecutor redis, string[] keys, byte[] value) : IOperation<bool>
    {
        public ValueTask<bool> Start(int key) => redis.StringSetAsync(keys[key], value);

        public bool Finish(bool reply) => reply;
    }

    private readonly struct Increment(ICommandExecutor redis, string[] keys) : IOperation<long>
    {
        public ValueTask<long> Start(int key) => redis.StringIncrementAsync(keys[key]);

        public bool Finish(long reply) => reply > 0;
    }

    private readonly struct Publish(ICommandExecutor redis, byte[] payload) : IOperation<long>
    {
        public ValueTask<long> Start(int key) => redis.PublishAsync(FanOut.Channel, payload);

        public bool Finish(long reply) => reply == 1;
    }

    private readonly struct GetMany(ICommandExecutor redis, RedisKey[][] groups) : IOperation<RedisValue[]>
    {
        public ValueTask<RedisValue[]> Start(int key) => redis.StringGetAsync(groups[key]);

        public bool Finish(RedisValue[] reply) => reply.Length == OperationTraits.ManyKeys && !reply[^1].IsNull;
    }
}
