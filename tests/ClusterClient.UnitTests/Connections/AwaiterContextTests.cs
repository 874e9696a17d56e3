// What is the awaiter's own stays its own: its context, its scheduler, what flows with it. And none of it is the connection's.
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ClusterClient.Connections;
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Connections;

public class AwaiterContextTests
{
    private static ReadOnlySpan<byte> Ping => "*1\r\n$4\r\nPING\r\n"u8;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pending_send_does_not_go_on_in_the_callers_context(bool scheduler)
    {
        FullTransport transport = new();
        Connection connection = new(transport, new NodeEndpoint("full", 1), new ConnectionLimits(1000, 1 << 20), RespLimits.Default);
        connection.Start();
        ScriptedConnection redis = new(connection);
        Task first;
        if (scheduler)
        {
            ManualScheduler dead = new();
            Task<Task> outer = new(async () => await redis.PingAsync());
            outer.Start(dead);
            await Task.Run(dead.RunOne);
            first = outer.Unwrap();
        }
        else
        {
            Task? begun = null;
            Thread ui = new(() =>
            {
                SynchronizationContext.SetSynchronizationContext(new DeadContext());
                begun = redis.PingAsync().AsTask();
            });
            ui.Start();
            ui.Join();
            first = begun!;
        }

        await Until.HoldsAsync(() => transport.Sends == 1);
        Task second = Task.Run(async () => await redis.PingAsync());
        transport.Free();
        await Until.HoldsAsync(() => transport.SentBytes == 2 * Ping.Length);
        await redis.CloseAsync();
        await Until.FailsAsync<RedisConnectionException>(second);
        Assert.False(first.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_receive_does_not_go_on_in_the_starters_context()
    {
        ScriptedConnection redis = null!;
        ScriptedTransport transport = null!;
        Thread ui = new(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new DeadContext());
            transport = new();
            Connection connection = new(new Yielding(transport), new NodeEndpoint("scripted", 1), new ConnectionLimits(1000, 1 << 20), RespLimits.Default);
            connection.Start();
            redis = new ScriptedConnection(connection);
        });
        ui.Start();
        ui.Join();
        Task<TimeSpan> call = Task.Run(async () => await redis.PingAsync());
        await Until.HoldsAsync(() => transport.SentBytes == Ping.Length);
        transport.Deliver("+PONG\r\n"u8.ToArray());
        await Until.EndsAsync(call);
        await redis.CloseAsync();
    }

    [Fact]
    public async Task A_failure_flows_the_execution_context()
    {
        (ScriptedConnection redis, ScriptedTransport transport) = ScriptedConnection.Open();
        AsyncLocal<int> name = new();
        TaskCompletionSource<int> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await Task.Run(() =>
        {
            name.Value = 7;
            ValueTaskAwaiter<TimeSpan> awaiter = redis.PingAsync().GetAwaiter();
            awaiter.OnCompleted(() => seen.SetResult(name.Value));
        });
        await Until.HoldsAsync(() => transport.SentBytes == Ping.Length);
        await redis.CloseAsync();
        Assert.Equal(7, await seen.Task);
    }

    [Fact]
    public async Task The_execution_context_flows_through_an_own_scheduler()
    {
        (ScriptedConnection redis, ScriptedTransport transport) = ScriptedConnection.Open();
        TaskScheduler own = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        AsyncLocal<int> name = new();
        TaskCompletionSource<int> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await Task.Factory.StartNew(() =>
        {
            name.Value = 7;
            redis.PingAsync().GetAwaiter().OnCompleted(() => seen.SetResult(name.Value));
        }, CancellationToken.None, TaskCreationOptions.None, own);
        name.Value = 0;
        transport.Deliver("+PONG\r\n"u8.ToArray());
        Assert.Equal(7, await Until.EndsAsync(seen.Task));
        await redis.CloseAsync();
    }

    [Fact]
    public async Task What_one_bare_continuation_sets_is_not_seen_by_the_next()
    {
        (ScriptedConnection redis, ScriptedTransport transport) = ScriptedConnection.Open();
        AsyncLocal<int> tenant = new();
        int leakedValues = 0, leakedContexts = 0, done = 0;
        await Task.Run(() =>
        {
            for (int i = 0; i < 50; i++)
            {
                ConfiguredValueTaskAwaitable<TimeSpan>.ConfiguredValueTaskAwaiter awaiter = redis.PingAsync().ConfigureAwait(false).GetAwaiter();
                awaiter.UnsafeOnCompleted(() =>
                {
                    awaiter.GetResult();
                    if (tenant.Value != 0) Interlocked.Increment(ref leakedValues);
                    if (SynchronizationContext.Current is not null) Interlocked.Increment(ref leakedContexts);
                    tenant.Value = 42;
                    SynchronizationContext.SetSynchronizationContext(new DeadContext());
                    Interlocked.Increment(ref done);
                });
            }
        });
        await Until.HoldsAsync(() => transport.SentBytes == 50 * Ping.Length);
        transport.Deliver(Replies(50));
        await Until.HoldsAsync(() => Volatile.Read(ref done) == 50);
        Assert.Equal((0, 0), (leakedValues, leakedContexts));
        await redis.CloseAsync();
    }

    [Fact]
    public async Task What_one_async_method_without_flow_sets_is_not_seen_by_the_next()
    {
        (ScriptedConnection redis, ScriptedTransport transport) = ScriptedConnection.Open();
        AsyncLocal<int> tenant = new();
        Task<int>[] calls = null!;
        await Task.Run(() =>
        {
            using (ExecutionContext.SuppressFlow()) calls = [.. Enumerable.Range(0, 50).Select(_ => CallAsync())];
        });
        await Until.HoldsAsync(() => transport.SentBytes == 50 * Ping.Length);
        transport.Deliver(Replies(50));
        Assert.DoesNotContain(42, await Until.EndsAsync(Task.WhenAll(calls)));
        await redis.CloseAsync();

        async Task<int> CallAsync()
        {
            await redis.PingAsync().ConfigureAwait(false);
            int seen = tenant.Value;
            tenant.Value = 42;
            return seen;
        }
    }

    private static ReadOnlyMemory<byte> Replies(int count) => Enumerable.Repeat("+PONG\r\n"u8.ToArray(), count).SelectMany(static reply => reply).ToArray();

    private sealed class DeadContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }

    private sealed class ManualScheduler : TaskScheduler
    {
        private readonly ConcurrentQueue<Task> _tasks = new();

        public void RunOne()
        {
            Assert.True(_tasks.TryDequeue(out Task? task));
            TryExecuteTask(task);
        }

        protected override void QueueTask(Task task) => _tasks.Enqueue(task);

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task> GetScheduledTasks() => _tasks;
    }

    private sealed class Yielding(ScriptedTransport inner) : Transport
    {
        public override async ValueTask<int> ReceiveAsync(Memory<byte> buffer) => await Task.Run(async () => await inner.ReceiveAsync(buffer)).ConfigureAwait(false);

        public override ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => inner.SendAsync(bytes);

        public override void Dispose() => inner.Dispose();
    }

    private sealed class FullTransport : Transport
    {
        private readonly TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<int> _receive = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _sends;
        private long _sent;

        public int Sends => Volatile.Read(ref _sends);

        public long SentBytes => Volatile.Read(ref _sent);

        public void Free() => _room.TrySetResult();

        public override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => new(_receive.Task);

        public override ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
        {
            Interlocked.Add(ref _sent, bytes.Length);
            return Interlocked.Increment(ref _sends) == 1 ? new(_room.Task) : ValueTask.CompletedTask;
        }

        public override void Dispose() => _receive.TrySetResult(0);
    }
}
